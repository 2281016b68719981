//! Turns insertions into edits of the bytes that a tree was read from.

use std::cmp::Reverse;

use super::edits::Edits;
use super::insertion::Insertion;
use super::lines::{self, dash_offset};
use super::prove;
use super::refusal::{Refusal, reachable};
use super::value::{Member, Value, block_item, block_member, inline_member, is_json};
use crate::manifest::{NodeId, Span, Style, Tree};

mod placement;

/// The edits that make insertions, in any order; those into one collection go in the order given.
///
/// # Errors
/// What cannot be edited safely.
pub fn insert(
    tree: &Tree<'_>,
    insertions: &[Insertion<'_>],
    edits: &mut Edits,
) -> Result<(), Refusal> {
    let mut writer = Writer {
        tree,
        text: tree.text(),
        json: is_json(tree),
        edits,
    };
    // where a collection ends, so may the one that it is in: what goes into the inner one is first
    let mut innermost_first: Vec<&Insertion<'_>> = insertions.iter().collect();
    innermost_first.sort_by_key(|insertion| Reverse(insertion.target()));
    for insertion in innermost_first {
        reachable(tree, insertion.target())?;
        match insertion {
            Insertion::Items {
                list,
                before,
                items,
            } => writer.items(*list, *before, items)?,
            Insertion::Members {
                map,
                before,
                members,
            } => writer.members(*map, *before, members)?,
            Insertion::Set { node, value } => writer.set(*node, value)?,
            Insertion::Replace { member, with } => writer.replace(*member, with)?,
            Insertion::Splice { splices, .. } => {
                for splice in splices {
                    writer.edits.replace(splice.span, splice.with.as_str());
                }
            }
        }
    }
    Ok(())
}

/// The text with these insertions, proved.
///
/// # Errors
/// What cannot be edited safely.
pub fn inserted(tree: &Tree<'_>, insertions: &[Insertion<'_>]) -> Result<String, Refusal> {
    let mut edits = Edits::default();
    insert(tree, insertions, &mut edits)?;
    let text = edits.apply(tree.text());
    match Tree::read(&text) {
        Ok(new) if prove::is_inserted(tree, &new, insertions) => Ok(text),
        _ => {
            let target = insertions.first().map(Insertion::target);
            Err(Refusal {
                span: target.map(|target| tree.span(target)).unwrap_or_default(),
                message: "an addition here would be read as something else".to_owned(),
                help: "write it in block style".into(),
                alias: None,
            })
        }
    }
}

/// Writes the edits of one document.
struct Writer<'t, 'e> {
    tree: &'t Tree<'t>,
    text: &'t str,
    json: bool,
    edits: &'e mut Edits,
}

