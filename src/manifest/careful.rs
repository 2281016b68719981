//! The careful road: any YAML document into a [`Tree`], by granit-parser's events.
//!
//! The parser says what there is; where a value that is not written, a block scalar or a block
//! collection stands is found again in the bytes here, because the marks leave out indicators and
//! run past comments.

use std::borrow::Cow;
use std::ops::Range;

use granit_parser::{
    ErrorKind, Event, Parser, ScalarStyle, ScanError, Span as Mark, StructureStyle, Tag,
};

use super::reading::Alias;
use super::tree::{Kind, NONE, Node, NodeId, Style, Tree, inner};
use super::{Flaw, ReadError, Span, characters};
use crate::limits;

pub(super) fn read(text: &str) -> Result<Tree<'_>, ReadError> {
    characters::check(text)?;
    let tree = Tree::empty(text);
    let mut reader = Reader {
        text,
        tree,
        open: Vec::new(),
        cursor: 0,
        ids: Vec::new(),
        used: Vec::new(),
    };
    reader.run()?;
    Ok(reader.tree)
}

struct Open {
    id: NodeId,
    /// In a mapping: the key that waits for its value.
    key: Option<(Span, u32)>,
}

struct Reader<'a> {
    text: &'a str,
    tree: Tree<'a>,
    open: Vec<Open>,
    /// One past the last token that was placed.
    cursor: usize,
    /// Anchor ids: who carries one, which ones an alias uses.
    ids: Vec<(usize, NodeId)>,
    used: Vec<usize>,
}

impl<'a> Reader<'a> {
    fn run(&mut self) -> Result<(), ReadError> {
        let options = granit_parser::options! {
            emit_comments: false,
            // as kubectl reads it
            block_scalar_eof_without_line_feed: true,
        };
        let mut parser = Parser::new_from_str_with_options(self.text, options);
        let mut documents = 0;
        while let Some(event) = parser.next_event() {
            let (event, mark) = event.map_err(|e| self.syntax(&e))?;
            match event {
                Event::DocumentStart(explicit, _) => {
                    documents += 1;
                    if documents > 1 {
                        let at = mark.byte_range().map_or(self.cursor, |r| r.start);
                        let message = "a second document that does not begin with `---`".to_owned();
                        return Err(ReadError {
                            flaw: Flaw::Syntax,
                            span: Span::new(at, at),
                            message,
                        });
                    }
                    if explicit {
                        self.cursor = mark.byte_range().map_or(0, |r| r.end);
                    }
                }
                Event::Scalar(value, style, anchor, tag) => {
                    self.scalar(value, style, anchor, tag.as_deref(), mark)?;
                }
                Event::Alias(id) => {
                    self.used.push(id);
                    self.alias(id, mark)?;
                }
                Event::SequenceStart(style, anchor, tag) => {
                    self.begin(Kind::Sequence, style, anchor, tag.as_deref(), mark)?;
                }
                Event::MappingStart(style, anchor, tag) => {
                    self.begin(Kind::Mapping, style, anchor, tag.as_deref(), mark)?;
                }
                Event::SequenceEnd | Event::MappingEnd => self.end(mark)?,
                _ => {}
            }
        }
        for (id, node) in &self.ids {
            self.tree.nodes[node.0 as usize].anchored = self.used.contains(id);
        }
        Ok(())
    }

