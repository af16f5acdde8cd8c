//! Names of streams where all of them share one place, since the destination pays no heed to namespaces.

use xxhash_rust::xxh3::xxh3_64;

/// What the names of all streams of a namespace begin with where namespaces are ignored: ten letters, the same for the same namespace.
///
/// Short, since a name may have little room: what stores in PostgreSQL by a copy with a name of its own has 36 letters
/// for the stream's (PyAirbyte), where a namespace of ours alone has as many.
pub fn shared_prefix(namespace: &str) -> String {
    format!("a{:08x}_", xxh3_64(namespace.as_bytes()) >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_short_and_of_one_namespace() {
        let [one, other] = ["append", "overwrite"].map(|what| format!("airproof_20261128_1a2230bca954ca4_{what}"));
        let prefix = shared_prefix(&one);
        assert_eq!((prefix.len(), prefix.clone()), (10, shared_prefix(&one)));
        assert_ne!(prefix, shared_prefix(&other));
        assert!(prefix.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'));
        assert!(shared_prefix("").starts_with('a'));
    }
}
