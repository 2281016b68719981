//! Moves the fast parser over blanks, comments and line ends to the next content.

use super::{END, FastParser};

impl FastParser<'_> {
    /// A dash that begins an item.
    pub(super) fn is_dash(&self, at: usize) -> bool {
        self.peek(at) == b'-' && matches!(self.peek(at + 1), b' ' | b'\n')
    }

    /// A byte; a line end at the end of the text.
    pub(super) fn peek(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(b'\n')
    }

    /// From behind a colon or a dash to the value on its line, if one is there; else to the next
    /// line.
    pub(super) fn skip_to_value(&mut self) -> bool {
        let from = self.at;
        while self.peek(self.at) == b' ' {
            self.at += 1;
        }
        match self.peek(self.at) {
            b'\n' => self.at += 1,
            b'#' if self.at > from => self.skip_line(),
            _ => return true,
        }
        false
    }

    /// Over blanks and a comment to the next line; nothing else may be there.
    pub(super) fn end_line(&mut self) -> Option<()> {
        (!self.skip_to_value()).then_some(())
    }

    pub(super) fn skip_line(&mut self) {
        self.at = memchr::memchr(b'\n', &self.bytes[self.at..])
            .map_or(self.bytes.len(), |n| self.at + n + 1);
    }

    /// From the beginning of a line to the next content.
    pub(super) fn next_line(&mut self) -> Option<()> {
        loop {
            let start = self.at;
            while self.bytes.get(self.at) == Some(&b' ') {
                self.at += 1;
            }
            match self.bytes.get(self.at) {
                None => {
                    self.column = END;
                    return Some(());
                }
                Some(b'\n') => self.at += 1,
                Some(b'#') => self.skip_line(),
                Some(b'\t') => return None,
                Some(&first) => {
                    self.column = (self.at - start) as i32;
                    let mark = matches!(first, b'-' | b'.') && self.column == 0 && {
                        matches!(self.bytes.get(self.at..self.at + 3), Some(b"---" | b"..."))
                    };
                    return (!mark).then_some(());
                }
            }
        }
    }
}