    fn scalar(
        &mut self,
        value: Cow<'a, str>,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        mark: Mark,
    ) -> Result<(), ReadError> {
        let range = self.range(mark);
        if self.wants_key() {
            let span = Span::new(range.start, range.end);
            if anchor != 0 {
                self.tree.anchored_keys.push(span);
            }
            if tag.is_some_and(|tag| {
                value == "<<" || !(is_plain(tag) || tag.is_yaml_core_schema_tag("str"))
            }) {
                self.tree.doubtful.push(span);
            }
            if range.len() > limits::KEY_BYTES {
                let message = format!("a key of more than {} bytes", limits::KEY_BYTES);
                return Err(ReadError {
                    flaw: Flaw::Limit,
                    span,
                    message,
                });
            }
            let text = if range.is_empty() {
                NONE
            } else {
                self.decoded(value, span)
            };
            self.cursor = self.cursor.max(range.end);
            if let Some(open) = self.open.last_mut() {
                open.key = Some((span, text));
            }
            return Ok(());
        }
        self.approach();
        let (start, properties_end) = self.skip_properties(self.cursor);
        let span = match style {
            ScalarStyle::Literal | ScalarStyle::Folded => {
                Span::new(start, self.block_scalar_end(start, range.end, mark.indent))
            }
            _ if range.is_empty() => Span::new(properties_end, properties_end),
            _ => Span::new(range.start, range.end),
        };
        let text = if span.is_empty() {
            NONE
        } else {
            self.decoded(value, span)
        };
        let style = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted => Style::Single,
            ScalarStyle::DoubleQuoted => Style::Double,
            ScalarStyle::Literal => Style::Literal,
            ScalarStyle::Folded => Style::Folded,
        };
        let id = self.push(Kind::Scalar, style, span)?;
        let node = &mut self.tree.nodes[id.0 as usize];
        (node.tagged, node.text) = (tag.is_some(), text);
        if tag.is_some_and(|tag| !fits(tag, Kind::Scalar)) {
            self.tree.doubtful.push(span);
        }
        if anchor != 0 {
            self.ids.push((anchor, id));
        }
        self.cursor = span.end as usize;
        Ok(())
    }

    fn alias(&mut self, anchor: usize, mark: Mark) -> Result<(), ReadError> {
        let range = self.range(mark);
        let span = Span::new(range.start, range.end);
        if self.wants_key() {
            return Err(ReadError {
                flaw: Flaw::Syntax,
                span,
                message: "an alias as a key".to_owned(),
            });
        }
        let alias = self.push(Kind::Alias, Style::Plain, span)?;
        // anchors are numbered in the order they are written
        if let Ok(found) = self.ids.binary_search_by_key(&anchor, |(id, _)| *id) {
            self.tree.aliases.push(Alias {
                alias,
                target: self.ids[found].1,
            });
        }
        self.cursor = range.end;
        Ok(())
    }

    fn begin(
        &mut self,
        kind: Kind,
        style: StructureStyle,
        anchor: usize,
        tag: Option<&Tag>,
        mark: Mark,
    ) -> Result<(), ReadError> {
        let range = self.range(mark);
        let span = Span::new(range.start, range.end);
        if self.wants_key() {
            let message = "a list or a mapping as a key".to_owned();
            return Err(ReadError {
                flaw: Flaw::Syntax,
                span,
                message,
            });
        }
        if self.open.len() >= limits::DEPTH {
            let message = format!("nested more than {} levels deep", limits::DEPTH);
            return Err(ReadError {
                flaw: Flaw::Limit,
                span,
                message,
            });
        }
        let style = if style == StructureStyle::Flow {
            Style::Flow
        } else {
            Style::Block
        };
        let start = match (kind, style) {
            (Kind::Sequence, Style::Block) => {
                // the mark of one at its parent's indentation leaves out the dash
                self.approach();
                self.skip_properties(self.cursor).0
            }
            _ => range.start,
        };
        let id = self.push(kind, style, Span::new(start, range.end.max(start)))?;
        self.tree.nodes[id.0 as usize].tagged = tag.is_some();
        if tag.is_some_and(|tag| !fits(tag, kind)) {
            // the node's end is not known yet: its first byte is enough to find it
            self.tree.doubtful.push(Span::new(start, start));
        }
        if anchor != 0 {
            self.ids.push((anchor, id));
        }
        self.open.push(Open { id, key: None });
        self.cursor = if style == Style::Flow {
            range.end
        } else {
            start
        };
        Ok(())
    }

    fn end(&mut self, mark: Mark) -> Result<(), ReadError> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        let range = self.range(mark);
        // the mark of a block collection runs past comments; that of `[a: b]`'s mapping is empty
        if !range.is_empty() {
            self.cursor = range.end;
        }
        let node = &mut self.tree.nodes[open.id.0 as usize];
        node.span.end = self.cursor as u32;
        if node.kind == Kind::Mapping {
            self.unique_keys(open.id)
        } else {
            Ok(())
        }
    }

    fn range(&self, mark: Mark) -> Range<usize> {
        mark.byte_range().unwrap_or(self.cursor..self.cursor)
    }

    fn wants_key(&self) -> bool {
        self.open
            .last()
            .is_some_and(|open| open.key.is_none() && self.tree.kind(open.id) == Kind::Mapping)
    }

    /// Moves the cursor over what stands before a value: the dash of a list, the colon of a
    /// mapping.
    fn approach(&mut self) {
        let Some(open) = self.open.last() else { return };
        let node = self.tree.node(open.id);
        let wanted = match (node.kind, node.style) {
            (Kind::Sequence, Style::Block) => b'-',
            (Kind::Mapping, _) => b':',
            _ => return,
        };
        let at = self.skip_blanks(self.cursor);
        if self.text.as_bytes().get(at) == Some(&wanted) {
            self.cursor = at + 1;
        }
    }

    /// Over blanks, line ends and comments.
    fn skip_blanks(&self, mut at: usize) -> usize {
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(at) {
                Some(b' ' | b'\t' | b'\n' | b'\r') => at += 1,
                Some(b'#') => at += memchr::memchr(b'\n', &bytes[at..]).unwrap_or(bytes.len() - at),
                _ => return at,
            }
        }
    }

    /// Over tags and anchors: to the first byte of the value itself, and to the end of the last of
    /// them.
    fn skip_properties(&self, from: usize) -> (usize, usize) {
        let bytes = self.text.as_bytes();
        let (mut at, mut end) = (self.skip_blanks(from), from);
        while matches!(bytes.get(at), Some(b'!' | b'&')) {
            let flow = self
                .open
                .last()
                .is_some_and(|open| self.tree.node(open.id).style == Style::Flow);
            let stops = |b: &u8| b.is_ascii_whitespace() || flow && matches!(b, b',' | b']' | b'}');
            end = at
                + bytes[at..]
                    .iter()
                    .position(stops)
                    .unwrap_or(bytes.len() - at);
            at = self.skip_blanks(end);
        }
        (at, end)
    }

    /// The end of a block scalar that begins at its indicator and, says the parser, ends before
    /// `bound`.
    fn block_scalar_end(&self, start: usize, bound: usize, indent: Option<usize>) -> usize {
        let header = start
            + memchr::memchr(b'\n', &self.text.as_bytes()[start..])
                .unwrap_or(self.text.len() - start);
        let bound = bound.max(header);
        let keep = self.text[start..header]
            .split('#')
            .next()
            .is_some_and(|h| h.contains('+'));
        let mut end = bound;
        // the parser's mark stands after the indentation of the next line
        let line = self.text[..end].rfind('\n').map_or(0, |n| n + 1);
        if line > header && self.text[line..end].bytes().all(|b| b == b' ') {
            end = line;
        }
        if keep {
            return without_newline(&self.text[..end], header);
        }
        loop {
            let cut = without_newline(&self.text[..end], header);
            let line = self.text[..cut].rfind('\n').map_or(0, |n| n + 1);
            // a line of more blanks than the indentation is content
            let blank = self.text[line..cut].bytes().all(|b| b == b' ')
                && cut - line <= indent.unwrap_or(usize::MAX);
            if line <= header || !blank {
                return cut;
            }
            end = line;
        }
    }

    /// Where a text is kept that is not what stands between the quotes.
    fn decoded(&mut self, value: Cow<'a, str>, span: Span) -> u32 {
        if self.text.get(inner(self.text, span).range()) == Some(&*value) {
            return NONE;
        }
        self.tree.decoded.push(value.into());
        self.tree.decoded.len() as u32 - 1
    }

    fn push(&mut self, kind: Kind, style: Style, span: Span) -> Result<NodeId, ReadError> {
        if self.tree.nodes.len() >= limits::NODES {
            let message = format!("a document of more than {} values", limits::NODES);
            return Err(ReadError {
                flaw: Flaw::Limit,
                span,
                message,
            });
        }
        let id = NodeId(self.tree.nodes.len() as u32);
        let Some(open) = self.open.last_mut() else {
            self.tree.push(Node::new(kind, style, span, NONE));
            return Ok(id);
        };
        let mut node = Node::new(kind, style, span, open.id.0);
        if let Some((key, text)) = open.key.take() {
            (node.key, node.key_text) = (Some(key), text);
        }
        self.tree.push(node);
        let nodes = &mut self.tree.nodes;
        let before = std::mem::replace(&mut nodes[open.id.0 as usize].last, id.0);
        if before != NONE {
            nodes[before as usize].next = id.0;
        }
        Ok(id)
    }

    fn unique_keys(&self, mapping: NodeId) -> Result<(), ReadError> {
        let mut keys: Vec<_> = self
            .tree
            .children(mapping)
            .map(|id| (self.tree.key(id), id))
            .collect();
        keys.sort_unstable();
        match keys.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            None => Ok(()),
            Some(pair) => Err(ReadError {
                flaw: Flaw::DuplicateKey,
                span: self.tree.node(pair[1].1).key.unwrap_or_default(),
                message: format!(
                    "the key `{}` stands here twice",
                    pair[1].0.unwrap_or_default()
                ),
            }),
        }
    }

    /// The parser's error, in words that hold no byte of the document: it may be a Secret.
    fn syntax(&self, error: &ScanError) -> ReadError {
        let at = error
            .marker()
            .byte_offset()
            .unwrap_or(self.cursor)
            .min(self.text.len());
        let end = self.text[at..]
            .chars()
            .next()
            .map_or(at, |c| at + c.len_utf8());
        let message = match error.kind() {
            ErrorKind::UnexpectedCharacter { .. } => {
                "a plain value cannot begin with this character".to_owned()
            }
            ErrorKind::MismatchedFlowCollectionEnd { .. } => {
                "a bracket that is closed by one of another kind".to_owned()
            }
            ErrorKind::UnclosedFlowCollection { .. } => "a bracket that is not closed".to_owned(),
            _ => error.info(),
        };
        ReadError {
            flaw: Flaw::Syntax,
            span: Span::new(at, end),
            message,
        }
    }
}

/// Whether a tag is `!`, which only keeps a value from being resolved.
fn is_plain(tag: &Tag) -> bool {
    tag.parts() == ("", "!") || tag.parts() == ("!", "")
}

/// Whether every reader makes of a value with this tag what it is.
fn fits(tag: &Tag, kind: Kind) -> bool {
    let own: &[&str] = match kind {
        Kind::Mapping => &["map"],
        Kind::Sequence => &["seq"],
        Kind::Scalar | Kind::Alias => &["str", "null", "bool", "int", "float"],
    };
    is_plain(tag) || own.iter().any(|suffix| tag.is_yaml_core_schema_tag(suffix))
}

/// The end of `text` without its last line end, but never before `least`.
fn without_newline(text: &str, least: usize) -> usize {
    let cut = text.strip_suffix('\n').unwrap_or(text);
    cut.strip_suffix('\r').unwrap_or(cut).len().max(least)
}

#[cfg(test)]
mod tests;
