//! Compares two texts line by line, as `diff -u` prints it, without a value of a Secret.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;
use std::time::{Duration, Instant};

use similar::{Algorithm, DiffOp, capture_diff_slices_deadline, group_diff_ops};

use crate::diagnostic::{Shown, printable};

/// Lines of context.
const CONTEXT_LINES: usize = 3;
/// Bytes of a line that are shown.
const MAX_LINE_BYTES: usize = 2_000;
/// Lines that are shown; for more, look at the files.
const MAX_LINES: usize = 200;
/// After this the difference is no longer the shortest one.
const TIME_LIMIT: Duration = Duration::from_secs(2);

/// What the texts are, since a manifest may hold what is not to be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    Manifests,
    /// Diagnostics, which are printed without a Secret's value; what is expected may be any text.
    Diagnostics,
}

/// The lines that differ, with a few around them; empty where none does.
pub(super) fn text_diff(content: Content, expected: &str, actual: &str) -> String {
    let (mut old, mut new) = match content {
        Content::Manifests => (HunkSide::manifests(expected), HunkSide::manifests(actual)),
        Content::Diagnostics => (
            HunkSide::expected_diagnostics(expected, actual),
            HunkSide::diagnostics(actual),
        ),
    };
    let ops = capture_diff_slices_deadline(
        Algorithm::Myers,
        &old.lines,
        &new.lines,
        Some(Instant::now() + TIME_LIMIT),
    );
    let mut out = Vec::new();
    for hunk in group_diff_ops(ops, CONTEXT_LINES) {
        let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else {
            continue;
        };
        let span = |start: usize, end: usize| format!("{},{}", start + 1, end - start);
        let before = span(first.old_range().start, last.old_range().end);
        out.push(format!(
            "@@ -{before} +{} @@",
            span(first.new_range().start, last.new_range().end)
        ));
        for op in hunk {
            if matches!(op, DiffOp::Equal { .. }) {
                new.show(' ', op.new_range(), &mut out);
            } else {
                old.show('-', op.old_range(), &mut out);
                new.show('+', op.new_range(), &mut out);
            }
        }
    }
    let more = out.len().saturating_sub(MAX_LINES);
    if more > 0 {
        out.truncate(MAX_LINES);
        out.push(format!("… {more} more lines"));
    }
    out.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
}

struct HunkSide<'a> {
    lines: Vec<&'a str>,
    visibility: Visibility<'a>,
}

/// What is shown of a line.
enum Visibility<'a> {
    /// As a manifest's: of a Secret only the keys.
    Manifest(Shown<'a>),
    Whole,
    /// Only what the other text has too: this one may hold a Secret.
    Known(BTreeSet<&'a str>),
}

impl<'a> HunkSide<'a> {
    fn new(text: &'a str, visibility: Visibility<'a>) -> Self {
        Self {
            lines: text.split_inclusive('\n').collect(),
            visibility,
        }
    }

    fn manifests(text: &'a str) -> Self {
        Self::new(text, Visibility::Manifest(Shown::new(text)))
    }

    fn diagnostics(text: &'a str) -> Self {
        Self::new(text, Visibility::Whole)
    }

    fn expected_diagnostics(text: &'a str, actual: &'a str) -> Self {
        let visibility = if Shown::may_hold_secret(text) {
            Visibility::Known(actual.lines().collect())
        } else {
            Visibility::Whole
        };
        Self::new(text, visibility)
    }

    fn show(&mut self, sign: char, lines: Range<usize>, out: &mut Vec<String>) {
        for at in lines {
            let text = self.lines[at].trim_end_matches(['\r', '\n']);
            let line = match &mut self.visibility {
                _ if out.len() >= MAX_LINES => String::new(),
                Visibility::Manifest(shown) => cut(&shown.line(at)).to_string(),
                Visibility::Known(lines) if !lines.contains(text) => "…".to_owned(),
                Visibility::Known(_) | Visibility::Whole => printable::line(&cut(text)),
            };
            out.push(format!("{sign}{line}").trim_end().to_owned());
            if !self.lines[at].ends_with('\n') {
                out.push("\\ No newline at end of file".to_owned());
            }
        }
    }
}

/// The beginning of a long line.
fn cut(line: &str) -> Cow<'_, str> {
    if line.len() <= MAX_LINE_BYTES {
        return Cow::Borrowed(line);
    }
    let mut end = MAX_LINE_BYTES;
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    Cow::Owned(format!("{}… {} more bytes", &line[..end], line.len() - end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_differ_are_shown_with_a_few_around_them() {
        let old = "kind: A\n1: a\n2: a\n3: a\n4: a\n5: a\n6: a\n7: a\n";
        let new = old.replace("5: a", "5: b");
        let shown = "@@ -3,6 +3,6 @@\n 2: a\n 3: a\n 4: a\n-5: a\n+5: b\n 6: a\n 7: a\n";
        assert_eq!(text_diff(Content::Manifests, old, &new), shown);
        assert_eq!(text_diff(Content::Manifests, old, old), "");
    }

    #[test]
    fn a_missing_newline_is_a_difference() {
        let shown = "@@ -1,1 +1,1 @@\n-kind: A\n+kind: A\n\\ No newline at end of file\n";
        assert_eq!(text_diff(Content::Manifests, "kind: A\n", "kind: A"), shown);
    }

    #[test]
    fn a_secret_is_compared_and_not_shown() {
        let old = "kind: Pod\n---\nkind: Secret\nstringData:\n  a: hunter2\n";
        let shown = text_diff(Content::Manifests, old, &old.replace("hunter2", "hunter3"));
        assert!(shown.contains("-  a: …\n+  a: …\n"), "{shown}");
        assert!(!shown.contains("hunter"), "{shown}");
    }

    #[test]
    fn expected_diagnostics_show_no_secret_either() {
        let secret = "kind: Secret\nstringData:\n  a: hunter2\nwarning[x]: y\n";
        let shown = text_diff(
            Content::Diagnostics,
            secret,
            "warning[x]: y\nwarning[z]: w\n",
        );
        assert_eq!(
            shown,
            "@@ -1,4 +1,2 @@\n-…\n-…\n-…\n warning[x]: y\n+warning[z]: w\n"
        );
        assert!(text_diff(Content::Diagnostics, "error[x]: y\n", "").contains("-error[x]: y\n"));
    }

    #[test]
    fn a_long_line_is_cut() {
        let long = format!("a: {}\n", "é".repeat(1 << 20));
        for content in [Content::Manifests, Content::Diagnostics] {
            let shown = text_diff(content, &format!("kind: A\n{long}"), "kind: A\n");
            assert!(
                shown.len() < 2 * MAX_LINE_BYTES && shown.contains("more bytes"),
                "{} bytes",
                shown.len()
            );
        }
    }

    #[test]
    fn a_long_difference_is_cut() {
        let new: String = (0..5 * MAX_LINES).map(|i| format!("a{i}: x\n")).collect();
        let shown = text_diff(Content::Diagnostics, "", &new);
        assert_eq!(shown.lines().count(), MAX_LINES + 1);
        assert!(shown.ends_with("… 801 more lines\n"), "{shown}");
    }
}
