//! What two texts differ in, as `diff -u` says it, without a value of a Secret.

use std::ops::Range;
use std::time::{Duration, Instant};

use similar::{Algorithm, DiffOp, capture_diff_slices_deadline, group_diff_ops};

use crate::diagnostic::{Shown, printable};

/// Lines of context.
const AROUND: usize = 3;
/// Lines that are shown: whoever changed more looks at the files.
const MOST: usize = 200;
/// After this the difference is no longer the shortest one.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the texts are, since a manifest may hold what is not to be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Manifests,
    Words,
}

/// The lines that differ, with a few around them; empty where none does.
pub(super) fn difference(of: Of, expected: &str, actual: &str) -> String {
    let (mut old, mut new) = (Side::new(of, expected), Side::new(of, actual));
    let ops = capture_diff_slices_deadline(Algorithm::Myers, &old.lines, &new.lines, Some(Instant::now() + PATIENCE));
    let mut out = Vec::new();
    for hunk in group_diff_ops(ops, AROUND) {
        let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else { continue };
        let span = |start: usize, end: usize| format!("{},{}", start + 1, end - start);
        let before = span(first.old_range().start, last.old_range().end);
        out.push(format!("@@ -{before} +{} @@", span(first.new_range().start, last.new_range().end)));
        for op in hunk {
            if matches!(op, DiffOp::Equal { .. }) {
                new.show(' ', op.new_range(), &mut out);
            } else {
                old.show('-', op.old_range(), &mut out);
                new.show('+', op.new_range(), &mut out);
            }
        }
    }
    let more = out.len().saturating_sub(MOST);
    if more > 0 {
        out.truncate(MOST);
        out.push(format!("… {more} more lines"));
    }
    out.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
}

struct Side<'a> {
    lines: Vec<&'a str>,
    /// How the lines of manifests are shown.
    shown: Option<Shown<'a>>,
}

impl<'a> Side<'a> {
    fn new(of: Of, text: &'a str) -> Self {
        let shown = (of == Of::Manifests).then(|| Shown::new(text));
        Self { lines: text.split_inclusive('\n').collect(), shown }
    }

    fn show(&mut self, sign: char, lines: Range<usize>, out: &mut Vec<String>) {
        for at in lines {
            let line = match &mut self.shown {
                _ if out.len() >= MOST => String::new(),
                Some(shown) => shown.line(at),
                None => printable::line(self.lines[at].trim_end_matches(['\r', '\n'])),
            };
            out.push(format!("{sign}{line}").trim_end().to_owned());
            if !self.lines[at].ends_with('\n') {
                out.push("\\ No newline at end of file".to_owned());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_differ_are_shown_with_a_few_around_them() {
        let old = "kind: A\n1: a\n2: a\n3: a\n4: a\n5: a\n6: a\n7: a\n";
        let new = old.replace("5: a", "5: b");
        let shown = "@@ -3,6 +3,6 @@\n 2: a\n 3: a\n 4: a\n-5: a\n+5: b\n 6: a\n 7: a\n";
        assert_eq!(difference(Of::Manifests, old, &new), shown);
        assert_eq!(difference(Of::Manifests, old, old), "");
    }

    #[test]
    fn a_missing_newline_is_a_difference() {
        let shown = "@@ -1,1 +1,1 @@\n-kind: A\n+kind: A\n\\ No newline at end of file\n";
        assert_eq!(difference(Of::Manifests, "kind: A\n", "kind: A"), shown);
    }

    #[test]
    fn a_secret_is_compared_and_not_shown() {
        let old = "kind: Pod\n---\nkind: Secret\nstringData:\n  a: hunter2\n";
        let shown = difference(Of::Manifests, old, &old.replace("hunter2", "hunter3"));
        assert!(shown.contains("-  a: …\n+  a: …\n"), "{shown}");
        assert!(!shown.contains("hunter"), "{shown}");
    }

    #[test]
    fn a_long_difference_is_cut() {
        let new: String = (0..5 * MOST).map(|i| format!("a{i}: x\n")).collect();
        let shown = difference(Of::Words, "", &new);
        assert_eq!(shown.lines().count(), MOST + 1);
        assert!(shown.ends_with("… 801 more lines\n"), "{shown}");
    }
}
