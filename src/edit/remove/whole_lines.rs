//! Removes members of a block as whole lines.

use std::collections::BTreeSet;

use super::Removals;
use crate::edit::lines;
use crate::manifest::{NodeId, Span};

impl Removals<'_, '_> {
    /// The lines of members, or from the first of a run beside a dash to what is left after it.
    pub(super) fn lines_of(&mut self, holder: NodeId, gone: &BTreeSet<NodeId>) {
        let text = self.tree.text();
        let mut at = self.tree.span(holder).start as usize;
        // where a member begins that is beside a dash and goes
        let mut beside: Option<usize> = None;
        for member in self.tree.children(holder) {
            let node = self.tree.node(member);
            let head = node
                .key
                .map_or_else(|| lines::skip(text, at), |key| key.start as usize);
            at = node.span.end as usize;
            match (gone.contains(&member), beside) {
                (true, None) if lines::leads(text, head) => {
                    self.lines
                        .push((lines::start(text, head), lines::end(text, at)));
                }
                (true, None) => beside = Some(head),
                (true, Some(_)) => {}
                (false, Some(from)) => {
                    let to = lines::previous(self.tree, member).map_or(head, |last| {
                        let end = lines::end(text, self.tree.span(last).end as usize);
                        end + text[end..].len() - text[end..].trim_start().len()
                    });
                    self.edits.delete(Span::new(from, to));
                    beside = None;
                }
                (false, None) => {}
            }
        }
        if let Some(from) = beside {
            self.edits.delete(Span::new(from, at));
        }
    }

    /// Deletes the lines, those that touch in one piece.
    pub(super) fn merge_lines(&mut self) {
        let text = self.tree.text();
        self.lines.sort_unstable();
        let mut runs: Vec<(usize, usize)> = Vec::new();
        for &(from, to) in &self.lines {
            match runs.last_mut() {
                Some(run) if from <= run.1 => run.1 = run.1.max(to),
                _ => runs.push((from, to)),
            }
        }
        for (from, to) in runs {
            let from = if to == text.len() && !text.ends_with('\n') {
                without_newline(&text[..from])
            } else {
                from
            };
            self.edits.delete(Span::new(from, to));
        }
    }
}

/// The length of a text without its last line end.
fn without_newline(text: &str) -> usize {
    let cut = text.strip_suffix('\n').unwrap_or(text);
    cut.strip_suffix('\r').unwrap_or(cut).len()
}
