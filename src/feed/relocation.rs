//! Where the streams of a source are found in a destination.

use super::shared_names::shared_prefix;
use crate::protocol::Descriptor;

/// Which stream of a destination stands for which of a source. One for one: two streams never become the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Relocation {
    pairs: Vec<(Option<String>, String)>,
    /// Whether the destination pays no heed to namespaces, so that names have to tell streams apart.
    is_shared: bool,
}

impl Relocation {
    /// Namespaces that begin with `beginning`, one for each that these streams have. Where namespaces are ignored, the names
    /// of streams begin with what stands for theirs.
    pub fn under<'s>(
        beginning: &str,
        is_shared: bool,
        streams: impl IntoIterator<Item = &'s Descriptor>,
    ) -> Relocation {
        let mut relocation = Relocation { pairs: Vec::new(), is_shared };
        for stream in streams {
            if relocation.namespace(stream.namespace.as_deref()).is_some() {
                continue;
            }
            let number = relocation.pairs.len() + 1;
            let there = if number == 1 { beginning.to_owned() } else { format!("{beginning}_{number}") };
            relocation.pairs.push((stream.namespace.clone(), there));
        }
        relocation
    }

    /// The destination's namespace for one of the source; None where no stream was in that.
    fn namespace(&self, own: Option<&str>) -> Option<&str> {
        self.pairs.iter().find(|(known, _)| known.as_deref() == own).map(|(_, there)| there.as_str())
    }

    /// A stream of the source as the destination knows it. None where it is in no known namespace.
    pub fn there(&self, own: &Descriptor) -> Option<Descriptor> {
        let namespace = self.namespace(own.namespace.as_deref())?;
        Some(Descriptor { name: self.prefix(namespace) + &own.name, namespace: Some(namespace.to_owned()) })
    }

    /// A stream of the destination as the source knows it. None where it is none of these.
    pub fn own(&self, there: &Descriptor) -> Option<Descriptor> {
        let (own, namespace) = self.pairs.iter().find(|(_, known)| Some(known) == there.namespace.as_ref())?;
        let name = there.name.strip_prefix(&self.prefix(namespace))?.to_owned();
        Some(Descriptor { name, namespace: own.clone() })
    }

    /// The namespaces of the destination.
    pub fn namespaces(&self) -> impl Iterator<Item = &str> {
        self.pairs.iter().map(|(_, there)| there.as_str())
    }

    fn prefix(&self, namespace: &str) -> String {
        if self.is_shared { shared_prefix(namespace) } else { String::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_stream_goes_there_and_comes_back() {
        let own = [Descriptor::named("a"), Descriptor { name: "b".to_owned(), namespace: Some("shop".to_owned()) }];
        for is_shared in [false, true] {
            let relocation = Relocation::under("run_pipe", is_shared, &own);
            assert_eq!(relocation.namespaces().collect::<Vec<_>>(), ["run_pipe", "run_pipe_2"]);
            for stream in &own {
                let there = relocation.there(stream).expect("a known namespace");
                assert_eq!((there.name != stream.name, relocation.own(&there)), (is_shared, Some(stream.clone())));
            }
            assert_eq!(relocation.own(&own[1]), None);
            let strange = Descriptor { name: "a".to_owned(), namespace: Some("other".to_owned()) };
            assert_eq!(relocation.there(&strange), None);
        }
    }
}
