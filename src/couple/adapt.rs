//! Makes Sockets of objects of other kinds, as Adapters describe it. An adapted Socket is resolved,
//! validated and evaluated as one that is written.

mod adaptation;
mod adapters;
mod convert;
mod converter_examples;
mod example_objects;
mod examples;
mod from;
mod instance;
mod known_adapters;
mod makers;
mod objects;
mod related;
mod remedy;
mod secrets;
mod service_secret;
mod socket;
mod texts;
mod wanted;

pub(super) use adapters::report_conflicts;
pub use convert::convert;
pub(super) use converter_examples::check_converter;
pub use examples::check_adapter;
pub use instance::NotOffered;
pub(super) use makers::AdaptedSecrets;
pub use objects::{AdaptableObjects, FoundObject, KindName, ObjectContent};
pub(super) use remedy::{take_over, taking_over};
pub(super) use service_secret::{ServiceSecret, ServiceSecrets};
pub use wanted::adapt;

#[cfg(test)]
mod tests;
