//! A step that is an HTTP request.

use crate::launch::LaunchError;
use crate::text;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{CONNECTION, HOST};
use hyper::{Request, Response, Uri};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// What is read of an answer that is told, in bytes.
const MOST_READ: usize = 4096;
/// What is told of it, in characters.
const MOST_TOLD: usize = 200;

/// Sends a request over a connection of its own, and takes the answer.
pub(super) async fn send(
    method: &str,
    url: &str,
    headers: &[(String, String)],
    body: &[u8],
) -> Result<(), LaunchError> {
    // What is wrong with a suite's URL was told when it was read, so that this says no more of it than that.
    let uri: Uri = url.parse().map_err(|_| usage("its URL is none"))?;
    let host = uri.host().filter(|_| uri.scheme_str() == Some("http"));
    let host = host.ok_or_else(|| usage("its URL is not one of `http://`"))?;
    let port = uri.port_u16().unwrap_or(80);
    let server = text::visible(&format!("{host}:{port}"));
    let request = request(&uri, method, headers, body)?;

    let address = (host.trim_matches(['[', ']']), port);
    let stream = TcpStream::connect(address).await.map_err(|error| {
        environment(format!("{server} can't be reached: {error}. See whether the server runs and listens there"))
    })?;
    let gone = |error: hyper::Error| environment(format!("{server} gave no answer: {error}"));
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(gone)?;
    let mut connections = JoinSet::new();
    connections.spawn(connection);
    let response = sender.send_request(request).await.map_err(gone)?;
    if response.status().is_success() {
        return Ok(());
    }
    Err(environment(refusal(&server, response).await))
}

fn request(
    uri: &Uri,
    method: &str,
    headers: &[(String, String)],
    body: &[u8],
) -> Result<Request<Full<Bytes>>, LaunchError> {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut builder = Request::builder().method(method).uri(path).header(CONNECTION, "close");
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(HOST.as_str())) {
        builder = builder.header(HOST, uri.authority().map_or("", |authority| authority.as_str()));
    }
    for (name, value) in headers {
        builder = builder.header(name, value);
    }
    let body = Full::new(Bytes::copy_from_slice(body));
    builder.body(body).map_err(|error| usage(&format!("its request can't be made: {error}")))
}

/// What an answer says that is no success.
async fn refusal(server: &str, response: Response<Incoming>) -> String {
    let status = response.status();
    let mut body = response.into_body();
    let mut kept = Vec::new();
    while kept.len() < MOST_READ
        && let Some(Ok(frame)) = body.frame().await
    {
        if let Ok(data) = frame.into_data() {
            kept.extend_from_slice(&data[..data.len().min(MOST_READ - kept.len())]);
        }
    }
    let said = text::shorten(&text::visible_bytes(kept.trim_ascii()), MOST_TOLD);
    let hint =
        if status.is_redirection() { " (redirects are not followed: name the address that it leads to)" } else { "" };
    match said.as_str() {
        "" => format!("{server} answered with status {status}{hint}"),
        said => format!("{server} answered with status {status}{hint}: {said}"),
    }
}

fn usage(message: &str) -> LaunchError {
    LaunchError::Usage(message.to_owned())
}

fn environment(message: String) -> LaunchError {
    LaunchError::Environment(message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    /// A server that takes one request of a known length, and answers it; gives back what it took.
    async fn served(answer: &str, body: &str, headers: &[(&str, &str)]) -> (Result<(), LaunchError>, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/orders?dry=no", listener.local_addr().expect("an address"));
        let serving = async {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let mut taken = Vec::new();
            while !(taken.ends_with(body.as_bytes()) && taken.windows(4).any(|part| part == b"\r\n\r\n")) {
                assert!(stream.read_buf(&mut taken).await.expect("bytes") > 0);
            }
            stream.write_all(answer.as_bytes()).await.expect("answered");
            String::from_utf8(taken).expect("UTF-8")
        };
        let headers: Vec<_> = headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        tokio::join!(send("POST", &url, &headers, body.as_bytes()), serving)
    }

    #[tokio::test]
    async fn a_request_is_sent_as_it_is_asked_for() {
        let (done, taken) =
            served("HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n", "{\"id\":7}", &[("X-Tenant", "north")]).await;
        done.expect("it is created");
        let taken = taken.to_lowercase();
        assert!(taken.starts_with("post /orders?dry=no http/1.1\r\n"), "{taken}");
        for header in ["host: 127.0.0.1:", "x-tenant: north\r\n", "content-length: 8\r\n"] {
            assert!(taken.contains(header), "{taken}");
        }
        assert!(taken.ends_with("\r\n\r\n{\"id\":7}"), "{taken}");
    }

    #[tokio::test]
    async fn a_refusal_is_told_with_the_beginning_of_the_answer() {
        let answer = format!("HTTP/1.1 409 Conflict\r\n\r\nsold \u{1b}[31mout {}", "x".repeat(9000));
        let (done, _) = served(&answer, "{}", &[]).await;
        let told = done.expect_err("it is refused").to_string();
        assert!(told.contains("answered with status 409 Conflict: sold "), "{told}");
        assert!(!told.contains('\u{1b}') && told.len() < 400, "{told}");
    }

    #[tokio::test]
    async fn a_redirect_is_no_success() {
        let (done, _) = served("HTTP/1.1 302 Found\r\nlocation: /login\r\ncontent-length: 0\r\n\r\n", "{}", &[]).await;
        let told = done.expect_err("nothing was changed").to_string();
        assert!(told.contains("status 302 Found (redirects are not followed"), "{told}");
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_or_goes_away_is_told() {
        let (done, _) = served("", "{}", &[]).await;
        assert!(done.expect_err("no answer").to_string().contains("gave no answer"));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        drop(listener);
        let told = send("POST", &url, &[], b"").await.expect_err("nobody listens").to_string();
        assert!(told.contains("can't be reached") && told.contains("See whether the server runs"), "{told}");
    }
}
