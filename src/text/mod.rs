//! Text for people: hostile bytes made visible, counts and durations in words, near misses.

mod json;
mod suggest;
mod units;
mod visible;

pub use json::json;
pub use suggest::{near, nearest};
pub use units::{bytes, count, date, duration, hex, plural, seconds, them};
pub use visible::{shorten, visible, visible_bytes};
