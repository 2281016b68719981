//! Writes a migrated object in place of the old one: the parts that do not change are kept as they
//! are written, with their comments.

use std::ops::Range;

use super::comments::comments;
use crate::api::API_VERSION;
use crate::edit::{LongTexts, Member, Value, document};
use crate::manifest::{NodeId, Span, Style, Tree};

/// A member of the new `spec`.
#[derive(Debug)]
pub(super) struct SpecMember {
    /// Its key.
    pub key: &'static str,
    /// What it is.
    pub content: SpecContent,
    /// The old members that it is made of: their comments stay with it.
    pub made_of: &'static [&'static str],
}

/// What a member of the new `spec` is.
#[derive(Debug)]
pub(super) enum SpecContent {
    /// The old member of that key, as it is written.
    AsWritten,
    /// A new value.
    Value(Value<'static>),
    /// A list whose items have comments of their own.
    Items(Vec<SpecItem>),
}

/// An item of a list, and the comments before it.
#[derive(Debug)]
pub(super) struct SpecItem {
    /// The item.
    pub value: Value<'static>,
    /// Which item of the old list it is made of.
    pub position: usize,
    /// Comments that were in a text.
    pub comments: Vec<String>,
}

/// A document with one object, which is replaced.
pub(super) struct ObjectDocument<'t> {
    /// The document.
    pub tree: &'t Tree<'t>,
    /// Its root.
    pub root: NodeId,
}

