//! Parses the YAML that people write, line by line, into the same [`Tree`] as the full parser;
//! `None` for anything else.
//!
//! It knows block collections, one-line scalars, block scalars and one-line flow collections. At
//! the first byte that could mean anything more, or anything wrong, it gives up, and the full
//! parser reads the document and reports what is wrong with it. So it never
//! explains, and gives up in every doubt.

mod flow;
mod lines;
mod scalar;

use crate::limits;
use crate::manifest::tree::{Kind, NONE, Node, Style, Tree, inner};
use crate::manifest::{Span, yaml_characters};

pub(super) fn read(text: &str) -> Option<Tree<'_>> {
    if !yaml_characters::usual(text) {
        return None;
    }
    let tree = Tree::empty(text);
    let mut reader = FastParser {
        tree,
        bytes: text.as_bytes(),
        at: 0,
        column: 0,
        leaf_end: 0,
        depth: 0,
        keys: Vec::with_capacity(64),
    };
    reader.document()?;
    Some(reader.tree)
}

/// A column that is left of every other: the text is at its end.
const END: i32 = -1;

struct FastParser<'a> {
    tree: Tree<'a>,
    bytes: &'a [u8],
    /// The next byte; between values, the first one of a line that is neither a blank nor in a
    /// comment.
    at: usize,
    /// The column of that byte.
    column: i32,
    /// One past the last byte of the last leaf.
    leaf_end: usize,
    depth: usize,
    /// The keys of all open mappings, without quotes.
    keys: Vec<Span>,
}

/// What a value belongs to: a collection, and in a mapping the key's token.
#[derive(Clone, Copy)]
struct Holder {
    id: u32,
    key: Option<Span>,
}

impl FastParser<'_> {
    fn document(&mut self) -> Option<()> {
        let marked = self.bytes.starts_with(b"---");
        if marked {
            self.at = 3;
            self.end_line()?;
        }
        self.next_line()?;
        let root = Holder {
            id: NONE,
            key: None,
        };
        match self.column {
            // after `---` there is a value, although it is not written
            END if marked => self.unwritten(root, 3)?,
            END => {}
            column if self.is_dash(self.at) => self.sequence(root, column)?,
            column => self.mapping(root, column, None)?,
        }
        (self.column == END).then_some(())
    }

    fn mapping(&mut self, holder: Holder, column: i32, first: Option<Span>) -> Option<()> {
        let id = self.open(
            Kind::Mapping,
            Style::Block,
            first.map_or(self.at, |key| key.start as usize),
            holder,
        )?;
        let base = self.keys.len();
        let mut key = match first {
            Some(key) => key,
            None => self.key()??,
        };
        loop {
            self.unique(base, key)?;
            let member = Holder { id, key: Some(key) };
            let colon = self.at;
            if self.skip_to_value() {
                self.scalar(member, column)?;
            } else {
                self.next_line()?;
                if self.column > column {
                    self.item(member, column, self.column)?;
                } else if self.column == column && self.is_dash(self.at) {
                    self.sequence(member, column)?;
                } else {
                    self.unwritten(member, colon)?;
                }
            }
            if self.column != column {
                break;
            }
            key = self.key()??;
        }
        self.close_mapping(id, base)?;
        (self.column < column).then_some(())
    }

    fn sequence(&mut self, holder: Holder, column: i32) -> Option<()> {
        let id = self.open(Kind::Sequence, Style::Block, self.at, holder)?;
        let item = Holder { id, key: None };
        while self.column == column && self.is_dash(self.at) {
            let dash = self.at;
            self.at += 1;
            if self.skip_to_value() {
                self.item(item, column, column + (self.at - dash) as i32)?;
            } else {
                self.next_line()?;
                if self.column > column {
                    self.item(item, column, self.column)?;
                } else {
                    self.unwritten(item, dash + 1)?;
                }
            }
        }
        self.close(id);
        // the parent decides whether a line at this column may go on
        (self.column <= column).then_some(())
    }

    /// A value that may be a block collection: behind its dash, or on a line of its own. It is
    /// at column `own`, its parent at `column`.
    fn item(&mut self, holder: Holder, column: i32, own: i32) -> Option<()> {
        if self.is_dash(self.at) {
            self.column = own;
            return self.sequence(holder, own);
        }
        match self.key()? {
            Some(key) => self.mapping(holder, own, Some(key)),
            None => self.scalar(holder, column),
        }
    }

    fn open(&mut self, kind: Kind, style: Style, start: usize, holder: Holder) -> Option<u32> {
        self.depth += 1;
        if self.depth > limits::DEPTH {
            return None;
        }
        self.push(kind, style, Span::new(start, start), holder)
    }

    fn close(&mut self, id: u32) {
        self.depth -= 1;
        self.tree.nodes[id as usize].span.end = self.leaf_end as u32;
    }

    fn close_mapping(&mut self, id: u32, base: usize) -> Option<()> {
        if self.keys.len() - base > FEW {
            let text = self.tree.text;
            let keys = &mut self.keys[base..];
            keys.sort_unstable_by_key(|key| &text[key.range()]);
            if keys
                .windows(2)
                .any(|pair| text[pair[0].range()] == text[pair[1].range()])
            {
                return None;
            }
        }
        self.keys.truncate(base);
        self.close(id);
        Some(())
    }

    /// A key that none of its mapping equals; of many keys that is found out when the mapping
    /// closes.
    fn unique(&mut self, base: usize, token: Span) -> Option<()> {
        let key = inner(self.tree.text, token);
        let others = &self.keys[base..];
        if others.len() < FEW {
            let bytes = &self.bytes[key.range()];
            let is_twice = others.iter().any(|other| {
                other.end - other.start == key.end - key.start
                    && &self.bytes[other.range()] == bytes
            });
            if is_twice {
                return None;
            }
        }
        self.keys.push(key);
        Some(())
    }

    fn push(&mut self, kind: Kind, style: Style, span: Span, holder: Holder) -> Option<u32> {
        if self.tree.nodes.len() >= limits::NODES {
            return None;
        }
        let id = self.tree.nodes.len() as u32;
        let mut node = Node::new(kind, style, span, holder.id);
        node.key = holder.key;
        self.tree.push(node);
        if let Some(parent) = self.tree.nodes.get_mut(holder.id as usize) {
            let before = std::mem::replace(&mut parent.last, id);
            if let Some(before) = self.tree.nodes.get_mut(before as usize) {
                before.next = id;
            }
        }
        Some(id)
    }

    fn leaf(&mut self, style: Style, span: Span, holder: Holder) -> Option<u32> {
        self.leaf_end = span.end as usize;
        self.push(Kind::Scalar, style, span, holder)
    }

    fn unwritten(&mut self, holder: Holder, at: usize) -> Option<()> {
        self.leaf(Style::Plain, Span::new(at, at), holder)
            .map(|_| ())
    }
}

/// Up to so many keys are compared with each other.
const FEW: usize = 12;

/// Whether a plain text begins here: with nothing that has a meaning of its own.
fn begins_plain(first: u8, second: u8) -> bool {
    match first {
        b'-' => !matches!(second, b' ' | b'\n' | b'\t'),
        b'!' | b'"' | b'#' | b'%' | b'&' | b'\'' | b'*' | b',' | b':' | b'>' | b'?' | b'@'
        | b'[' | b']' | b'`' | b'{' | b'|' | b'}' | b'\t' | b'\n' | b' ' => false,
        _ => true,
    }
}
