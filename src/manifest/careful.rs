//! The careful road: any YAML document into a [`Tree`], by granit-parser's events.
//!
//! The parser says what there is; where a token begins and ends is found again in the bytes here, because its marks
//! leave out dashes and block scalar indicators, and run past comments.

use std::borrow::Cow;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span as Mark, StructureStyle};

use super::tree::{Kind, Node, NodeId, Style, Text, Tree};
use super::{ReadError, Span};
use crate::diagnostic::Code;
use crate::limits;

pub(super) fn read(text: &str) -> Result<Tree<'_>, ReadError> {
    characters(text)?;
    let mut reader = Reader { text, nodes: Vec::new(), open: Vec::new(), cursor: 0, ids: Vec::new(), used: Vec::new() };
    reader.run()?;
    let Reader { nodes, .. } = reader;
    Ok(Tree { text, nodes })
}

/// Refuses what YAML readers disagree on: control characters, and line ends that only some of them know.
fn characters(text: &str) -> Result<(), ReadError> {
    let bytes = text.as_bytes();
    let odd = |at: usize| match bytes[at] {
        b'\t' | b'\n' => false,
        b'\r' => bytes.get(at + 1) != Some(&b'\n'),
        0x00..=0x1f | 0x7f => true,
        0xc2 => matches!(bytes.get(at + 1), Some(0x80..=0x9f)),
        0xe2 => matches!(bytes.get(at + 1..at + 3), Some([0x80, 0xa8 | 0xa9])),
        _ => false,
    };
    match (0..bytes.len()).find(|&at| odd(at)) {
        None => Ok(()),
        Some(at) => {
            let found = text[at..].chars().next().unwrap_or_default();
            Err(ReadError {
                code: Code::YamlSyntax,
                span: Span::new(at, at + found.len_utf8()),
                message: format!("the character U+{:04X}, which YAML readers disagree about", u32::from(found)),
            })
        }
    }
}

struct Open {
    id: NodeId,
    /// In a mapping: the key that waits for its value.
    key: Option<(Span, Text)>,
}

struct Reader<'a> {
    text: &'a str,
    nodes: Vec<Node>,
    open: Vec<Open>,
    /// One past the last token that was placed.
    cursor: usize,
    /// Anchor ids: who carries one, which ones an alias uses.
    ids: Vec<(usize, NodeId)>,
    used: Vec<usize>,
}

impl<'a> Reader<'a> {
    fn run(&mut self) -> Result<(), ReadError> {
        let mut parser = Parser::new_from_str(self.text);
        let mut documents = 0;
        while let Some(event) = parser.next_event() {
            let (event, mark) = event.map_err(|e| self.syntax(&e))?;
            match event {
                Event::DocumentStart(explicit, _) => {
                    documents += 1;
                    if documents > 1 {
                        let at = mark.byte_range().map_or(self.cursor, |r| r.start);
                        let message = "a second document after `...`; begin it with `---`".to_owned();
                        return Err(ReadError { code: Code::YamlSyntax, span: Span::new(at, at), message });
                    }
                    if explicit {
                        self.cursor = mark.byte_range().map_or(0, |r| r.end);
                    }
                }
                Event::Scalar(value, style, anchor, tag) => self.scalar(value, style, anchor, tag.is_some(), mark)?,
                Event::Alias(id) => {
                    self.used.push(id);
                    self.alias(mark)?;
                }
                Event::SequenceStart(style, anchor, tag) => {
                    self.begin(Kind::Sequence, style, anchor, tag.is_some(), mark)?;
                }
                Event::MappingStart(style, anchor, tag) => {
                    self.begin(Kind::Mapping, style, anchor, tag.is_some(), mark)?;
                }
                Event::SequenceEnd | Event::MappingEnd => self.end(mark)?,
                _ => {}
            }
        }
        for (id, node) in &self.ids {
            self.nodes[node.0 as usize].anchored = self.used.contains(id);
        }
        Ok(())
    }