impl ObjectDocument<'_> {
    fn text(&self) -> &str {
        self.tree.text()
    }

    fn newline(&self) -> &'static str {
        if self.text().contains("\r\n") {
            "\r\n"
        } else {
            "\n"
        }
    }

    fn child(&self, parent: NodeId, key: &str) -> Option<NodeId> {
        let mut children = self.tree.children(parent);
        children.find(|&child| self.tree.key(child) == Some(key))
    }

    /// The document with another object in place of its own: what is before and after stays.
    pub(super) fn with_object(&self, members: &[Member<'static>]) -> String {
        let span = self.tree.span(self.root).range();
        let text = self.text();
        let block = document(members, self.newline(), LongTexts::AsLines);
        let kept = comments(self.tree, span.clone());
        let kept: String = kept
            .into_iter()
            .map(|comment| comment + self.newline())
            .collect();
        let start = match self.tree.node(self.root).style {
            Style::Flow => span.start,
            _ => line_start(text, span.start),
        };
        let end = line_end(text, span.end);
        let tail = text[span.end..end].trim_end_matches(['\n', '\r']);
        let tail = match tail.trim_start().starts_with('#') {
            // a comment on the last line is among those that are kept
            true => "",
            false => tail,
        };
        let before = &text[..start];
        let separator = match before.is_empty() || before.ends_with('\n') {
            true => "",
            false => self.newline(),
        };
        let after = &text[end..];
        format!(
            "{before}{separator}{kept}{block}{tail}{}{after}",
            self.newline()
        )
    }

    /// The document with its object in the new version.
    pub(super) fn with_spec(
        &self,
        metadata: Option<Value<'static>>,
        spec: Vec<SpecMember>,
    ) -> String {
        if self.tree.node(self.root).style == Style::Flow {
            return self.anew(metadata, spec);
        }
        let text = self.text();
        let mut edits = crate::edit::Edits::default();
        for child in self.tree.children(self.root) {
            let lines = self.lines(child);
            match self.tree.key(child) {
                Some("apiVersion") => edits.replace(self.tree.span(child), API_VERSION),
                Some("status") => edits.delete(Span::new(lines.start, lines.end)),
                Some("spec") => {
                    let block = self.spec_lines(child, &spec);
                    edits.replace(Span::new(lines.start, lines.end), block);
                }
                _ => {}
            }
        }
        let mut out = edits.apply(text);
        if self.child(self.root, "spec").is_none() {
            if !out.ends_with('\n') {
                out.push_str(self.newline());
            }
            out.push_str(&self.members_text(0, &spec, None));
        }
        out
    }

    /// The object written in block style, where it was JSON.
    fn anew(&self, metadata: Option<Value<'static>>, spec: Vec<SpecMember>) -> String {
        let kind = self.child(self.root, "kind");
        let kind = kind
            .and_then(|kind| self.tree.str(kind))
            .unwrap_or_default();
        let text = |text: &str| Value::Text(text.to_owned().into());
        let mut members: Vec<Member<'static>> = vec![
            ("apiVersion".into(), text(API_VERSION)),
            ("kind".into(), text(kind)),
        ];
        members.extend(metadata.map(|metadata| ("metadata".into(), metadata)));
        let old = self.child(self.root, "spec");
        let spec = spec.into_iter().filter_map(|member| {
            let value = match member.content {
                SpecContent::Value(value) => value,
                SpecContent::Items(items) => {
                    Value::List(items.into_iter().map(|item| item.value).collect())
                }
                SpecContent::AsWritten => {
                    let node = self.child(old?, member.key)?;
                    Value::from(&self.tree.json(node).ok()?)
                }
            };
            Some((member.key.into(), value))
        });
        members.push(("spec".into(), Value::Map(spec.collect())));
        self.with_object(&members)
    }

    /// The lines of a member of a block: from the start of its key's line to the end of its last.
    fn lines(&self, member: NodeId) -> Range<usize> {
        let node = self.tree.node(member);
        let key = node.key.unwrap_or(node.span).range();
        let start = line_start(self.text(), key.start);
        start..line_end(self.text(), node.span.range().end.max(key.end))
    }

    /// The lines of the new `spec`, in place of the old one.
    fn spec_lines(&self, old: NodeId, spec: &[SpecMember]) -> String {
        let text = self.text();
        let key = self.tree.node(old).key.unwrap_or_default().range();
        let column = key.start - line_start(text, key.start);
        let is_block = self.tree.node(old).style == Style::Block;
        let first_line = match is_block {
            true => &text[key.start..line_end(text, key.start)],
            false => &text[key.start..key.end],
        };
        let mut out = format!("{}{first_line}", " ".repeat(column));
        if !is_block {
            out.push(':');
            out.push_str(self.newline());
        }
        out.push_str(&self.members_text(column, spec, Some(old)));
        out
    }

    /// The members of the new `spec`, below a key at a column.
    fn members_text(&self, column: usize, spec: &[SpecMember], old: Option<NodeId>) -> String {
        let block = old.filter(|&old| self.tree.node(old).style == Style::Block);
        let indent = match block.and_then(|old| self.tree.children(old).next()) {
            Some(first) => {
                let key = self.tree.node(first).key.unwrap_or_default().range();
                key.start - line_start(self.text(), key.start)
            }
            None => column + 2,
        };
        let mut writer = SpecWriter {
            document: self,
            indent,
            out: String::new(),
        };
        if old.is_some() && block.is_none() || spec.is_empty() {
            // all comments are in one line's place
            let old = old.map(|old| self.tree.span(old).range());
            let kept = old.map(|old| comments(self.tree, old)).unwrap_or_default();
            writer.comments(&kept);
        } else if let Some(block) = block {
            let used: Vec<&str> = spec
                .iter()
                .flat_map(|member| member.made_of)
                .copied()
                .collect();
            let children = self.tree.children(block);
            let lost = children
                .filter(|&child| self.tree.key(child).is_none_or(|key| !used.contains(&key)));
            for child in lost.collect::<Vec<_>>() {
                let range = self.gap(block, child).start..self.lines(child).end;
                writer.comments(&comments(self.tree, range));
            }
        }
        for member in spec {
            writer.member(member, block);
        }
        writer.out
    }

    /// What is between a member and the one before it.
    fn gap(&self, parent: NodeId, member: NodeId) -> Range<usize> {
        let end = self.lines(member).start;
        let before = self
            .tree
            .children(parent)
            .take_while(|&child| child != member)
            .last();
        let start = match before {
            Some(before) => self.lines(before).end,
            None => {
                let key = self.tree.node(parent).key.map(Span::range);
                key.map_or(end, |key| line_end(self.text(), key.start))
            }
        };
        start.min(end)..end
    }
}

struct SpecWriter<'d, 't> {
    document: &'d ObjectDocument<'t>,
    indent: usize,
    out: String,
}

