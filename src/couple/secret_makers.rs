//! Defines what is known about Secrets that are not in the input: the objects that they are created
//! for, and their keys.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::{KeyNames, KindName};
use crate::api::AdaptedObject;
use crate::manifest::Place;

/// An object that makes a Secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SecretMaker {
    /// The object.
    pub object: AdaptedObject,
    /// Where it has its name.
    pub at: Place,
    /// The keys that it makes.
    pub keys: KeyNames,
}

/// The objects of the input that make Secrets.
pub(super) trait SecretMakers {
    /// Those that make a Secret of a namespace and name.
    fn makers(&self, namespace: Option<&str>, name: &str) -> Rc<[SecretMaker]>;
    /// The names of those that an object makes.
    fn made_by(&self, kind: KindName<'_>, namespace: Option<&str>, name: &str) -> BTreeSet<String>;
}
