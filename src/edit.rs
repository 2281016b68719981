//! Changes documents by their bytes: values go into collections and members out of them, and each
//! change is proved.
//!
//! It knows trees and bytes and no Plug.

mod annotate;
mod edits;
mod insert;
mod lines;
mod prove;
mod remove;
mod value;

#[cfg(test)]
mod tests;

pub use annotate::annotate;
pub use edits::Edits;
pub use insert::{Insertion, Refusal, certain, insert, inserted, reachable};
pub use lines::colon;
pub use prove::{is_inserted, is_removed};
pub use remove::{Emptiness, Irregular, Removals, Removed, bytes, without};
pub use value::{Member, Value, is_nothing, is_text};
