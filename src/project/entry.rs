//! Defines the one kind of edit: an entry, which is content under a key in a collection of one
//! object.

use super::EnvFromVars;
use super::record::{Invalid, Record, Supplied};
use super::slot::Slot;
use crate::edit::Value;
use crate::manifest::{NodeId, Place};

/// Content under a key in a collection.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// The collection.
    pub slot: Slot,
    /// What tells it from its neighbours.
    pub key: &'a str,
    /// Its content: of an item of a list all members but the key.
    pub content: Value<'a>,
    /// What becomes of another entry of its key.
    pub conflict: Conflict,
    /// Whether a key of a Secret is in it.
    pub is_secret: bool,
    /// Keys of the same collection that its content uses, where order counts: those that stand
    /// there must stand before it.
    pub uses: Vec<&'a str>,
    /// Those of them that its author wrote himself, and so must be there.
    pub needs: Vec<&'a str>,
    /// What in the Plug asks for it.
    pub at: Place,
}

/// What becomes of another entry of the same key that has other content. One with the same content
/// is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// It is a collision.
    Refuse,
    /// It is replaced, if it is the author's, and comes back when the coupling goes.
    Replace,
    /// It is a collision; the same entry of another Plug serves both.
    Share,
}

/// What one object of a document is to look like.
#[derive(Debug)]
pub struct Desired<'a> {
    /// The object's root in the document's tree.
    pub object: NodeId,
    /// What its record says, where it has one.
    pub record: Option<Result<Record, Invalid>>,
    /// Its couplings. Empty: decoupled.
    pub couplings: Vec<DesiredCoupling<'a>>,
    /// What the containers' `envFrom` brings, as far as the input knows it.
    pub brought: Vec<EnvFromVars>,
    /// Whether the Plugs leave the output with this run.
    pub sources: Sources,
}

/// Where the Plugs of an object are after a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sources {
    /// In the output.
    #[default]
    Kept,
    /// They are left out on purpose (`"sources":"omitted"`).
    Omitted,
}

/// One coupling of one object.
#[derive(Debug)]
pub struct DesiredCoupling<'a> {
    /// The Plug's `metadata.name`: the record's annotation is named after it.
    pub plug: &'a str,
    /// `namespace/name` of the Socket (its `spec.name`); only the name where the namespace is
    /// unknown.
    pub socket: String,
    /// `name@version`.
    pub interface: String,
    /// What a catalogue supplied.
    pub catalogue: Vec<Supplied>,
    /// Its entries; those of one collection in their order.
    pub entries: Vec<Entry<'a>>,
    /// The Plug.
    pub at: Place,
}

impl Entry<'_> {
    /// Whether its content is a reference and no text.
    pub(super) fn is_reference(&self) -> bool {
        matches!(&self.content, Value::Map(members) if members.iter().all(|(key, _)| key == "valueFrom"))
    }
}
