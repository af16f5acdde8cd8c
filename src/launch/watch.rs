//! The clock of one launch: when its output came, and when it has to end.
//!
//! Time in which the connector waits for us (its output is not taken fast enough) is never held against it.

use super::{Channel, Chunk, Ended, Limits, Stop};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use tokio::sync::mpsc::Sender;
use tokio::sync::mpsc::error::TrySendError;
use tokio::time::{Instant, sleep};

/// How long a killed process or container may take to be gone before we say that it can't be killed.
const UNKILLABLE: Duration = Duration::from_secs(30);

/// What a launch is told when it has to end before it does so by itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Order {
    /// SIGTERM, the grace, SIGKILL.
    InOrder(Ended),
    /// SIGKILL.
    AtOnce,
}

/// A signal that ends a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blow {
    /// SIGTERM.
    Term,
    /// SIGKILL.
    Kill,
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

    /// Waits until the launch has to end: a limit is reached or somebody wants it.
    pub async fn order(&self, limits: &Limits, stop: &Stop) -> Order {
        tokio::select! {
            biased;
            () = stop.kill.cancelled() => Order::AtOnce,
            () = stop.interrupt.cancelled() => Order::InOrder(Ended::Interrupted),
            () = stop.storage.cancelled() => Order::InOrder(Ended::Storage),
            () = sleep(limits.total.saturating_sub(self.elapsed())) => Order::InOrder(Ended::TimedOut),
            () = self.silent_for(limits.silence) => Order::InOrder(Ended::Silent),
        }
    }

    async fn silent_for(&self, silence: Duration) {
        loop {
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

fn micros(duration: Duration) -> u64 {
    duration.as_micros().try_into().unwrap_or(u64::MAX)
}

/// What is known when `oversee` returns: how the exit looked, and why it was we who ended it, if it was.
pub(super) type Exit<T> = (T, Option<Ended>);

/// Waits for an exit; when an order comes first, sees to it that there is one. None if even SIGKILL did not help.
pub(super) async fn oversee<T>(
    exit: impl Future<Output = T>,
    order: impl Future<Output = Order>,
    strike: impl Fn(Blow) -> BoxFuture<'static, ()>,
    grace: Duration,
    stop: &Stop,
) -> Option<Exit<T>> {
    let mut exit = std::pin::pin!(exit);
    let order = tokio::select! {
        biased;
        exited = &mut exit => return Some((exited, None)),
        order = order => order,
    };
    let ended = match order {
        Order::AtOnce => Ended::Interrupted,
        Order::InOrder(ended) => {
            tokio::select! {
                biased;
                exited = &mut exit => return Some((exited, Some(ended))),
                () = stop.kill.cancelled() => ended,
                () = within(grace, strike(Blow::Term)) => ended,
            }
        }
    };
    tokio::select! {
        biased;
        exited = exit => Some((exited, Some(ended))),
        () = within(UNKILLABLE, strike(Blow::Kill)) => None,
    }
}

/// Passes after `time`, in which `deed` is done: it may take shorter or longer.
async fn within(time: Duration, deed: impl Future<Output = ()>) {
    let unending = async {
        deed.await;
        std::future::pending::<()>().await;
    };
    let _time_is_up = tokio::time::timeout(time, unending).await;
}

/// The signal that an exit code above 128 tells of, as shells and container runtimes put it.
pub(super) fn signal_of(code: i64) -> Option<i32> {
    const LAST_SIGNAL: i64 = 64;
    (129..=128 + LAST_SIGNAL).contains(&code).then_some((code - 128) as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_signals_end_before_minus_one() {
        assert_eq!((signal_of(137), signal_of(143), signal_of(128), signal_of(255)), (Some(9), Some(15), None, None));
    }

    #[tokio::test]
    async fn waiting_for_the_receiver_is_not_silence() {
        let pulse = Pulse::new();
        let (output, mut chunks) = tokio::sync::mpsc::channel(1);
        let limits = Limits {
            total: Duration::from_secs(3600),
            silence: Duration::from_millis(100),
            grace: Duration::from_secs(1),
            memory: None,
        };
        let stop = Stop::default();
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
            order = pulse.order(&limits, &stop) => assert_eq!(order, Order::InOrder(Ended::Silent)),
            () = connector => unreachable!("it never ends"),
            () = receiver => unreachable!("the sender lives"),
        }
        assert!(pulse.elapsed() >= Duration::from_millis(450), "{:?}", pulse.elapsed());
    }
}
