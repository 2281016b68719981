//! Defines what a coupling is lowered to: a container, and where it has its bindings.

/// A container that gets what a coupling writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerTarget<'t> {
    /// Its name.
    pub name: &'t str,
    /// The directory of all its bindings.
    pub root: String,
}
