//! What two texts differ in, as `diff -u` says it, without a value of a Secret.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;
use std::time::{Duration, Instant};

use similar::{Algorithm, DiffOp, capture_diff_slices_deadline, group_diff_ops};

use crate::diagnostic::{Shown, printable};

/// Lines of context.
const AROUND: usize = 3;
/// Bytes of a line that are shown.
const WIDTH: usize = 2_000;
/// Lines that are shown: whoever changed more looks at the files.
const MOST: usize = 200;
/// After this the difference is no longer the shortest one.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the texts are, since a manifest may hold what is not to be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Manifests,
    /// Diagnostics, which are printed without a Secret's value; what is expected may be any text.
    Words,
}

/// The lines that differ, with a few around them; empty where none does.
pub(super) fn difference(of: Of, expected: &str, actual: &str) -> String {
    let (mut old, mut new) = match of {
        Of::Manifests => (Side::manifests(expected), Side::manifests(actual)),
        Of::Words => (Side::expected_words(expected, actual), Side::words(actual)),
    };
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
    lens: Lens<'a>,
}

/// What is shown of a line.
enum Lens<'a> {
    /// As a manifest's: of a Secret only the keys.
    Manifest(Shown<'a>),
    Whole,
    /// Only what the other text has too: this one may hold a Secret.
    Known(BTreeSet<&'a str>),
}

impl<'a> Side<'a> {
    fn new(text: &'a str, lens: Lens<'a>) -> Self {
        Self { lines: text.split_inclusive('\n').collect(), lens }
    }

    fn manifests(text: &'a str) -> Self {
        Self::new(text, Lens::Manifest(Shown::new(text)))
    }

    fn words(text: &'a str) -> Self {
        Self::new(text, Lens::Whole)
    }

    fn expected_words(text: &'a str, actual: &'a str) -> Self {
        let lens = if Shown::may_hold_secret(text) { Lens::Known(actual.lines().collect()) } else { Lens::Whole };
        Self::new(text, lens)
    }

    fn show(&mut self, sign: char, lines: Range<usize>, out: &mut Vec<String>) {
        for at in lines {
            let text = self.lines[at].trim_end_matches(['\r', '\n']);
            let line = match &mut self.lens {
                _ if out.len() >= MOST => String::new(),
                Lens::Manifest(shown) => cut(&shown.line(at)).to_string(),
                Lens::Known(lines) if !lines.contains(text) => "…".to_owned(),
                Lens::Known(_) | Lens::Whole => printable::line(&cut(text)),
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
    if line.len() <= WIDTH {
        return Cow::Borrowed(line);
    }
    let mut end = WIDTH;
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
    fn expected_words_show_no_secret_either() {
        let secret = "kind: Secret\nstringData:\n  a: hunter2\nwarning[x]: y\n";
        let shown = difference(Of::Words, secret, "warning[x]: y\nwarning[z]: w\n");
        assert_eq!(shown, "@@ -1,4 +1,2 @@\n-…\n-…\n-…\n warning[x]: y\n+warning[z]: w\n");
        assert!(difference(Of::Words, "error[x]: y\n", "").contains("-error[x]: y\n"));
    }

    #[test]
    fn a_long_line_is_cut() {
        let long = format!("a: {}\n", "é".repeat(1 << 20));
        for of in [Of::Manifests, Of::Words] {
            let shown = difference(of, &format!("kind: A\n{long}"), "kind: A\n");
            assert!(shown.len() < 2 * WIDTH && shown.contains("more bytes"), "{} bytes", shown.len());
        }
    }

    #[test]
    fn a_long_difference_is_cut() {
        let new: String = (0..5 * MOST).map(|i| format!("a{i}: x\n")).collect();
        let shown = difference(Of::Words, "", &new);
        assert_eq!(shown.lines().count(), MOST + 1);
        assert!(shown.ends_with("… 801 more lines\n"), "{shown}");
    }
}
