//! Defines the targets that a coupling is lowered to: containers, each with the directory of its
//! bindings.

/// A container that gets what a coupling writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerTarget<'t> {
    /// Its name.
    pub name: &'t str,
    /// The directory of all its bindings.
    pub root: String,
}
