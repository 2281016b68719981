//! Removes members from their collections, as whole lines or up to a comma, and restores what they
//! replaced.
//!
//! All removals of a document are planned together: neighbours go in one piece, and of a collection
//! whose members all go, what is left shows which kind of empty it is.

use std::collections::{BTreeMap, BTreeSet};

use super::edits::Edits;
use super::lines::{self, dash_offset};
use super::original::{indented, json_is, margin, member_is};
use super::prove;
use super::removed::{Emptiness, Removed};
use super::splice::Splice;
use super::value::{Member, block_member, inline_member, is_json};
use crate::manifest::{Kind, NodeId, Span, Style, Tree};

mod whole_lines;

/// Removals of one document.
pub struct Removals<'t, 'v> {
    tree: &'t Tree<'t>,
    removed: Removed<'v>,
    emptied: BTreeMap<NodeId, Emptiness>,
    /// Members in place of others, with their bytes where these are known.
    restored: BTreeMap<NodeId, (Member<'v>, Option<String>)>,
    /// Whole lines; merged before they are made.
    lines: Vec<(usize, usize)>,
    edits: Edits,
}

impl<'t, 'v> Removals<'t, 'v> {
    /// None yet.
    pub fn new(tree: &'t Tree<'t>) -> Self {
        Self {
            tree,
            removed: Removed::default(),
            emptied: BTreeMap::new(),
            restored: BTreeMap::new(),
            lines: Vec::new(),
            edits: Edits::default(),
        }
    }

    /// Takes a member out of its collection.
    pub fn member(&mut self, member: NodeId) {
        self.removed.members.insert(member);
    }

    /// Leaves a member of a mapping empty.
    pub fn empty(&mut self, member: NodeId, emptiness: Emptiness) {
        self.emptied.insert(member, emptiness);
    }

    /// Puts what was there before in place of a member: by its bytes, first line here and the
    /// others relative to the member's column, if they still mean the same where they go; else in
    /// the style of the place.
    pub fn restore(&mut self, member: NodeId, original: Member<'v>, bytes: Option<String>) {
        self.restored.insert(member, (original, bytes));
    }

    /// Puts texts back into parts of a scalar, which is then `original` again.
    pub fn splice(&mut self, node: NodeId, splices: Vec<Splice>, original: Member<'v>) {
        for splice in splices {
            self.edits.replace(splice.span, splice.with);
        }
        self.removed.restored.insert(node, original);
    }

    /// All of them as edits.
    pub fn finish(mut self) -> (Edits, Removed<'v>) {
        let mut holders: BTreeMap<NodeId, BTreeSet<NodeId>> = BTreeMap::new();
        for &member in &self.removed.members {
            if let Some(holder) = self.tree.parent(member) {
                holders.entry(holder).or_default().insert(member);
            }
        }
        holders.retain(|&holder, _| !self.goes_whole(holder));
        let emptied: Vec<_> = std::mem::take(&mut self.emptied).into_iter().collect();
        for (member, emptiness) in emptied {
            if !self.removed.members.contains(&member) {
                self.emptied(member, &emptiness);
            }
        }
        let restored = std::mem::take(&mut self.restored);
        for (member, (original, bytes)) in restored {
            self.put_back(member, original, bytes.as_deref());
        }
        for (holder, members) in holders {
            match self.tree.node(holder).style {
                Style::Flow => self.flow(holder, &members),
                _ => self.block(holder, &members),
            }
        }
        self.merge_lines();
        (self.edits, self.removed)
    }

    /// Whether a collection goes, or is emptied, with what it is in.
    fn goes_whole(&self, holder: NodeId) -> bool {
        let mut above = std::iter::successors(Some(holder), |&id| self.tree.parent(id));
        above.any(|id| self.removed.members.contains(&id) || self.emptied.contains_key(&id))
    }

    fn emptied(&mut self, member: NodeId, emptiness: &Emptiness) {
        self.removed.emptied.insert(member);
        let node = self.tree.node(member);
        let brackets = if node.kind == Kind::Sequence {
            "[]"
        } else {
            "{}"
        };
        let token = match emptiness {
            Emptiness::Null(token) => token.as_str(),
            Emptiness::Collection if node.style == Style::Flow => {
                let members: BTreeSet<NodeId> = self.tree.children(member).collect();
                return self.flow(member, &members);
            }
            Emptiness::Collection => brackets,
        };
        let colon = lines::after_colon(self.tree, member);
        // the `null` of `"env":null`, in a block, behind a key without quotes, or where JSON is
        // written with blanks
        let tight = token.starts_with(|c: char| !c.is_whitespace());
        let key = self.tree.slice(node.key.unwrap_or_default());
        let is_plain = !key.starts_with(['"', '\'']);
        let blank = tight
            && (is_plain || self.in_block(member) || matches!(emptiness, Emptiness::Collection));
        let mut token = if blank {
            format!(" {token}")
        } else {
            token.to_owned()
        };
        // nothing at all before a comma or a brace is an error to some readers
        let next = self.tree.text()[node.span.end as usize..].chars().next();
        let tight_nothing =
            token.is_empty() && !self.in_block(member) && !next.is_some_and(char::is_whitespace);
        let not_json = is_json(self.tree) && token.trim() != "null";
        if matches!(emptiness, Emptiness::Null(_)) && (tight_nothing || not_json) {
            " null".clone_into(&mut token);
        }
        if node.style != Style::Block {
            self.edits
                .replace(Span::new(colon, node.span.end as usize), token);
            return;
        }
        let all: BTreeSet<NodeId> = self.tree.children(member).collect();
        self.lines_of(member, &all);
        if !token.is_empty() {
            let at = lines::after_properties(self.tree, member);
            self.edits.insert(at as u32, token);
        }
    }