    fn scalar(
        &mut self,
        value: Cow<'a, str>,
        style: ScalarStyle,
        anchor: usize,
        tagged: bool,
        mark: Mark,
    ) -> Result<(), ReadError> {
        let range = mark.byte_range().unwrap_or(self.cursor..self.cursor);
        if let Some(open) = self.open.last()
            && open.key.is_none()
            && self.nodes[open.id.0 as usize].kind == Kind::Mapping
        {
            let span = Span::new(range.start, range.end);
            if range.len() > limits::KEY_BYTES {
                let message = format!("a key of more than {} bytes", limits::KEY_BYTES);
                return Err(ReadError { code: Code::LimitExceeded, span, message });
            }
            let empty = range.is_empty();
            let text = if empty { Text::Slice(span) } else { self.decoded(value, span, style) };
            self.cursor = self.cursor.max(range.end);
            if let Some(open) = self.open.last_mut() {
                open.key = Some((span, text));
            }
            return Ok(());
        }
        self.approach();
        let (span, text, style) = match style {
            ScalarStyle::Literal | ScalarStyle::Folded => {
                let start = self.skip_properties(self.cursor);
                let span = Span::new(start, self.block_scalar_end(start, range.end));
                let style = if style == ScalarStyle::Literal { Style::Literal } else { Style::Folded };
                (span, Text::Owned(value.into()), style)
            }
            _ if range.is_empty() => {
                let at = if anchor != 0 || tagged { self.skip_properties(self.cursor) } else { self.cursor };
                let at = at.min(self.text.len());
                let at = self.text[..at].trim_end().len().max(self.cursor);
                (Span::new(at, at), Text::Slice(Span::new(at, at)), Style::Plain)
            }
            _ => {
                let span = Span::new(range.start, range.end);
                let kind = match style {
                    ScalarStyle::SingleQuoted => Style::Single,
                    ScalarStyle::DoubleQuoted => Style::Double,
                    _ => Style::Plain,
                };
                (span, self.decoded(value, span, style), kind)
            }
        };
        let id = self.push(Kind::Scalar, style, tagged, span, text)?;
        if anchor != 0 {
            self.ids.push((anchor, id));
        }
        self.cursor = span.end as usize;
        Ok(())
    }

    fn alias(&mut self, mark: Mark) -> Result<(), ReadError> {
        self.approach();
        let range = mark.byte_range().unwrap_or(self.cursor..self.cursor);
        let span = Span::new(range.start, range.end);
        if self.open.last().is_some_and(|o| o.key.is_none() && self.nodes[o.id.0 as usize].kind == Kind::Mapping) {
            return Err(ReadError { code: Code::YamlSyntax, span, message: "an alias as a key".to_owned() });
        }
        self.push(Kind::Alias, Style::Plain, false, span, Text::Slice(span))?;
        self.cursor = range.end;
        Ok(())
    }

    fn begin(
        &mut self,
        kind: Kind,
        style: StructureStyle,
        anchor: usize,
        tagged: bool,
        mark: Mark,
    ) -> Result<(), ReadError> {
        self.approach();
        let range = mark.byte_range().unwrap_or(self.cursor..self.cursor);
        let flow = style == StructureStyle::Flow;
        let start = if flow && !range.is_empty() { range.start } else { self.skip_properties(self.cursor) };
        let span = Span::new(start, range.end.max(start));
        if self.open.last().is_some_and(|o| o.key.is_none() && self.nodes[o.id.0 as usize].kind == Kind::Mapping) {
            let message = "a list or a mapping as a key".to_owned();
            return Err(ReadError { code: Code::YamlSyntax, span, message });
        }
        if self.open.len() >= limits::DEPTH {
            let message = format!("nested more than {} levels deep", limits::DEPTH);
            return Err(ReadError { code: Code::LimitExceeded, span, message });
        }
        let id = self.push(kind, if flow { Style::Flow } else { Style::Block }, tagged, span, Text::Slice(span))?;
        if anchor != 0 {
            self.ids.push((anchor, id));
        }
        self.open.push(Open { id, key: None });
        self.cursor = if flow { range.end.max(start) } else { start };
        Ok(())
    }

