//! The bundled demo connector: a small, healthy source with three streams and real incremental state, and the image
//! that it is put into where a Docker daemon answers.
//!
//! It is part of the one binary, as the hidden command `demo-source`, so that the image needs no registry: it holds
//! this binary and the libraries that this process has loaded.

pub mod image;
mod orders;
pub mod source;

/// A suite for the demo connector: its configurations, one good and one wrong.
pub const SUITE: &str = include_str!("../../suites/demo.yml");
