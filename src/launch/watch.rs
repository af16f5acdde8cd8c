//! The clock of one launch: when its output came, and when it has to end.
//!
//! Time in which the connector waits for us (its output is not taken fast enough) is never held against it.

use super::{Blow, Channel, Chunk, Ended, LaunchRequest, Stop};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use std::future::pending;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use tokio::sync::mpsc::Sender;
use tokio::sync::mpsc::error::TrySendError;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

/// How long a killed process or container may take to be gone before we say that it can't be killed.
const UNKILLABLE: Duration = Duration::from_secs(30);

/// How long a connector whose reader left may live on, besides the grace.
const TIME_WITHOUT_READER: Duration = Duration::from_secs(10);

/// What a launch is told when it has to end before it does so by itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Order {
    /// SIGTERM, the grace, SIGKILL.
    InOrder(Ended),
    /// SIGKILL.
    AtOnce(Ended),
}

/// When bytes came, shared by those who read them and those who watch the limits.
#[derive(Debug)]
pub(super) struct Pulse {
    began: Instant,
    /// In microseconds since the launch began.
    last_byte: AtomicU64,
    /// The same on stdout; zero while there was none.
    last_on_stdout: AtomicU64,
    /// How many readers wait for the receiver just now.
    waiting: AtomicU32,
}

impl Pulse {
    /// Begins now.
    pub fn new() -> Pulse {
        Pulse {
            began: Instant::now(),
            last_byte: AtomicU64::new(0),
            last_on_stdout: AtomicU64::new(0),
            waiting: AtomicU32::new(0),
        }
    }

    /// Time since the launch began.
    pub fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// Sends a piece of output. Without a receiver it is dropped: the connector must not be held up.
    pub async fn deliver(&self, output: &Sender<Chunk>, channel: Channel, bytes: Bytes) {
        if bytes.is_empty() {
            return;
        }
        let at = self.elapsed();
        self.last_byte.store(micros(at), Relaxed);
        if channel == Channel::Stdout {
            self.last_on_stdout.store(micros(at).max(1), Relaxed);
        }
        if let Err(TrySendError::Full(chunk)) = output.try_send(Chunk { channel, bytes, at }) {
            self.waiting.fetch_add(1, Relaxed);
            let _receiver_gone = output.send(chunk).await;
            self.last_byte.store(micros(self.elapsed()), Relaxed);
            self.waiting.fetch_sub(1, Relaxed);
        }
    }

    /// How long the process lived on after its last byte on stdout; zero when there was none.
    pub fn lingered(&self, duration: Duration) -> Duration {
        match self.last_on_stdout.load(Relaxed) {
            0 => Duration::ZERO,
            last => duration.saturating_sub(Duration::from_micros(last)),
        }
    }

    /// Lets the connector wait for us for some time, or until it has `ended`.
    pub async fn hold_up(&self, time: Duration, ended: &CancellationToken) {
        if time.is_zero() || ended.is_cancelled() {
            return;
        }
        self.waiting.fetch_add(1, Relaxed);
        let _early = timeout(time, ended.cancelled()).await;
        self.last_byte.store(micros(self.elapsed()), Relaxed);
        self.waiting.fetch_sub(1, Relaxed);
    }

    /// Notes that the connector took some of what it is fed, which is a sign of life.
    pub fn fed(&self) {
        self.last_byte.store(micros(self.elapsed()), Relaxed);
    }

    /// Waits for something while the connector waits for us: its silence is not held against it.
    pub async fn while_idle<T>(&self, waited_for: impl Future<Output = T>) -> T {
        self.waiting.fetch_add(1, Relaxed);
        let done = waited_for.await;
        self.last_byte.store(micros(self.elapsed()), Relaxed);
        self.waiting.fetch_sub(1, Relaxed);
        done
    }

    /// Waits until the launch has to end: a limit is reached or somebody wants it. `reader_left` is cancelled when nobody
    /// takes its stdout any more; from then on it may be silent, but not live on for long.
    pub async fn order(&self, request: &LaunchRequest, stop: &Stop, reader_left: &CancellationToken) -> Order {
        let limits = &request.limits;
        tokio::select! {
            biased;
            () = stop.kill.cancelled() => Order::AtOnce(Ended::Interrupted),
            () = stop.interrupt.cancelled() => Order::InOrder(Ended::Interrupted),
            () = stop.storage.cancelled() => Order::InOrder(Ended::Storage),
            order = struck(request.handling.strike, stop) => order,
            () = sleep(limits.total.saturating_sub(self.elapsed())) => Order::InOrder(Ended::TimedOut),
            () = outlives(reader_left, limits.grace) => Order::InOrder(Ended::OutlivedReader),
            () = self.silent_for(limits.silence, reader_left) => Order::InOrder(Ended::Silent),
        }
    }

    async fn silent_for(&self, silence: Duration, reader_left: &CancellationToken) {
        loop {
            if reader_left.is_cancelled() {
                return pending().await;
            }
            let last = Duration::from_micros(self.last_byte.load(Relaxed));
            let left = match self.waiting.load(Relaxed) {
                0 => last.saturating_add(silence).saturating_sub(self.elapsed()),
                _ => silence,
            };
            if left.is_zero() {
                return;
            }
            sleep(left).await;
        }
    }

