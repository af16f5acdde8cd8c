//! Results to what people and machines read. Each form is made from [`crate::verdict::Results`] alone; nothing here
//! judges or calls back.

pub mod handbook;
pub mod html;
pub mod json;
pub mod laboratory;
pub mod pages;
pub mod terminal;
