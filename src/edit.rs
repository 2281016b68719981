//! Edits documents by their bytes: inserts values into collections, removes members, and proves
//! each edit. It depends on trees and bytes only.

mod annotate;
mod document;
mod edits;
mod insert;
mod insertion;
mod lines;
mod original;
mod prove;
mod refusal;
mod remove;
mod removed;
mod spelling;
mod splice;
mod value;

#[cfg(test)]
mod tests;

pub use annotate::annotate;
pub use document::{LongTexts, document, json_document};
pub use edits::Edits;
pub use insert::{insert, inserted};
pub use insertion::Insertion;
pub use lines::colon;
pub use original::{Irregular, bytes};
pub use prove::{is_inserted, is_removed};
pub use refusal::{Refusal, certain, reachable, repeated};
pub use remove::{Removals, without};
pub use removed::{Emptiness, Removed};
pub use splice::{Splice, replaced, splices};
pub use value::{Member, Value, is_json, is_nothing, is_text};
