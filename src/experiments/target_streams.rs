//! The streams that a destination is written to: of a run's own.

use super::lab::Lab;
use crate::feed::{Relocation, shared_prefix};
use crate::protocol::Descriptor;
use crate::suite::Namespaces;

impl Lab<'_> {
    /// A stream to write to: in a namespace of this run's own that is called so, and of no other experiment. Its name is this run's own
    /// as well: a destination that ignores namespaces, and does not say so, still has what earlier runs wrote.
    pub fn stream(&self, namespace: &str, name: &str) -> Descriptor {
        match self.behaviours().namespaces {
            // The name is told apart by what stands for the namespace.
            Namespaces::Ignored => self.stream_called(namespace, name),
            Namespaces::Kept => {
                let mark = shared_prefix(self.namespace_of_run());
                self.stream_called(namespace, &format!("{name}_{}", &mark[1..7]))
            }
        }
    }

    /// The same by exactly that name.
    pub fn stream_called(&self, namespace: &str, name: &str) -> Descriptor {
        let own = Descriptor::named(name);
        self.relocation(namespace, [&own]).there(&own).unwrap_or(own)
    }

    /// Where streams are written to that have names of their own: likewise.
    pub fn relocation<'s>(&self, namespace: &str, own: impl IntoIterator<Item = &'s Descriptor>) -> Relocation {
        let is_shared = self.behaviours().namespaces == Namespaces::Ignored;
        Relocation::under(&format!("{}_{namespace}", self.namespace_of_run()), is_shared, own)
    }

    fn namespace_of_run(&self) -> &str {
        self.destination.as_ref().map_or("airproof", |(_, namespace)| namespace)
    }
}
