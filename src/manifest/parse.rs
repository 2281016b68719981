//! Parses one document into a tree: by the fast parser if it supports the whole document, else by
//! the full one.

use super::{ReadError, Tree};

mod fast;
mod full;

impl<'a> Tree<'a> {
    /// Reads one document, with or without its `---` line.
    ///
    /// # Errors
    /// What is not YAML, has a duplicate key, is nested too deeply, or holds a character that
    /// readers disagree on.
    pub fn read(text: &'a str) -> Result<Self, ReadError> {
        fast::read(text).map_or_else(|| Self::read_full(text), Ok)
    }

    /// The same by the fast parser alone, if it knows everything that is there.
    pub fn read_fast(text: &'a str) -> Option<Self> {
        fast::read(text)
    }

    /// The same by the full parser alone, which is about ten times as slow: the judge of the fast
    /// one.
    ///
    /// # Errors
    /// Those of [`Tree::read`].
    pub fn read_full(text: &'a str) -> Result<Self, ReadError> {
        full::read(text)
    }
}