    fn end(&mut self, mark: Mark) -> Result<(), ReadError> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let range = mark.byte_range().unwrap_or(self.cursor..self.cursor);
        let node = &self.nodes[open.id.0 as usize];
        let bracketed = node.style == Style::Flow && !range.is_empty();
        let end = if bracketed { range.end } else { self.cursor };
        let node = &mut self.nodes[open.id.0 as usize];
        node.span.end = end as u32;
        node.text = Text::Slice(node.span);
        if node.kind == Kind::Mapping {
            self.unique_keys(open.id)?;
        }
        self.cursor = end;
        Ok(())
    }

    /// Moves the cursor over what stands before a value: the dash of a list, the colon of a mapping.
    fn approach(&mut self) {
        let Some(open) = self.open.last() else { return };
        let node = &self.nodes[open.id.0 as usize];
        let wanted = match (node.kind, node.style) {
            (Kind::Sequence, Style::Block) => b'-',
            (Kind::Mapping, _) if open.key.is_some() => b':',
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
                Some(0xef) if at == 0 && bytes.starts_with("\u{feff}".as_bytes()) => at += 3,
                _ => return at,
            }
        }
    }

    /// Over blanks, comments, tags and anchors, to the first byte of the value itself.
    fn skip_properties(&self, at: usize) -> usize {
        let mut at = self.skip_blanks(at);
        let bytes = self.text.as_bytes();
        while matches!(bytes.get(at), Some(b'!' | b'&')) {
            while bytes.get(at).is_some_and(|b| !b.is_ascii_whitespace()) {
                at += 1;
            }
            at = self.skip_blanks(at);
        }
        at
    }

    /// The end of a block scalar that begins at its indicator and, says the parser, ends before `bound`.
    fn block_scalar_end(&self, start: usize, bound: usize) -> usize {
        let header = start + memchr::memchr(b'\n', &self.text.as_bytes()[start..]).unwrap_or(self.text.len() - start);
        let bound = bound.max(header);
        let keep = self.text[start..header].split('#').next().is_some_and(|h| h.contains('+'));
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
            if line <= header || !self.text[line..cut].bytes().all(|b| matches!(b, b' ' | b'\r')) {
                return cut;
            }
            end = line;
        }
    }

    fn decoded(&self, value: Cow<'a, str>, span: Span, style: ScalarStyle) -> Text {
        let quotes = u32::from(matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted));
        let inner = Span { start: span.start + quotes, end: span.end.saturating_sub(quotes).max(span.start + quotes) };
        match self.text.get(inner.range()) {
            Some(slice) if slice == value => Text::Slice(inner),
            _ => Text::Owned(value.into()),
        }
    }

    fn push(&mut self, kind: Kind, style: Style, tagged: bool, span: Span, text: Text) -> Result<NodeId, ReadError> {
        if self.nodes.len() >= limits::NODES {
            let message = format!("a document of more than {} values", limits::NODES);
            return Err(ReadError { code: Code::LimitExceeded, span, message });
        }
        let id = NodeId(self.nodes.len() as u32);
        let (key, key_text, parent) = match self.open.last_mut() {
            None => (None, None, None),
            Some(open) => {
                let (key, key_text) = open.key.take().unzip();
                let parent = open.id;
                let holder = &mut self.nodes[parent.0 as usize];
                match holder.last.replace(id) {
                    None => holder.first = Some(id),
                    Some(before) => self.nodes[before.0 as usize].next = Some(id),
                }
                (key, key_text, Some(parent))
            }
        };
        self.nodes.push(Node {
            kind,
            style,
            tagged,
            anchored: false,
            span,
            key,
            key_text,
            text,
            parent,
            first: None,
            last: None,
            next: None,
        });
        Ok(id)
    }

    fn unique_keys(&self, mapping: NodeId) -> Result<(), ReadError> {
        let tree = Tree { text: self.text, nodes: Vec::new() };
        let key = |id: NodeId| match self.nodes[id.0 as usize].key_text.as_ref() {
            Some(Text::Slice(span)) => tree.slice(*span),
            Some(Text::Owned(text)) => text,
            None => "",
        };
        let first = self.nodes[mapping.0 as usize].first;
        let mut ids: Vec<_> = std::iter::successors(first, |id| self.nodes[id.0 as usize].next).collect();
        ids.sort_by(|&a, &b| key(a).cmp(key(b)).then(a.cmp(&b)));
        match ids.windows(2).find(|pair| key(pair[0]) == key(pair[1])) {
            None => Ok(()),
            Some(pair) => Err(ReadError {
                code: Code::DuplicateKey,
                span: self.nodes[pair[1].0 as usize].key.unwrap_or_default(),
                message: format!("the key `{}` stands here twice", key(pair[1])),
            }),
        }
    }

    fn syntax(&self, error: &ScanError) -> ReadError {
        let at = error.marker().byte_offset().unwrap_or(self.cursor).min(self.text.len());
        let end = self.text[at..].chars().next().map_or(at, |c| at + c.len_utf8());
        ReadError { code: Code::YamlSyntax, span: Span::new(at, end), message: error.info().to_owned() }
    }
}

/// The end of `text` without its last line end, but never before `least`.
fn without_newline(text: &str, least: usize) -> usize {
    let cut = text.strip_suffix('\n').unwrap_or(text);
    cut.strip_suffix('\r').unwrap_or(cut).len().max(least)
}
