//! What a glance at a record's data sees on the way, besides whether the data conforms.

/// A number that is longer, and what is nested deeper, is worth a closer look.
const EXTREME: usize = 500;

/// What a glance saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Glimpse {
    /// Whether the data surely conform. False says nothing.
    pub conforms: bool,
    /// Whether a member surely stands twice, or a number or the nesting is extreme. False says nothing of what is below
    /// the schema's properties, nor of data that do not surely conform.
    pub is_suspect: bool,
    /// Whether there may be escapes of Unicode characters. False is sure.
    pub may_have_escapes: bool,
    /// By place, the top-level fields that hold something other than null. Only of data that surely conform.
    pub filled: u64,
    /// By place, the top-level fields with a moment whose zone the schema leaves open: those that have a zone, as far as
    /// data were read.
    pub zoned: u64,
    /// And those that have none.
    pub unzoned: u64,
}

impl Glimpse {
    /// Nothing was seen.
    pub const UNSURE: Glimpse =
        Glimpse { conforms: false, is_suspect: false, may_have_escapes: true, filled: 0, zoned: 0, unzoned: 0 };

    /// At the end. What does not surely conform was not read to its end.
    pub(super) fn concluded(self, conforms: bool) -> Self {
        Glimpse { conforms, may_have_escapes: self.may_have_escapes || !conforms, ..self }
    }

    /// A declared member: whether it came before, or may have. Beyond 64 properties the order alone tells: what stands
    /// twice is at least once out of order.
    pub(super) fn member(&mut self, came_before: bool, may_have_come: bool) {
        self.is_suspect |= came_before || may_have_come;
    }

    /// A moment in the top-level field at that place, and whether it has a zone.
    pub(super) fn moment(&mut self, place: u32, zoned: Option<bool>) {
        match zoned {
            Some(true) => self.zoned |= 1 << place,
            Some(false) => self.unzoned |= 1 << place,
            None => {}
        }
    }

    /// The length of a number, or a depth.
    pub(super) fn extent(&mut self, extent: usize) -> usize {
        self.is_suspect |= extent > EXTREME;
        extent
    }

    /// An escape with this letter behind its backslash: how long it is at least.
    pub(super) fn escape(&mut self, letter: Option<&u8>) -> usize {
        self.may_have_escapes |= letter == Some(&b'u');
        2
    }
}

#[cfg(test)]
mod tests {
    use super::super::Glance;
    use super::EXTREME;
    use serde_json::{Map, Value, json};

    #[test]
    fn what_stands_twice_and_escapes_are_seen_on_the_way() {
        let properties: Map<String, Value> = (0..80).map(|n| (format!("p{n}"), json!({}))).collect();
        let glance = Glance::compile(&json!({ "properties": properties }));
        let seen = |text: &str| {
            let glimpse = glance.glimpse(text);
            (glimpse.is_suspect, glimpse.may_have_escapes)
        };
        assert_eq!(seen(r#"{"p0":"\n","p3":[{"a":1,"a":2}],"p78":1,"p79":1}"#), (false, false));
        assert_eq!(seen(r#"{"p0":{"x":["\u00e9"]}}"#), (false, true));
        assert_eq!(seen(r#"{"p0":1,"p1":1,"p0":1}"#), (true, false));
        assert_eq!(seen(r#"{"p70":1,"p71":1,"p70":1}"#), (true, false));
        assert_eq!(seen(&format!(r#"{{"p0":0.{}}}"#, "1".repeat(EXTREME))), (true, false));
        assert_eq!(seen(r#"{"unknown":1}"#), (false, true));
    }
}