    /// Waits until `patience` is used up, in which time spent waiting for the receiver does not count.
    pub async fn patience(&self, mut patience: Duration) {
        const TICK: Duration = Duration::from_millis(10);
        while !patience.is_zero() {
            let tick = TICK.min(patience);
            sleep(tick).await;
            if self.waiting.load(Relaxed) == 0 {
                patience -= tick;
            }
        }
    }
}

/// Waits for the blow that the launch is to get, if any.
async fn struck(blow: Option<Blow>, stop: &Stop) -> Order {
    let Some(blow) = blow else { return pending().await };
    stop.strike.cancelled().await;
    match blow {
        Blow::Term => Order::InOrder(Ended::Terminated),
        Blow::Kill => Order::AtOnce(Ended::Killed),
    }
}

/// Passes when a connector whose reader left had time enough to end.
async fn outlives(reader_left: &CancellationToken, grace: Duration) {
    reader_left.cancelled().await;
    sleep(grace.saturating_add(TIME_WITHOUT_READER)).await;
}

fn micros(duration: Duration) -> u64 {
    duration.as_micros().try_into().unwrap_or(u64::MAX)
}

/// What is known when `oversee` returns.
#[derive(Debug)]
pub(super) struct Overseen<T> {
    /// How the exit looked.
    pub exit: T,
    /// Why it was we who ended it, if it was.
    pub ended: Option<Ended>,
    /// It was still there when the grace after SIGTERM was over.
    pub outlived_grace: bool,
}

/// Waits for an exit; when an order comes first, sees to it that there is one. None if even SIGKILL did not help.
pub(super) async fn oversee<T>(
    exit: impl Future<Output = T>,
    order: impl Future<Output = Order>,
    strike: impl Fn(Blow) -> BoxFuture<'static, ()>,
    grace: Duration,
    stop: &Stop,
) -> Option<Overseen<T>> {
    let mut exit = std::pin::pin!(exit);
    let order = tokio::select! {
        biased;
        exit = &mut exit => return Some(Overseen { exit, ended: None, outlived_grace: false }),
        order = order => order,
    };
    let (ended, outlived_grace) = match order {
        Order::AtOnce(ended) => (ended, false),
        Order::InOrder(ended) => {
            tokio::select! {
                biased;
                exit = &mut exit => return Some(Overseen { exit, ended: Some(ended), outlived_grace: false }),
                () = stop.kill.cancelled() => (ended, false),
                () = within(grace, strike(Blow::Term)) => (ended, true),
            }
        }
    };
    tokio::select! {
        biased;
        exit = exit => Some(Overseen { exit, ended: Some(ended), outlived_grace }),
        () = within(UNKILLABLE, strike(Blow::Kill)) => None,
    }
}

/// Passes after `time`, in which `deed` is done: it may take shorter or longer.
async fn within(time: Duration, deed: impl Future<Output = ()>) {
    let unending = async {
        deed.await;
        pending::<()>().await;
    };
    let _time_is_up = timeout(time, unending).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::launch::{Handling, Limits, Stdin};
    use crate::protocol::Command;
    use std::collections::BTreeMap;

    fn request(handling: Handling) -> LaunchRequest {
        let limits = Limits {
            total: Duration::from_secs(3600),
            silence: Duration::from_millis(100),
            grace: Duration::from_secs(1),
            memory: None,
        };
        let id = "sandbox.read".to_owned();
        let (inputs, stdin, environment) = (Vec::new(), Stdin::Closed, BTreeMap::new());
        LaunchRequest { id, command: Command::Read, inputs, stdin, limits, network: false, environment, handling }
    }

    #[tokio::test]
    async fn being_held_up_is_not_silence_and_a_strike_needs_a_blow() {
        let (pulse, stop, never) = (Pulse::new(), Stop::default(), CancellationToken::new());
        stop.strike.cancel();
        let (spared, struck) =
            (request(Handling::default()), Handling { strike: Some(Blow::Kill), ..Handling::default() });
        let hold_up = async {
            pulse.hold_up(Duration::from_millis(300), &never).await;
            pending::<()>().await;
        };
        tokio::select! {
            order = pulse.order(&spared, &stop, &never) => assert_eq!(order, Order::InOrder(Ended::Silent)),
            () = hold_up => unreachable!("it never ends"),
        }
        assert!(pulse.elapsed() >= Duration::from_millis(400), "{:?}", pulse.elapsed());
        assert_eq!(pulse.order(&request(struck), &stop, &never).await, Order::AtOnce(Ended::Killed));
    }

    #[tokio::test]
    async fn waiting_for_the_receiver_is_not_silence() {
        let pulse = Pulse::new();
        let (output, mut chunks) = tokio::sync::mpsc::channel(1);
        let request = request(Handling::default());
        let (stop, never) = (Stop::default(), CancellationToken::new());
        let connector = async {
            pulse.deliver(&output, Channel::Stdout, Bytes::from_static(b"first")).await;
            pulse.deliver(&output, Channel::Stdout, Bytes::from_static(b"waits")).await;
            std::future::pending::<()>().await;
        };
        let receiver = async {
            sleep(Duration::from_millis(350)).await;
            while chunks.recv().await.is_some() {}
        };
        tokio::select! {
            order = pulse.order(&request, &stop, &never) => assert_eq!(order, Order::InOrder(Ended::Silent)),
            () = connector => unreachable!("it never ends"),
            () = receiver => unreachable!("the sender lives"),
        }
        assert!(pulse.elapsed() >= Duration::from_millis(450), "{:?}", pulse.elapsed());
    }
}
