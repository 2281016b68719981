//! Joins rendered sources into one stream for standard output.

use std::borrow::Cow;
use std::io::{self, BufWriter, Write};

use crate::render::Rendered;

/// One valid stream of all sources: a `---` where the next one does not begin with its own, a
/// newline where one ends without. A single source goes out as it is.
pub(super) fn join<'r>(rendered: &'r [Rendered<'_>]) -> Vec<&'r str> {
    let mut out = Vec::new();
    let mut last: Option<&str> = None;
    for source in rendered {
        let pieces = || {
            source
                .pieces
                .iter()
                .map(AsRef::as_ref)
                .filter(|piece: &&str| !piece.is_empty())
        };
        if pieces().all(|piece| piece.trim().is_empty()) {
            continue;
        }
        let mut bom = true;
        if let Some(end) = last {
            if !end.ends_with('\n') {
                out.push("\n");
            }
            if !begins(pieces().flat_map(str::lines)) {
                out.push("---\n");
            }
        }
        for piece in pieces() {
            // a byte order mark is one only at the start of a stream (YAML 1.2 §5.2)
            let piece = if bom && last.is_some() {
                piece.strip_prefix('\u{feff}').unwrap_or(piece)
            } else {
                piece
            };
            bom = false;
            out.push(piece);
        }
        last = out.last().copied();
    }
    out
}

/// Whether the first line with content is a `---` or a directive, which is before one.
fn begins<'l>(lines: impl Iterator<Item = &'l str>) -> bool {
    let mut lines = lines.map(|line| line.strip_prefix('\u{feff}').unwrap_or(line));
    let first = lines.find(|line| !line.trim().is_empty() && !line.starts_with('#'));
    first.is_some_and(|line| line.starts_with('%') || line == "---" || line.starts_with("--- "))
}

/// Writes everything, or reports why not.
pub(super) fn write<P: AsRef<str>>(to: impl Write, pieces: &[P]) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, to);
    for piece in pieces {
        out.write_all(piece.as_ref().as_bytes())?;
    }
    out.flush()
}

/// Whether the pieces have no content: a file of which only our own kinds were left out.
pub(super) fn is_blank(pieces: &[Cow<'_, str>]) -> bool {
    pieces.iter().all(|piece| piece.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(sources: &[&[&'static str]]) -> String {
        let rendered: Vec<_> = sources
            .iter()
            .enumerate()
            .map(|(i, pieces)| Rendered {
                source: i as u32,
                pieces: pieces.iter().map(|&piece| Cow::Borrowed(piece)).collect(),
                changed: Vec::new(),
            })
            .collect();
        join(&rendered).concat()
    }

    #[test]
    fn one_source_goes_out_as_it_is() {
        assert_eq!(joined(&[&["\u{feff}a: 1", "\nb: 2"]]), "\u{feff}a: 1\nb: 2");
    }

    #[test]
    fn sources_are_parted_where_they_are_not_yet() {
        assert_eq!(joined(&[&["a: 1\n"], &["b: 2\n"]]), "a: 1\n---\nb: 2\n");
        assert_eq!(joined(&[&["a: 1"], &["---\nb: 2"]]), "a: 1\n---\nb: 2");
        assert_eq!(
            joined(&[&["a: 1\n"], &["# c\n\n", "--- # d\nb: 2\n"]]),
            "a: 1\n# c\n\n--- # d\nb: 2\n"
        );
        assert_eq!(
            joined(&[&["a: 1\n"], &["\u{feff}b: 2\n"]]),
            "a: 1\n---\nb: 2\n"
        );
        assert_eq!(
            joined(&[&["a: 1\n"], &["---b: 2\n"]]),
            "a: 1\n---\n---b: 2\n"
        );
    }

    #[test]
    fn sources_that_say_nothing_leave_no_trace() {
        assert_eq!(
            joined(&[&[], &["a: 1\n"], &["", "\n"], &["b: 2\n"]]),
            "a: 1\n---\nb: 2\n"
        );
    }
}
