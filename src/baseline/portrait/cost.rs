//! What a portrait costs: measured, and held by no test.

#[cfg(test)]
mod tests {
    use super::super::tests::{catalog, read};
    use super::super::{Normaliser, Portrait};
    use crate::capture::{Line, Pass, Secrets, Summary, Watcher};
    use crate::launch::{Channel, Chunk};
    use crate::protocol::Descriptor;
    use std::time::{Duration, Instant};

    /// Not a bound, a measure: `cargo test --release -- --ignored --nocapture costs`.
    #[test]
    #[ignore = "measures, and asserts nothing that a slow machine would not break"]
    fn what_a_record_costs() {
        let output = read(0..100_000, 1);
        let with = |portrait: Option<Portrait>| {
            struct Maybe(Option<Portrait>);
            impl Watcher for Maybe {
                fn watch(&mut self, line: &Line<'_>, _: &Summary) {
                    self.0.iter_mut().for_each(|portrait| portrait.absorb(line));
                }
            }
            let streams: Vec<Descriptor> = ["orders", "events"].map(Descriptor::named).into();
            let mut pass = Pass::new(&streams, Secrets::default(), None, Maybe(portrait));
            let chunk = Chunk { channel: Channel::Stdout, bytes: output.clone().into(), at: Duration::ZERO };
            let start = Instant::now();
            pass.feed(&chunk).expect("nothing is stored");
            start.elapsed().as_nanos() / 200_000
        };
        let plain = Normaliser::default();
        let (without, with) = (with(None), with(Some(Portrait::of(&catalog(), 1, &plain))));
        panic!("decoding alone: {without} ns a record; with a portrait: {with} ns");
    }
}
