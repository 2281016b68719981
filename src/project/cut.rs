//! Cuts: members taken out of their collections, as whole lines or up to a comma, so that what was there before stays.

use std::collections::BTreeSet;

use super::graft::Refusal;
use super::lines;
use crate::manifest::splice::Edits;
use crate::manifest::{Kind, NodeId, Span, Style, Tree};

/// What cuts take out of a tree: what is left must be all the rest.
#[derive(Debug, Default)]
pub(super) struct Gone {
    /// Members that are not there any more.
    pub(super) members: BTreeSet<NodeId>,
    /// Members that hold again what they held before.
    pub(super) changed: BTreeSet<NodeId>,
}

impl Gone {
    /// Refuses to take out what an alias elsewhere repeats: an anchor goes with its value.
    pub(super) fn alone(&self, tree: &Tree<'_>) -> Result<(), Refusal> {
        let members = self.members.iter().chain(&self.changed);
        let inside = members.flat_map(|member| (member.0..).take(tree.size(*member)).map(NodeId));
        let Some(shared) = inside.into_iter().find(|&id| tree.node(id).anchored) else { return Ok(()) };
        Err(Refusal {
            span: tree.span(shared),
            message: "an alias elsewhere repeats what is written here, and it would go with the coupling".to_owned(),
            help: "write it out where it is repeated, and drop the anchor".to_owned(),
        })
    }
}

/// Removals of one document.
pub(super) struct Cuts<'t> {
    tree: &'t Tree<'t>,
    /// Whole lines; merged before they are made.
    lines: Vec<(usize, usize)>,
    edits: Edits,
    gone: Gone,
}

impl<'t> Cuts<'t> {
    /// None yet.
    pub(super) fn new(tree: &'t Tree<'t>) -> Self {
        Self { tree, lines: Vec::new(), edits: Edits::default(), gone: Gone::default() }
    }

    /// Takes out those members of a collection that `gone` says.
    pub(super) fn members(&mut self, holder: NodeId, gone: impl Fn(NodeId) -> bool) {
        let kept = self.gone.members.len();
        self.gone.members.extend(self.tree.children(holder).filter(|&member| gone(member)));
        match self.tree.node(holder).style {
            Style::Flow => self.flow(holder, gone),
            _ => self.block(holder, gone),
        }
        // a block collection without members is nothing
        if self.gone.members.len() - kept == self.tree.children(holder).count() {
            self.gone.changed.insert(holder);
        }
    }

    /// Puts `token` in the place of a member's value.
    pub(super) fn value(&mut self, member: NodeId, token: &str) {
        self.gone.changed.insert(member);
        // the `null` of `"env":null`, for a block
        let tight = token.starts_with(|c: char| !c.is_whitespace()) && self.in_block(member);
        let token = &if tight { format!(" {token}") } else { token.to_owned() };
        let colon = lines::after_colon(self.tree, member);
        let node = self.tree.node(member);
        let end = node.span.end as usize;
        let block = matches!(node.kind, Kind::Mapping | Kind::Sequence) && node.style == Style::Block;
        if !block {
            self.edits.replace(Span::new(colon, end), token);
            return;
        }
        self.members(member, |_| true);
        if !token.is_empty() {
            self.edits.insert(colon as u32, token);
        }
    }

    /// Puts what stood there before in the place of a member: its first line here, the others at the member's column.
    pub(super) fn restore(&mut self, member: NodeId, was: &str) {
        self.gone.changed.insert(member);
        let node = self.tree.node(member);
        let start = node.key.unwrap_or_default().start;
        let margin = " ".repeat(lines::column(self.tree.text(), start as usize));
        let tight = was.split_once(':').is_some_and(|(_, rest)| rest.starts_with(|c: char| !c.is_whitespace()));
        // `"value":"x"`, written in braces, is a member without them only with a blank
        let blank = (tight && self.in_block(member)).then(|| was.replacen(':', ": ", 1));
        self.edits.replace(Span { start, end: node.span.end }, indented(blank.as_deref().unwrap_or(was), &margin));
    }

    fn in_block(&self, member: NodeId) -> bool {
        self.tree.parent(member).is_some_and(|holder| self.tree.node(holder).style == Style::Block)
    }

    fn flow(&mut self, holder: NodeId, gone: impl Fn(NodeId) -> bool) {
        let first = |id: NodeId| self.tree.node(id).key.unwrap_or(self.tree.span(id)).start;
        let end = |id: NodeId| self.tree.span(id).end;
        let mut kept: Option<NodeId> = None;
        let mut run: Option<(NodeId, NodeId)> = None;
        let mut cuts = Vec::new();
        for member in self.tree.children(holder) {
            if gone(member) {
                run = Some((run.map_or(member, |(from, _)| from), member));
                continue;
            }
            match (run.take(), kept) {
                (Some((_, to)), Some(kept)) => cuts.push((end(kept), end(to))),
                (Some((from, _)), None) => cuts.push((first(from), first(member))),
                (None, _) => {}
            }
            kept = Some(member);
        }
        if let Some((from, to)) = run {
            cuts.push((kept.map_or(first(from), end), end(to)));
        }
        for (start, end) in cuts {
            self.edits.delete(Span { start, end });
        }
    }

    fn block(&mut self, holder: NodeId, gone: impl Fn(NodeId) -> bool) {
        let text = self.tree.text();
        let mut at = self.tree.span(holder).start as usize;
        for member in self.tree.children(holder) {
            let node = self.tree.node(member);
            let head = node.key.map_or_else(|| lines::skip(text, at), |key| key.start as usize);
            at = node.span.end as usize;
            if !gone(member) {
                continue;
            }
            let end = lines::end(text, at);
            if lines::leads(text, head) {
                self.lines.push((lines::start(text, head), end));
            } else {
                // the first key beside a dash: what follows takes its place
                let next = end + text[end..].len() - text[end..].trim_start().len();
                self.edits.delete(Span::new(head, next));
            }
        }
    }

    /// All of them as edits.
    pub(super) fn finish(mut self) -> (Edits, Gone) {
        let text = self.tree.text();
        self.lines.sort_unstable();
        let mut runs: Vec<(usize, usize)> = Vec::new();
        for (from, to) in self.lines {
            match runs.last_mut() {
                Some(run) if from <= run.1 => run.1 = run.1.max(to),
                _ => runs.push((from, to)),
            }
        }
        for (from, to) in runs {
            let from = if to == text.len() && !text.ends_with('\n') { without_newline(&text[..from]) } else { from };
            self.edits.delete(Span::new(from, to));
        }
        (self.edits, self.gone)
    }
}

/// The length of a text without its last line end.
fn without_newline(text: &str) -> usize {
    let cut = text.strip_suffix('\n').unwrap_or(text);
    cut.strip_suffix('\r').unwrap_or(cut).len()
}

/// Every line but the first moved to the right; empty lines stay empty.
fn indented(text: &str, margin: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (index, line) in text.split_inclusive('\n').enumerate() {
        if index > 0 && !line.trim_end_matches(['\r', '\n']).is_empty() {
            out.push_str(margin);
        }
        out.push_str(line);
    }
    out
}

/// The reverse of [`indented`], if there is one.
pub(super) fn dedented(text: &str, margin: &str) -> Option<String> {
    if !text.contains('\n') {
        return Some(text.to_owned());
    }
    let mut out = String::with_capacity(text.len());
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let empty = line.trim_end_matches(['\r', '\n']).is_empty();
        out.push_str(if index > 0 && !empty { line.strip_prefix(margin)? } else { line });
    }
    (indented(&out, margin) == text).then_some(out)
}
