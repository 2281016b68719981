//! Expands `$(VAR)` as the kubelet does, and protects data from being expanded.
//!
//! The rules are those of `third_party/forked/golang/expansion` in kubernetes/kubernetes: `$$`
//! gives `$`, `$(NAME)` the variable, read from left to right; anything else is as it is.

use super::value::{Part, Reference};

/// What expansion sees in a text.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Expansions<'t> {
    /// The names of `$(NAME)`, in order.
    pub names: Vec<&'t str>,
    /// Whether expansion may change the text.
    pub changes: bool,
    /// Whether a `$` at the very end waits for what comes next.
    pub dangling: bool,
    /// Whether a `$(` is not closed.
    pub open: bool,
}

/// Reads a text as the kubelet would.
pub(super) fn scan(text: &str) -> Expansions<'_> {
    let mut seen = Expansions::default();
    let bytes = text.as_bytes();
    let mut i = 0;
    while let Some(step) = memchr::memchr(b'$', &bytes[i..]) {
        i += step + 1;
        match bytes.get(i) {
            Some(b'$') => {
                seen.changes = true;
                i += 1;
            }
            Some(b'(') => match memchr::memchr(b')', &bytes[i..]) {
                Some(end) => {
                    seen.names.push(&text[i + 1..i + end]);
                    seen.changes = true;
                    i += end + 1;
                }
                None => {
                    seen.open = true;
                    i += 1;
                }
            },
            Some(_) => i += 1,
            None => seen.dangling = true,
        }
        // the step over the byte after a lone `$` may end inside a character
        while !text.is_char_boundary(i) {
            i += 1;
        }
    }
    seen
}

/// The finished text of a variable: references become `$(NAME)`, and where the kubelet would change
/// anything, every `$` of the data is doubled. What the author wrote is not changed; only a `$`
/// that he left open before a value is kept from it.
pub(super) fn finish(parts: &[Part], name: impl Fn(&Reference) -> String) -> String {
    let mut plain = String::new();
    let mut expanded = false;
    for part in parts {
        match part {
            Part::Author(text) | Part::Data(text) => plain.push_str(text),
            Part::Reference(_) => expanded = true,
        }
    }
    if !expanded && !scan(&plain).changes {
        return plain;
    }
    let mut text = String::new();
    for (i, part) in parts.iter().enumerate() {
        match part {
            Part::Author(own) => {
                text.push_str(own);
                if i + 1 < parts.len() && scan(own).dangling {
                    text.push('$');
                }
            }
            Part::Data(data) => text.push_str(&data.replace('$', "$$")),
            Part::Reference(reference) => {
                text.push_str("$(");
                text.push_str(&name(reference));
                text.push(')');
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::ReferencePresence;
    use crate::couple::value::ReferenceKind;
    use proptest::prelude::*;
    use std::rc::Rc;

    /// The kubelet's own function, in Rust.
    fn expand(text: &str, variable: impl Fn(&str) -> Option<String>) -> String {
        let bytes = text.as_bytes();
        let (mut out, mut i) = (String::new(), 0);
        while i < bytes.len() {
            let next = bytes.get(i + 1);
            if bytes[i] != b'$' || next.is_none() {
                let c = text[i..].chars().next().unwrap();
                out.push(c);
                i += c.len_utf8();
            } else if next == Some(&b'$') {
                out.push('$');
                i += 2;
            } else if next == Some(&b'(') && text[i..].contains(')') {
                let end = i + text[i..].find(')').unwrap();
                let name = &text[i + 2..end];
                out.push_str(&variable(name).unwrap_or_else(|| format!("$({name})")));
                i = end + 1;
            } else {
                out.push('$');
                i += 1;
            }
        }
        out
    }

    fn reference() -> Part {
        let (name, key, supplies) = ("s".into(), "k".into(), "k".into());
        Part::Reference(Rc::new(Reference {
            kind: ReferenceKind::Secret,
            name,
            key,
            presence: ReferencePresence::Required,
            supplies,
        }))
    }

    fn finished(parts: &[Part]) -> String {
        finish(parts, |_| "REF".to_owned())
    }

    #[test]
    fn data_is_escaped_only_where_something_expands() {
        let data = |text: &str| Part::Data(text.to_owned());
        let author = |text: &str| Part::Author(text.to_owned());
        for (parts, expected) in [
            (vec![data("a$b")], "a$b"),
            (vec![data("$(SECRET)")], "$$(SECRET)"),
            (vec![data("p$$w")], "p$$$$w"),
            (vec![data("a$"), reference()], "a$$$(REF)"),
            (
                vec![author("http://$(POD_IP):"), data("80")],
                "http://$(POD_IP):80",
            ),
            (vec![author("$(POD_IP)"), data("$1")], "$(POD_IP)$$1"),
            (vec![author("cost$"), data("(X)")], "cost$$(X)"),
            (vec![author("$"), reference()], "$$$(REF)"),
            (vec![data("$"), author("(X)")], "$$(X)"),
        ] {
            assert_eq!(finished(&parts), expected, "{parts:?}");
        }
    }

    #[test]
    fn the_authors_names_are_seen() {
        assert_eq!(scan("$(A) $$(B) $(C").names, ["A"]);
        assert!(scan("$(A) $(C").open);
        assert!(scan("a$").dangling && !scan("a$$").dangling);
        assert!(!scan("$ü $").changes);
    }

    fn part() -> impl Strategy<Value = Part> {
        prop_oneof![
            "[$()Aü]{0,5}".prop_map(Part::Data),
            Just(reference()),
            // an author's own `$(` is closed before a value: what is not is refused earlier
            prop::sample::select(vec!["a", "$(A)", "$$", "$", ")", "("])
                .prop_map(|t| Part::Author(t.to_owned())),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn the_container_sees_the_values(parts in prop::collection::vec(part(), 0..5)) {
            let mut joined: Vec<Part> = Vec::new();
            for part in parts {
                match (joined.last_mut(), part) {
                    (Some(Part::Author(before)), Part::Author(text)) => before.push_str(&text),
                    (Some(Part::Data(before)), Part::Data(text)) => before.push_str(&text),
                    (_, part) => joined.push(part),
                }
            }
            let open = |part: &Part| matches!(part, Part::Author(text) if scan(text).open);
            prop_assume!(!joined.iter().any(open));
            let variable = |name: &str| match name {
                "REF" => Some("$(secret)".to_owned()),
                "A" => Some("of-the-author".to_owned()),
                _ => None,
            };
            let wanted: String = joined.iter().map(|part| match part {
                Part::Author(text) => expand(text, variable),
                Part::Data(text) => text.clone(),
                Part::Reference(_) => "$(secret)".to_owned(),
            }).collect();
            prop_assert_eq!(expand(&finished(&joined), variable), wanted);
        }
    }
}
