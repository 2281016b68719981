//! Collects edits of a document's bytes in any order, and applies them in one pass.

use crate::manifest::Span;

/// Edits of one text. Each takes some bytes away and puts others where these began; what lies
/// between stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edits {
    edits: Vec<(Span, String)>,
}

impl Edits {
    /// Puts `text` in place of a span.
    pub fn replace(&mut self, span: Span, text: impl Into<String>) {
        self.edits.push((span, text.into()));
    }

    /// Puts `text` before the byte at `at`; after what was inserted there earlier.
    pub fn insert(&mut self, at: u32, text: impl Into<String>) {
        self.replace(Span { start: at, end: at }, text);
    }

    /// Takes a span away. Spans may touch and overlap; an insertion inside stays.
    pub fn delete(&mut self, span: Span) {
        self.replace(span, "");
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// The text with every edit done. The spans are the text's own.
    pub fn apply(&self, text: &str) -> String {
        let mut edits: Vec<_> = self.edits.iter().collect();
        edits.sort_by_key(|(span, _)| span.start);
        let added: usize = edits.iter().map(|(_, new)| new.len()).sum();
        let mut out = String::with_capacity(text.len() + added);
        let mut done = 0;
        for (span, new) in edits {
            let range = span.range();
            if range.start > done {
                out.push_str(&text[done..range.start]);
            }
            out.push_str(new);
            done = done.max(range.end);
        }
        out.push_str(&text[done..]);
        out
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn apply(text: &str, edits: &[(usize, usize, &str)]) -> String {
        let mut all = Edits::default();
        for &(start, end, new) in edits {
            all.replace(Span::new(start, end), new);
        }
        all.apply(text)
    }

    #[test]
    fn nothing_to_do_changes_nothing() {
        assert!(Edits::default().is_empty());
        assert_eq!(apply("abc", &[]), "abc");
    }

    #[test]
    fn insertions_at_one_place_keep_their_order() {
        assert_eq!(
            apply("abc", &[(1, 1, "x"), (0, 0, "w"), (1, 1, "y"), (3, 3, "z")]),
            "waxybcz"
        );
    }

    #[test]
    fn deletions_touch_and_overlap() {
        assert_eq!(
            apply("abcdefgh", &[(4, 6, ""), (1, 3, ""), (2, 5, "")]),
            "agh"
        );
        assert_eq!(apply("abcdefgh", &[(0, 8, ""), (2, 3, "")]), "");
    }

    #[test]
    fn insertions_beside_and_inside_a_deletion_stay() {
        assert_eq!(
            apply(
                "abcdef",
                &[(1, 4, ""), (1, 1, "x"), (2, 2, "y"), (4, 4, "z")]
            ),
            "axyzef"
        );
    }

    #[test]
    fn a_replacement_stands_where_the_old_text_began() {
        assert_eq!(
            apply("a: old # c\n", &[(3, 6, "new"), (11, 11, "b: 1\n")]),
            "a: new # c\nb: 1\n"
        );
    }

    /// The same by the definition: which bytes stay, and what is before each.
    fn naive(text: &str, edits: &[(Span, String)]) -> String {
        let mut out = String::new();
        for at in 0..=text.len() {
            edits
                .iter()
                .filter(|(span, _)| span.start as usize == at)
                .for_each(|(_, new)| out.push_str(new));
            let gone = edits.iter().any(|(span, _)| span.range().contains(&at));
            if !gone && let Some(byte) = text.get(at..=at) {
                out.push_str(byte);
            }
        }
        out
    }

    proptest! {
        #[test]
        fn any_edits_are_what_the_definition_says(
            text in "[a-f]{0,12}",
            edits in prop::collection::vec((0usize..13, 0usize..13, "[x-z]{0,3}"), 0..8),
        ) {
            let mut all = Edits::default();
            for (from, to, new) in edits {
                let (from, to) = (from.min(text.len()), to.min(text.len()));
                all.replace(Span::new(from.min(to), from.max(to)), new);
            }
            prop_assert_eq!(all.apply(&text), naive(&text, &all.edits));
        }
    }
}
