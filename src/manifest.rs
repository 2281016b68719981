//! Reads text into documents and trees with spans without losing a byte, and writes it back.

pub mod emit;
mod json;
#[cfg(test)]
mod kubectl_for_tests;
pub mod obstacle;
mod parse;
pub mod path;
pub mod peek;
pub mod reading;
mod same;
pub mod scalar;
pub mod scan;
pub mod stream;
pub mod tree;
mod yaml_characters;

pub use obstacle::Obstacle;
pub use reading::{NotReadable, Reading};
pub use scalar::Scalar;
pub use scan::{Document, Head, scan};
pub use tree::{Kind, Node, NodeId, Style, Tree};

/// Which source of a run, by its position in [`crate::render::Input::sources`].
pub type SourceId = u32;

/// A range of bytes, relative to the text of the tree it belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span of these two offsets.
    pub fn new(start: usize, end: usize) -> Self {
        // lossless: limits::SOURCE_BYTES keeps every offset below 2^30
        Self {
            start: start as u32,
            end: end as u32,
        }
    }

    /// As an index of a `str`.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Whether it covers nothing: a value that is not written.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// A range of bytes of one source: what a label points at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The source.
    pub source: SourceId,
    /// The bytes, relative to the whole source.
    pub span: Span,
}

/// What kind of mistake makes a document unreadable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It is not YAML, or not YAML that all readers read alike.
    Syntax,
    /// A value begins with `{{`, which YAML reads as a mapping in place of a key.
    Braces,
    /// It holds a byte order mark behind its beginning, where a file was joined to another.
    ByteOrderMark,
    /// It ends with a directive for the document that follows.
    Directive,
    /// A mapping has one key twice.
    DuplicateKey,
    /// A tag, which not every reader obeys in the same way, is on what an object is known by.
    Tag,
    /// It is larger or deeper than a limit allows.
    Limit,
}

/// Why a document cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// What kind of mistake it is.
    pub flaw: Flaw,
    /// Where, relative to the document's text.
    pub span: Span,
    /// The fact, lower case, never quoting a value.
    pub message: String,
}
