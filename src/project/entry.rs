//! Defines the one kind of edit: an entry, which is content under a key in a collection of one
//! object.

use std::borrow::Cow;

use super::slot::Slot;
use crate::api::Spanned;
use crate::edit::Value;
use crate::manifest::Place;

/// Content under a key in a collection.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// The collection.
    pub slot: Slot,
    /// What distinguishes it from its neighbours.
    pub key: Cow<'a, str>,
    /// Its content: of an item of a list all members but the key.
    pub content: Value<'a>,
    /// What identifies it in the record.
    pub identity: RecordedBy,
    /// What becomes of another entry of its key.
    pub conflict: Conflict,
    /// The text that the author's own must be, where one is expected.
    pub expected: Option<&'a Spanned<String>>,
    /// Whether a key of a Secret is in it.
    pub is_secret: bool,
    /// Keys of the same collection that its content uses, where order counts: those that are
    /// there must be before it.
    pub uses: Vec<&'a str>,
    /// Those of them that its author wrote himself, and so must be there.
    pub needs: Vec<&'a str>,
    /// What in the Plug asks for it.
    pub at: Place,
}

/// What identifies an entry in a record, once somebody may have changed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordedBy {
    /// Its content.
    Content,
    /// That it is the name of an object, whatever the object is called by now: its content is a
    /// text.
    ObjectName,
}

/// What becomes of another entry of the same key that has other content. One with the same content
/// is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// It is a collision.
    Refuse,
    /// It is replaced, if it is the author's, and comes back when the coupling goes.
    Replace,
    /// Nothing collides with it: beside an equal one it is not written, else behind all others.
    Append,
    /// It is a collision; the same entry of another Plug serves both.
    Share,
    /// It is a collision; the same entry of other Plugs serves all, which each list it, and it goes
    /// with the last of them. One that somebody edits is his own from then on.
    Common,
}

impl Entry<'_> {
    /// Whether its content is a reference and no text.
    pub(super) fn is_reference(&self) -> bool {
        matches!(&self.content, Value::Map(members) if members.iter().all(|(key, _)| key == "valueFrom"))
    }
}
