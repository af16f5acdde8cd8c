//! How many records came in each span of time.

use crate::verdict::Course;
use std::time::Duration;

/// How many spans a launch is divided into, at most: as many as a chart has room for.
const SPANS: usize = 60;
/// The first spans; they grow with the launch.
const SHORTEST: Duration = Duration::from_millis(50);

/// Counts records by time, in spans that double when there is no room for more of them.
#[derive(Debug)]
pub(super) struct Counting {
    span: Duration,
    records: Vec<u64>,
}

impl Counting {
    pub fn new() -> Self {
        Counting { span: SHORTEST, records: Vec::with_capacity(SPANS) }
    }

    /// Takes a record into account.
    pub fn record(&mut self, at: Duration) {
        while at >= self.span * SPANS as u32 {
            self.records = self.records.chunks(2).map(|pair| pair.iter().sum()).collect();
            self.span *= 2;
        }
        let place = (at.as_nanos() / self.span.as_nanos()) as usize;
        if self.records.len() <= place {
            self.records.resize(place + 1, 0);
        }
        self.records[place] += 1;
    }

    pub fn finish(self) -> Course {
        match self.records.is_empty() {
            true => Course::default(),
            false => Course { span: self.span.as_secs_f64(), records: self.records },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_grow_with_the_launch_and_no_record_is_lost() {
        let mut counting = Counting::new();
        for second in 0..1_000 {
            counting.record(Duration::from_secs(second));
        }
        let course = counting.finish();
        assert!(course.records.len() <= SPANS && course.span * SPANS as f64 > 999.0, "{course:?}");
        assert_eq!(course.records.iter().sum::<u64>(), 1_000);
    }
}
