//! airproof: acceptance tests for Airbyte connectors.
//!
//! Data goes one way, and each module is one station:
//!
//! ```text
//! suite ─▶ plan ─▶ launch ─▶ capture ─▶ rules, experiments ─▶ verdict ─▶ report
//! ```
//!
//! [`engine`] drives it, [`cli`] is the way in. See ARCHITECTURE.md for what may depend on what.

pub mod baseline;
pub mod capture;
pub mod cli;
pub mod compat;
pub mod demo;
pub mod duplicates;
pub mod engine;
pub mod exit;
pub mod experiments;
pub mod feed;
pub mod launch;
pub mod plan;
pub mod protocol;
pub mod report;
pub mod rules;
pub mod suite;
pub mod text;
pub mod verdict;