impl Writer<'_, '_> {
    fn items(
        &mut self,
        list: NodeId,
        before: Option<NodeId>,
        items: &[Value<'_>],
    ) -> Result<(), Refusal> {
        let pieces = |json| {
            items
                .iter()
                .map(move |item| written(|out| item.inline(out, json)))
        };
        if self.tree.node(list).style == Style::Flow {
            return self.flow(list, before, &pieces(self.json).collect::<Vec<_>>());
        }
        let first = self.tree.span(list).start as usize;
        if !lines::leads(self.text, first) {
            return Err(self.refuse(
                list,
                "a list begins in the middle of a line",
                "begin the list on a line of its own",
            ));
        }
        let column = lines::column(self.text, first);
        let at = match before {
            None => self.below(list, column),
            Some(before) => self.above(before, column),
        };
        let newline = lines::newline(self.text, at);
        self.lines(at, column, items, |item, out| {
            block_item(item, out, column, 2, newline);
        })
    }

    fn members(
        &mut self,
        map: NodeId,
        before: Option<NodeId>,
        members: &[Member<'_>],
    ) -> Result<(), Refusal> {
        if self.tree.node(map).style == Style::Flow {
            let json = self.json;
            let pieces = members
                .iter()
                .map(|member| written(|out| inline_member(member, out, json)))
                .collect::<Vec<_>>();
            return self.flow(map, before, &pieces);
        }
        let column = self.key_column(map)?;
        let at = match before {
            None => self.below(map, column),
            Some(before) => self.above(before, column),
        };
        let newline = lines::newline(self.text, at);
        let dash = dash_offset(self.tree, map);
        self.lines(at, column, members, |m, out| {
            block_member(m, out, column, dash, newline);
        })
    }

    fn set(&mut self, node: NodeId, value: &Value<'_>) -> Result<(), Refusal> {
        let tree = self.tree;
        let holder = tree
            .parent(node)
            .filter(|&p| tree.node(p).style == Style::Block);
        if tree.node(node).style == Style::Block {
            return Err(self.refuse(node, "the value is a collection", "write the whole value"));
        }
        let token = written(|out| value.inline(out, self.json));
        if tree.node(node).key.is_none() {
            // an item of a list: its span is all of it, unless nothing is after the dash
            if tree.span(node).is_empty() {
                return Err(self.refuse(node, "an item has no value", "write one"));
            }
            self.edits.replace(self.token(node), token);
            return Ok(());
        }
        let Some(colon) = lines::colon(tree, node) else {
            return Err(self.refuse(node, "a key has no colon", "write the colon"));
        };
        let token_span = self.token(node);
        let end = token_span.end as usize;
        if lines::skip(self.text, colon).min(end) < tree.span(node).start as usize {
            return Err(self.refuse(
                node,
                "an anchor or a tag has no value after it",
                "remove it",
            ));
        }
        let Some(holder) = holder.filter(|_| value.has_lines()) else {
            self.edits
                .replace(Span::new(colon, end), format!(" {token}"));
            return Ok(());
        };
        if colon < end {
            self.edits.delete(Span::new(colon, end));
        }
        let key = lines::column(
            self.text,
            tree.node(node).key.unwrap_or_default().start as usize,
        );
        let at = self.after_comments(lines::end(self.text, end), key);
        let newline = lines::newline(self.text, at);
        match value {
            Value::List(items) => {
                let column = key + dash_offset(tree, holder);
                self.lines(at, column, items, |i, out| {
                    block_item(i, out, column, 2, newline);
                })
            }
            Value::Map(members) => {
                let column = key + 2;
                self.lines(at, column, members, |m, out| {
                    block_member(m, out, column, 2, newline);
                })
            }
            Value::Text(_) | Value::Json(_) | Value::Scalar(_) => Ok(()),
        }
    }

    /// The bytes of a value without the end of its last line, which a block scalar has in its span.
    fn token(&self, node: NodeId) -> Span {
        let span = self.tree.span(node);
        let kept = self.tree.slice(span).trim_end_matches(['\n', '\r']).len();
        Span::new(span.start as usize, span.start as usize + kept)
    }

    fn replace(&mut self, member: NodeId, with: &Member<'_>) -> Result<(), Refusal> {
        let node = self.tree.node(member);
        let start = node.key.unwrap_or_default().start;
        let holder = self.tree.parent(member);
        let flow = holder.is_some_and(|holder| self.tree.node(holder).style == Style::Flow);
        let json = self.json;
        let text = written(|out| {
            if flow {
                inline_member(with, out, json);
            } else {
                let column = lines::column(self.text, start as usize);
                let dash = holder.map_or(0, |holder| dash_offset(self.tree, holder));
                block_member(
                    with,
                    out,
                    column,
                    dash,
                    lines::newline(self.text, start as usize),
                );
            }
        });
        self.edits.replace(
            Span {
                start,
                end: node.span.end,
            },
            text,
        );
        Ok(())
    }

    fn refuse(&self, node: NodeId, message: &str, help: &'static str) -> Refusal {
        Refusal {
            span: self.tree.span(node),
            message: message.into(),
            help: help.into(),
            alias: None,
        }
    }
}

fn written(write: impl FnOnce(&mut String)) -> String {
    let mut out = String::new();
    write(&mut out);
    out
}