impl SpecWriter<'_, '_> {
    fn comments(&mut self, comments: &[String]) {
        for comment in comments {
            self.out.push_str(&" ".repeat(self.indent));
            self.out.push_str(comment);
            self.out.push_str(self.document.newline());
        }
    }

    fn member(&mut self, member: &SpecMember, block: Option<NodeId>) {
        let document = self.document;
        let old: Vec<NodeId> = match block {
            Some(block) => {
                let children = document.tree.children(block);
                children
                    .filter(|&child| {
                        let key = document.tree.key(child).unwrap_or_default();
                        member.made_of.contains(&key)
                    })
                    .collect()
            }
            None => Vec::new(),
        };
        for &child in &old {
            if let Some(block) = block {
                let gap = document.gap(block, child);
                self.comments(&comments(document.tree, gap));
            }
        }
        match &member.content {
            SpecContent::AsWritten => match old.first() {
                Some(&child) => {
                    let lines = document.lines(child);
                    self.out.push_str(&document.text()[lines]);
                    if !self.out.ends_with('\n') {
                        self.out.push_str(document.newline());
                    }
                }
                None => self.written_in_flow(member.key),
            },
            SpecContent::Value(value) => {
                for &child in &old {
                    let lines = document.lines(child);
                    self.comments(&comments(document.tree, lines));
                }
                self.value(&[(member.key.into(), value.clone())]);
            }
            SpecContent::Items(items) => self.items(member.key, items, old.first().copied()),
        }
    }

    /// A member of a `spec` in braces.
    fn written_in_flow(&mut self, key: &'static str) {
        let document = self.document;
        let spec = document.child(document.root, "spec");
        let node = spec.and_then(|spec| document.child(spec, key));
        let value = node.and_then(|node| document.tree.json(node).ok());
        if let Some(value) = value {
            self.value(&[(key.into(), Value::from(&value))]);
        }
    }

    fn value(&mut self, members: &[Member<'static>]) {
        let newline = self.document.newline();
        let text = document(members, newline, LongTexts::AsLines);
        self.lines(&text);
    }

    fn lines(&mut self, text: &str) {
        for line in text.split('\n') {
            let line = line.trim_end_matches('\r');
            if !line.is_empty() {
                self.out.push_str(&" ".repeat(self.indent));
                self.out.push_str(line);
            }
            self.out.push_str(self.document.newline());
        }
    }

    fn items(&mut self, key: &'static str, items: &[SpecItem], old: Option<NodeId>) {
        let document = self.document;
        let list = old.filter(|&old| document.tree.node(old).style == Style::Block);
        let ranges: Vec<Range<usize>> = list
            .map(|list| {
                let mut start = document
                    .tree
                    .node(list)
                    .key
                    .map_or(0, |key| key.end as usize);
                let children = document.tree.children(list);
                children
                    .map(|item| {
                        let end = line_end(document.text(), document.tree.span(item).end as usize);
                        let range = start..end;
                        start = end;
                        range
                    })
                    .collect()
            })
            .unwrap_or_default();
        let is_kept = |position: usize| items.iter().any(|item| item.position == position);
        match (list, old) {
            (None, Some(old)) => self.comments(&comments(document.tree, document.lines(old))),
            _ => {
                for (position, range) in ranges.iter().enumerate() {
                    if !is_kept(position) {
                        self.comments(&comments(document.tree, range.clone()));
                    }
                }
            }
        }
        self.lines(&format!("{key}:"));
        let mut last = None;
        for item in items {
            self.indent += 2;
            if last != Some(item.position)
                && let Some(range) = ranges.get(item.position)
            {
                self.comments(&comments(document.tree, range.clone()));
            }
            self.comments(&item.comments);
            self.indent -= 2;
            last = Some(item.position);
            let list = [(key.into(), Value::List(vec![item.value.clone()]))];
            let text = crate::edit::document(&list, document.newline(), LongTexts::AsLines);
            if let Some((_, item)) = text.split_once('\n') {
                self.lines(item);
            }
        }
    }
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

/// The end of the line at an offset, with its line end.
fn line_end(text: &str, at: usize) -> usize {
    text[at..]
        .find('\n')
        .map_or(text.len(), |newline| at + newline + 1)
}