    fn put_back(&mut self, member: NodeId, original: Member<'v>, bytes: Option<&str>) {
        let node = self.tree.node(member);
        if node.key.is_none() {
            return self.put_item_back(member, original, bytes);
        }
        let start = node.key.unwrap_or_default().start;
        let text = self.tree.text();
        let column = lines::column(text, start as usize);
        let block = self.in_block(member);
        let json = is_json(self.tree);
        let same = |bytes: &&str| match block {
            // the last text of a block ends with the line that follows it
            true => member_is(bytes, &original) || member_is(&format!("{bytes}\n"), &original),
            false if json => json_is(&format!("{{{bytes}}}"), &original),
            false => member_is(&format!("{{{bytes}}}"), &original),
        };
        let dash = self
            .tree
            .parent(member)
            .map_or(0, |holder| dash_offset(self.tree, holder));
        let mut token = String::new();
        match bytes.filter(same) {
            Some(bytes) => token = indented(bytes, &margin(self.tree, member)),
            None if block => block_member(
                &original,
                &mut token,
                column,
                dash,
                lines::newline(text, start as usize),
            ),
            None => inline_member(&original, &mut token, json),
        }
        self.edits.replace(
            Span {
                start,
                end: node.span.end,
            },
            token,
        );
        self.removed.restored.insert(member, original);
    }

    /// An item of a list, whose value is on one line.
    fn put_item_back(&mut self, item: NodeId, original: Member<'v>, bytes: Option<&str>) {
        let node = self.tree.node(item);
        let json = is_json(self.tree);
        let same = |bytes: &&str| match json {
            true => json_is(&format!("{{\"item\": {bytes}}}"), &item_of(&original)),
            false if self.in_block(item) => {
                member_is(&format!("item: {bytes}"), &item_of(&original))
            }
            false => member_is(&format!("{{item: {bytes}}}"), &item_of(&original)),
        };
        let token = match bytes.filter(same) {
            Some(bytes) => indented(bytes, &margin(self.tree, item)),
            None => {
                let mut token = String::new();
                original.1.inline(&mut token, json);
                token
            }
        };
        let kept = self.tree.slice(node.span).trim_end_matches(['\n', '\r']);
        let end = node.span.start as usize + kept.len();
        self.edits
            .replace(Span::new(node.span.start as usize, end), token);
        self.removed.restored.insert(item, original);
    }

    fn in_block(&self, member: NodeId) -> bool {
        self.tree
            .parent(member)
            .is_some_and(|holder| self.tree.node(holder).style == Style::Block)
    }

    fn flow(&mut self, holder: NodeId, gone: &BTreeSet<NodeId>) {
        let first = |id: NodeId| self.tree.node(id).key.unwrap_or(self.tree.span(id)).start;
        let end = |id: NodeId| self.tree.span(id).end;
        let mut kept: Option<NodeId> = None;
        let mut run: Option<(NodeId, NodeId)> = None;
        let mut cuts = Vec::new();
        for member in self.tree.children(holder) {
            if gone.contains(&member) {
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

    /// Whole lines; a collection of which nothing is left stays one.
    fn block(&mut self, holder: NodeId, gone: &BTreeSet<NodeId>) {
        if gone.len() < self.tree.children(holder).count() {
            self.lines_of(holder, gone);
            return;
        }
        self.removed.emptied.insert(holder);
        let node = self.tree.node(holder);
        let brackets = if node.kind == Kind::Sequence {
            "[]"
        } else {
            "{}"
        };
        if node.key.is_some() {
            self.lines_of(holder, gone);
            let at = lines::after_properties(self.tree, holder);
            self.edits.insert(at as u32, format!(" {brackets}"));
        } else {
            self.edits.replace(node.span, brackets);
        }
    }
}

/// An item as a member of a mapping, to be read alone.
fn item_of<'v>((_, value): &Member<'v>) -> Member<'v> {
    ("item".into(), value.clone())
}

/// The text without these members, proved; `None` where they cannot be taken out safely.
pub fn without(tree: &Tree<'_>, members: impl IntoIterator<Item = NodeId>) -> Option<String> {
    let mut removals = Removals::new(tree);
    members
        .into_iter()
        .for_each(|member| removals.member(member));
    let (edits, removed) = removals.finish();
    let text = edits.apply(tree.text());
    let new = Tree::read(&text).ok()?;
    prove::is_removed(tree, &new, &removed).then_some(text)
}
