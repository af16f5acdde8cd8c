//! Results to what people and machines read. Each form is made from [`crate::verdict::Results`] alone; nothing here
//! judges or calls back.

pub mod badge;
mod cases;
pub mod certificate;
mod checkout;
pub mod github;
pub mod gitlab;
pub mod handbook;
mod headline;
pub mod html;
pub mod json;
pub mod junit;
pub mod laboratory;
pub mod markdown;
pub mod pages;
pub mod sarif;
pub mod tap;
pub mod terminal;
mod wording;

pub use checkout::Checkout;
