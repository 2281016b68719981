//! Writes resources as documents of their own: after the document of their owner, in its style, or
//! in place of the old object.

use std::borrow::Cow;

use super::{DocumentEdits, EditObstacle};
use crate::edit::{self, LongTexts, Value};
use crate::manifest::{NodeId, Tree};

impl<'a> DocumentEdits<'_, 'a> {
    /// Whether documents follow this one that are new.
    pub(super) fn is_followed(&self) -> bool {
        !self.resources.new.is_empty() && !self.inserts_items()
    }

    /// A resource that is a document, written again; what is above and below it stays.
    pub(super) fn rewritten(&self, value: &Value<'static>) -> Result<String, EditObstacle> {
        let text = self.stream.document(self.index).text;
        let Ok(tree) = self.stream.tree(self.index) else {
            return Err(not_read_again());
        };
        let span = tree.span(NodeId::ROOT);
        let (head, tail) = (&text[..span.start as usize], &text[span.end as usize..]);
        // a block text may have the end of its last line in its span
        let ended = text[span.range()].ends_with('\n') || tail.contains('\n');
        let has_end = text[span.range()].ends_with('\n');
        let mut body = written(value, tree, newline(text), ended)?;
        if has_end {
            body.push_str(newline(text));
        }
        let written = format!("{head}{body}{tail}");
        let same = Tree::read(&written).is_ok_and(|tree| value.is(&tree, NodeId::ROOT));
        match same {
            true => Ok(written),
            false => Err(not_read_again()),
        }
    }

    /// Adds the documents that follow this one. Where the source has no last line end, it has none
    /// behind them either.
    pub(super) fn follow(&self, pieces: &mut Vec<Cow<'a, str>>) -> Result<(), EditObstacle> {
        if !self.is_followed() {
            return Ok(());
        }
        let text = self.stream.document(self.index).text;
        let Ok(tree) = self.stream.tree(self.index) else {
            return Err(not_read_again());
        };
        let newline = newline(text);
        let last = self.resources.new.len() - 1;
        for (position, new) in self.resources.new.iter().enumerate() {
            let ended = text.ends_with('\n') || position < last;
            let body = written(&new.value, tree, newline, ended)?;
            let mut piece = String::with_capacity(body.len() + 8);
            let before = pieces.iter().rev().find(|piece| !piece.is_empty());
            if before.is_some_and(|before| !before.ends_with('\n')) {
                piece.push_str(newline);
            }
            // JSON in which no document has a mark of its own has none behind it either
            if !text.trim_start().starts_with('{') || !edit::is_json(tree) {
                piece.push_str("---");
                piece.push_str(newline);
            }
            piece.push_str(&body);
            if ended {
                piece.push_str(newline);
            }
            let same = Tree::read(&piece).is_ok_and(|tree| new.value.is(&tree, NodeId::ROOT));
            if !same {
                return Err(not_read_again());
            }
            pieces.push(Cow::Owned(piece));
        }
        Ok(())
    }

    /// Whether the next document loses the mark that it begins with: where the resource that was
    /// this document had lost its own, with the owner that it followed, or loses it now.
    pub(super) fn takes_mark(&self, is_taken: bool) -> bool {
        let text = self.stream.document(self.index).text;
        let has_none = !text.starts_with("---") && !text.starts_with('{');
        self.resources.gone[..] == [NodeId::ROOT] && (has_none || is_taken)
    }

    /// Takes the line end back that was written before this document for it, where it goes and the
    /// source has no last line end. Without its owner nobody knows for what that was written.
    pub(super) fn shorten(&self, pieces: &mut [Cow<'a, str>]) {
        let is_resource = self.resources.gone[..] == [NodeId::ROOT];
        let text = self.stream.document(self.index).text;
        if !is_resource || self.resources.is_orphaned || text.ends_with('\n') {
            return;
        }
        let Some(before) = pieces.iter_mut().rev().find(|piece| !piece.is_empty()) else {
            return;
        };
        let length = before.strip_suffix('\n').unwrap_or(before);
        let length = length.strip_suffix('\r').unwrap_or(length).len();
        match before {
            Cow::Borrowed(text) => *text = &text[..length],
            Cow::Owned(text) => text.truncate(length),
        }
    }
}

/// A resource beside a document, in its style.
fn written(
    value: &Value<'static>,
    beside: &Tree<'_>,
    newline: &str,
    ended: bool,
) -> Result<String, EditObstacle> {
    let Value::Map(members) = value else {
        return Err(not_read_again());
    };
    let texts = match ended {
        true => LongTexts::AsLines,
        false => LongTexts::Inline,
    };
    Ok(match edit::is_json(beside) {
        true => edit::json_document(value),
        false => edit::document(members, newline, texts),
    })
}

/// How the lines of a text end.
fn newline(text: &str) -> &'static str {
    match text.split_once('\n') {
        Some((line, _)) if line.ends_with('\r') => "\r\n",
        _ => "\n",
    }
}

/// A resource that would be read otherwise than it is meant.
pub(super) fn not_read_again() -> EditObstacle {
    EditObstacle {
        message: "a resource of this object would not be read again as it was written".to_owned(),
        label: "of this object",
        help: "it may be nested too deeply, or have a key that is longer than 1,000 bytes".into(),
    }
}
