//! Parses any YAML document into a [`Tree`], from granit-parser's events.
//!
//! The parser reports the content; `positions` finds its place in the bytes, because the parser's
//! marks leave out indicators and include comments.

use std::borrow::Cow;

use granit_parser::{Event, Parser, ScalarStyle, Span as Mark, StructureStyle, Tag};

use crate::limits;
use crate::manifest::scalar::resolve;
use crate::manifest::tree::{Alias, Kind, NONE, NodeId, Style, Tree};
use crate::manifest::{Flaw, ReadError, Span, yaml_characters};

mod nodes;
mod positions;
mod syntax_error;
mod tags;

pub(super) fn read(text: &str) -> Result<Tree<'_>, ReadError> {
    yaml_characters::check(text)?;
    let tree = Tree::empty(text);
    let mut reader = FullParser {
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

struct OpenCollection {
    id: NodeId,
    /// In a mapping: the key that waits for its value.
    key: Option<(Span, u32)>,
}

struct FullParser<'a> {
    text: &'a str,
    tree: Tree<'a>,
    open: Vec<OpenCollection>,
    /// One past the last token that was placed.
    cursor: usize,
    /// Anchor ids: who carries one, which ones an alias uses.
    ids: Vec<(usize, NodeId)>,
    used: Vec<usize>,
}

impl<'a> FullParser<'a> {
    fn run(&mut self) -> Result<(), ReadError> {
        let options = granit_parser::options! {
            emit_comments: false,
            // as kubectl reads it
            block_scalar_eof_without_line_feed: true,
        };
        let mut parser = Parser::new_from_str_with_options(self.text, options);
        let mut documents = 0;
        while let Some(event) = parser.next_event() {
            let (event, mark) = event.map_err(|e| syntax_error::of(&e, self.text, self.cursor))?;
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
                value == "<<" || !(tags::is_plain(tag) || tag.is_yaml_core_schema_tag("str"))
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
        let style = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted => Style::Single,
            ScalarStyle::DoubleQuoted => Style::Double,
            ScalarStyle::Literal => Style::Literal,
            ScalarStyle::Folded => Style::Folded,
        };
        let is_doubtful = tag.is_some_and(|tag| !tags::fits_scalar(tag, resolve(&value, style)));
        let text = if span.is_empty() {
            NONE
        } else {
            self.decoded(value, span)
        };
        let id = self.push(Kind::Scalar, style, span)?;
        let node = &mut self.tree.nodes[id.0 as usize];
        (node.tagged, node.text) = (tag.is_some(), text);
        if is_doubtful {
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
            let is_doubled = self.text[..range.start].ends_with('{')
                && self.text[range.start..].starts_with('{');
            return Err(match is_doubled {
                true => ReadError {
                    flaw: Flaw::Braces,
                    span: Span::new(range.start - 1, range.start + 1),
                    message: "a value begins with `{{` and has no quotes".to_owned(),
                },
                false => ReadError {
                    flaw: Flaw::Syntax,
                    span,
                    message: "a list or a mapping as a key".to_owned(),
                },
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
        if tag.is_some_and(|tag| !tags::fits(tag, kind)) {
            // the node's end is not known yet: its first byte is enough to find it
            self.tree.doubtful.push(Span::new(start, start));
        }
        if anchor != 0 {
            self.ids.push((anchor, id));
        }
        self.open.push(OpenCollection { id, key: None });
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

    fn wants_key(&self) -> bool {
        self.open
            .last()
            .is_some_and(|open| open.key.is_none() && self.tree.kind(open.id) == Kind::Mapping)
    }
}

#[cfg(test)]
mod tests;
