//! Places new text: into brackets after a comma, or as whole lines of a block.

use super::Writer;
use crate::edit::lines;
use crate::edit::refusal::Refusal;
use crate::manifest::{NodeId, Style};

impl Writer<'_, '_> {
    /// Puts pieces into brackets.
    pub(super) fn flow(
        &mut self,
        holder: NodeId,
        before: Option<NodeId>,
        pieces: &[String],
    ) -> Result<(), Refusal> {
        let tree = self.tree;
        if !self.text[tree.span(holder).start as usize..].starts_with(['{', '[']) {
            return Err(self.refuse(
                holder,
                "a pair in a list has no braces",
                "put braces around it",
            ));
        }
        let previous = match before {
            None => tree.last_child(holder),
            Some(before) => lines::previous(tree, before),
        };
        let joined = pieces.join(", ");
        match (previous, before) {
            (Some(previous), _) => self
                .edits
                .insert(tree.span(previous).end, format!(", {joined}")),
            (None, None) => self.edits.insert(tree.span(holder).start + 1, joined),
            (None, Some(before)) => {
                let (open, start) = (
                    tree.span(holder).start + 1,
                    lines::head(tree, before) as u32,
                );
                if lines::skip(self.text, open as usize) != start as usize {
                    return Err(self.refuse(
                        before,
                        "there is an anchor or a tag before this entry",
                        "drop it",
                    ));
                }
                self.edits.insert(start, format!("{joined}, "));
            }
        }
        Ok(())
    }

    /// Puts whole lines at the beginning of a line, or after a last line that has no end.
    pub(super) fn lines<T>(
        &mut self,
        at: usize,
        column: usize,
        pieces: &[T],
        write: impl Fn(&T, &mut String),
    ) -> Result<(), Refusal> {
        let newline = lines::newline(self.text, at);
        let unended = at == self.text.len() && !self.text.ends_with('\n');
        if unended {
            self.last_leaf_can_go_on()?;
        }
        let mut out = String::with_capacity(pieces.len() * 128);
        for piece in pieces {
            if unended {
                out.push_str(newline);
            }
            out.extend(std::iter::repeat_n(' ', column));
            write(piece, &mut out);
            if !unended {
                out.push_str(newline);
            }
        }
        self.edits.insert(at as u32, out);
        Ok(())
    }

    /// A `|` or `>` text at the end of a file without a last line end would get one by being
    /// followed by anything.
    fn last_leaf_can_go_on(&self) -> Result<(), Refusal> {
        let Some(root) = self.tree.root() else {
            return Ok(());
        };
        let leaf = std::iter::successors(Some(root), |&id| self.tree.last_child(id))
            .last()
            .unwrap_or(root);
        let node = self.tree.node(leaf);
        let header = self
            .tree
            .slice(node.span)
            .lines()
            .next()
            .unwrap_or_default();
        let stripped = header.split('#').next().is_some_and(|h| h.contains('-'));
        // a comment below it has ended it
        let is_ended = self.text[node.span.end as usize..].contains('\n');
        if !is_ended && !stripped && matches!(node.style, Style::Literal | Style::Folded) {
            let message = "the file ends inside a block text, and the next line would change it";
            return Err(self.refuse(leaf, message, "end the file with a newline"));
        }
        Ok(())
    }

    /// The column of a block mapping's keys.
    pub(super) fn key_column(&self, mapping: NodeId) -> Result<usize, Refusal> {
        let first = self.tree.span(mapping).start as usize;
        let before = &self.text[lines::start(self.text, first)..first];
        if before.bytes().all(|b| matches!(b, b' ' | b'-')) {
            return Ok(before.len());
        }
        Err(self.refuse(
            mapping,
            "a mapping begins in the middle of a line",
            "begin it on a line of its own",
        ))
    }

    /// The line after a member that begins at `column`, and after the comments below it that are
    /// deeper, and so its own.
    pub(super) fn below(&self, member: NodeId, column: usize) -> usize {
        let end = lines::end(self.text, self.tree.span(member).end as usize);
        self.after_comments(end, column)
    }

    /// The first line from `at` on that is no comment deeper than `column`.
    pub(super) fn after_comments(&self, mut at: usize, column: usize) -> usize {
        loop {
            let end = lines::end(self.text, at);
            let line = &self.text[at..end];
            let content = line.trim_start_matches(' ');
            let is_deeper = line.len() - content.len() > column;
            if !(content.starts_with('#') && is_deeper) {
                return at;
            }
            at = end;
        }
    }

    /// The line of an item that begins at `column`, or the first of the comments directly above it.
    pub(super) fn above(&self, item: NodeId, column: usize) -> usize {
        let least = match lines::previous(self.tree, item) {
            Some(previous) => self.below(previous, column),
            None => self
                .tree
                .parent(item)
                .map_or(0, |holder| self.first_line(holder)),
        };
        let mut at = lines::start(self.text, lines::head(self.tree, item));
        while at > least {
            let line = lines::start(self.text, at - 1);
            if line < least || !self.text[line..at].trim_start().starts_with('#') {
                break;
            }
            at = line;
        }
        at
    }

    /// Where the lines of a block collection can begin: after the line of its key, or where the
    /// document does.
    fn first_line(&self, holder: NodeId) -> usize {
        match self.tree.node(holder).key {
            Some(_) => lines::end(self.text, lines::after_colon(self.tree, holder)),
            None => lines::start(self.text, self.tree.span(holder).start as usize),
        }
    }
}
