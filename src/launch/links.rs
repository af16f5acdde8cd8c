//! Requests the addresses that a page links to, where a suite asks for it. It says what was answered, and judges nothing.

use crate::text;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};
use ureq::Agent;

/// How much of what went wrong is told, in characters.
const TOLD: usize = 200;

/// How long and how many at a time.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// The time of one request, all redirections included.
    pub each: Duration,
    /// The time of all of them.
    pub all: Duration,
    /// How many are made at once, at most.
    pub at_once: usize,
}

/// Requests each address with GET, and says of each, in their order, which status came of it behind all redirections; or
/// in a few words why none came. A body is not read. Proxies of the environment are used.
pub async fn ask(urls: Vec<String>, bounds: Bounds) -> Vec<Result<u16, String>> {
    let late = || Err(format!("no answer within {}, the time for all links", text::duration(bounds.all)));
    let mut answers: Vec<Result<u16, String>> = urls.iter().map(|_| late()).collect();
    let deadline = Instant::now() + bounds.all;
    let (urls, next) = (Arc::new(urls), Arc::new(AtomicUsize::new(0)));
    let (sender, mut receiver) = mpsc::unbounded_channel();
    for number in 0..bounds.at_once.min(urls.len()) {
        let (urls, next, sender, agent) = (urls.clone(), next.clone(), sender.clone(), agent(bounds.each));
        // Nobody waits for these: what has no answer when the time is over does not keep the run from ending.
        let work = move || {
            while let Some(at) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|at| *at < urls.len()) {
                if sender.is_closed() || sender.send((at, request(&agent, &urls[at]))).is_err() {
                    break;
                }
            }
        };
        // Where the system gives no more threads, those that there are do the work.
        let Err(error) = std::thread::Builder::new().name(format!("link-{number}")).spawn(work) else { continue };
        if number == 0 {
            let told = format!("no thread can be started: {error}");
            return answers.into_iter().map(|_| Err(told.clone())).collect();
        }
        break;
    }
    drop(sender);
    while let Ok(Some((at, answer))) = timeout_at(deadline, receiver.recv()).await {
        answers[at] = answer;
    }
    answers
}

fn agent(each: Duration) -> Agent {
    Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(each))
        .user_agent(concat!("airproof/", env!("CARGO_PKG_VERSION"), " (are links alive?)"))
        .build()
        .into()
}

fn request(agent: &Agent, url: &str) -> Result<u16, String> {
    let answer = agent.get(url).call();
    answer
        .map(|response| response.status().as_u16())
        .map_err(|error| text::shorten(&text::visible(&error.to_string()), TOLD))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader, Write};
    use std::net::{TcpListener, TcpStream};

    /// A server that answers with the status in the path after a while; the most requests that it had at once.
    fn server(pause: Duration) -> (String, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let seen = most.clone();
        let answer = move |mut stream: TcpStream, now: &AtomicUsize, most: &AtomicUsize| {
            let mut lines = BufReader::new(stream.try_clone().expect("the same")).lines().map_while(Result::ok);
            let path = lines.next().unwrap_or_default();
            lines.take_while(|line| !line.is_empty()).for_each(drop);
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            std::thread::sleep(pause);
            now.fetch_sub(1, Ordering::SeqCst);
            let status = path.split(['/', ' ']).nth(2).unwrap_or("200").to_owned();
            let location = if status == "302" { "Location: /404\r\n" } else { "" };
            let head = format!("HTTP/1.1 {status} x\r\n{location}Content-Length: 0\r\nConnection: close\r\n\r\n");
            let _ = stream.write_all(head.as_bytes());
        };
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (now, most) = (now.clone(), most.clone());
                std::thread::spawn(move || answer(stream, &now, &most));
            }
        });
        (address, seen)
    }

    fn bounds(all: Duration) -> Bounds {
        Bounds { each: Duration::from_secs(20), all, at_once: 4 }
    }

    #[tokio::test]
    async fn each_address_has_its_status_or_why_there_is_none() {
        let (address, most) = server(Duration::from_millis(40));
        let paths = ["200", "404", "429", "302", "401"];
        let mut urls: Vec<String> = paths.iter().map(|path| format!("{address}/{path}")).collect();
        urls.extend((0..15).map(|number| format!("{address}/200/{number}")));
        urls.push("http://127.0.0.1:1/".to_owned());
        let answers = ask(urls, bounds(Duration::from_secs(60))).await;
        assert_eq!(answers[..5], [Ok(200), Ok(404), Ok(429), Ok(404), Ok(401)]);
        assert!(answers[5..20].iter().all(|answer| *answer == Ok(200)), "{answers:?}");
        assert!(matches!(&answers[20], Err(why) if !why.is_empty()), "{:?}", answers[20]);
        let most = most.load(Ordering::SeqCst);
        assert!((2..=4).contains(&most), "{most} at once");
    }

    #[tokio::test]
    async fn all_of_them_together_take_no_longer_than_is_allowed() {
        let (address, _) = server(Duration::from_secs(15));
        let began = std::time::Instant::now();
        let answers = ask(vec![format!("{address}/200"); 9], bounds(Duration::from_millis(200))).await;
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
        assert!(answers.iter().all(|answer| matches!(answer, Err(why) if why.contains("200 ms"))), "{answers:?}");
    }
}
