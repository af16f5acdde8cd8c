//! Splitting: whatever the pieces, the lines are those of the whole, and nothing is lost.

#![no_main]

use airproof::capture::Lines;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (Vec<u8>, Vec<u8>)| {
    let (output, cuts) = input;
    let mut pieces = Lines::default();
    let mut found = Vec::new();
    let mut take = |bytes: &[u8], length: u64, terminated: bool| {
        assert_eq!(bytes.len() as u64, length);
        found.extend_from_slice(bytes);
        found.extend_from_slice(if terminated { b"\n" } else { b"" });
        assert!(!bytes.contains(&b'\n'));
    };
    let mut rest = output.as_slice();
    for cut in &cuts {
        let (piece, after) = rest.split_at(usize::from(*cut).min(rest.len()));
        pieces.feed(piece, |line| take(line.bytes, line.length, line.terminated));
        rest = after;
    }
    pieces.feed(rest, |line| take(line.bytes, line.length, line.terminated));
    pieces.finish(|line| take(line.bytes, line.length, line.terminated));
    assert_eq!(found, output);
});
