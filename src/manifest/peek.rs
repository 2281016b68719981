//! Finds the name and the namespace of a document without parsing it: as the tree has them, or
//! nothing.
//!
//! Only the usual beginning is known: `apiVersion`, `kind` and `metadata` at column 0 in this
//! order, its members two columns in, no token open at the end of a line. At anything else the
//! caller parses.

use super::scan::line::{is_closed, is_comment, key, value};
use super::scan::{Document, Head};

/// What a document calls its object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Called<'a> {
    /// `metadata.name`.
    pub name: &'a str,
    /// `metadata.namespace`.
    pub namespace: Option<&'a str>,
}

/// What the tree of this document has, if it is YAML.
pub fn peek<'a>(document: &Document<'a>) -> Option<Called<'a>> {
    // then the two lines hold a word each, and no line end but LF or CRLF is in the document
    let Head::Read { .. } = document.head else {
        return None;
    };
    let text = document.text.strip_prefix("---\n").unwrap_or(document.text);
    let mut lines = text.lines();
    let mut next = |key| {
        lines
            .next()
            .is_some_and(|line| line.strip_prefix(key).is_some_and(|rest| !rest.is_empty()))
    };
    if !(next("apiVersion: ") && next("kind: ")) || lines.next() != Some("metadata:") {
        return None;
    }
    let (mut name, mut namespace) = (None, None);
    // whether a value could go on in the next line: that of `metadata` itself begins there
    let mut open = true;
    for line in lines {
        let inner = line.trim_start_matches(' ');
        if line.starts_with('#') || is_comment(line) {
            continue;
        }
        match line.len() - inner.len() {
            0 if !line.starts_with('\t') => break,
            2 => {
                let (key, rest) = key(inner)?;
                let slot = match key {
                    "name" => &mut name,
                    "namespace" => &mut namespace,
                    _ if is_closed(rest) => {
                        open = false;
                        continue;
                    }
                    _ => return None,
                };
                if slot.replace(value(rest)?).is_some() {
                    return None;
                }
                open = true;
            }
            3.. if !open && is_closed(line) => {}
            _ => return None,
        }
    }
    Some(Called {
        name: name?,
        namespace,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::scan::scan;
    use crate::manifest::{NodeId, Tree};

    fn called(text: &str) -> Option<Called<'_>> {
        peek(&scan(0, text)[0])
    }

    #[test]
    fn what_the_tree_says() {
        let mut seen = 0;
        for members in [
            "  name: web\n",
            "  name: 'web'   # the site\n  namespace: shop\n",
            "  labels:\n    name: no\n    app: \"x\"\n  annotations: {}\n  namespace: \"1\"\n\n  name: null\n",
            "  annotations:\n    a: |\n      name: no\n  name: n\n# end\n",
            "  name: a\n# a licence\n  namespace: b\n",
            "    |-\n  name: a\n",
            "  name: a\n    b\n",
            "  name: a\n  name: b\n",
            "  name: *a\n",
            "  name: &a b\n",
            "  name: \"a\\nb\"\n",
            "  labels: {name: no,\n  name: no}\n  name: yes\n",
            "  labels: \"\n  name: no\"\n  name: web\n",
            "  <<: {name: a}\n",
            "  ? name\n  : a\n",
            "    name: deeper\n",
            "  name: a b\n",
            " name: one\n",
            "  labels: !!str\n  name: a\n",
            "  - name: a\n",
            "  name: a\n\t\n  namespace: b\n",
            "  labels:\n  - a\n  name: b\n",
        ] {
            let text = format!(
                "---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n{members}spec: {{}}\n"
            );
            let Some(called) = called(&text) else {
                continue;
            };
            seen += 1;
            let tree = Tree::read_full(&text).unwrap();
            let member = |key| {
                tree.written_at(NodeId::ROOT, &["metadata", key])
                    .and_then(|node| tree.str(node))
            };
            assert_eq!(
                (Some(called.name), called.namespace),
                (member("name"), member("namespace")),
                "{text}"
            );
        }
        assert_eq!(seen, 6);
    }

    #[test]
    fn another_beginning_is_left_to_the_reader() {
        for text in [
            "kind: Service\napiVersion: v1\nmetadata:\n  name: a\n",
            "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n",
            "apiVersion: v1\nkind: Service\nspec: {}\nmetadata:\n  name: a\n",
            "apiVersion: v1\nkind: Service\nmetadata:\n  labels: {}\n",
            "# first\napiVersion: v1\nkind: Service\nmetadata:\n  name: a\n",
        ] {
            assert_eq!(called(text), None, "{text}");
        }
    }
}
