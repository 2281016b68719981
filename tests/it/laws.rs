//! The laws, each over generated streams and over every manifest of a corpus of real ones.

mod adapters;
mod both_directions;
mod check;
mod corpus;
mod errors;
mod function;
mod generated;
mod kustomize;
#[path = "../../fuzz/mutate.rs"]
mod mutate;
#[cfg(feature = "cli")]
mod reemission;
mod resources;
mod run;
mod secrets;
mod service_bindings;
mod stream;
mod style;
