//! Finds where a document came from before a tool wrote it: by Helm's `# Source:` comments and
//! kustomize's and kpt's annotations.

use super::source::LineIndex;
use crate::limits;

/// Annotations that hold a path as their value.
const PATHS: [&str; 2] = [
    "internal.config.kubernetes.io/path",
    "config.kubernetes.io/path",
];
/// kustomize's `buildMetadata: [originAnnotations]`: a block of `path:`, or `repo:` and more.
const ORIGIN: &str = "config.kubernetes.io/origin";

/// The file that a document names as its source.
///
/// Of a document that may not be quoted, only the comments at its head are read: below them there
/// could be values.
pub(super) fn of<'a>(
    index: &LineIndex<'a>,
    document: std::ops::Range<usize>,
    quotable: bool,
) -> Option<&'a str> {
    // what is longer is no path, and would be printed once a place
    written(index, document, quotable).filter(|path| path.len() <= limits::WORDS_BYTES)
}

fn written<'a>(
    index: &LineIndex<'a>,
    document: std::ops::Range<usize>,
    quotable: bool,
) -> Option<&'a str> {
    let head = document
        .clone()
        .map(|l| index.line(l))
        .take_while(|l| l.is_empty() || l.starts_with(['#', '-']));
    let comment = head
        .filter_map(|line| line.strip_prefix("# Source: "))
        .map(str::trim)
        .find(|path| !path.is_empty());
    if comment.is_some() || !quotable {
        return comment;
    }
    let mut lines = document.map(|l| index.line(l));
    while let Some(line) = lines.next() {
        let Some((key, value)) = line.trim_start().split_once(": ") else {
            continue;
        };
        if PATHS.contains(&key) {
            return Some(value.trim().trim_matches(['"', '\''])).filter(|path| !path.is_empty());
        }
        if key == ORIGIN {
            let indent = line.len() - line.trim_start().len();
            let block = lines.take_while(|l| l.len() - l.trim_start().len() > indent);
            return block.filter_map(|l| l.trim().strip_prefix("path: ")).next();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::SourceText;

    fn of_first(text: &str, quotable: bool) -> Option<&str> {
        let index = LineIndex::new(SourceText { name: "-", text });
        of(&index, index.document(0), quotable)
    }

    #[test]
    fn helm_writes_comments() {
        let text = "---\n# Source: shop/templates/app.yaml\nkind: Deployment\n";
        assert_eq!(of_first(text, true), Some("shop/templates/app.yaml"));
        assert_eq!(of_first(text, false), Some("shop/templates/app.yaml"));
        assert_eq!(
            of_first("kind: ConfigMap\ndata:\n  a: |\n# Source: no\n", true),
            None
        );
    }

    #[test]
    fn kustomize_and_kpt_write_annotations() {
        let text = "kind: A\nmetadata:\n  annotations:\n    config.kubernetes.io/origin: |\n      path: base/app.yaml\n    x: y\n";
        assert_eq!(of_first(text, true), Some("base/app.yaml"));
        assert_eq!(of_first(text, false), None);
        let text = "kind: A\nmetadata:\n  annotations:\n    internal.config.kubernetes.io/path: 'a/b.yaml'\n";
        assert_eq!(of_first(text, true), Some("a/b.yaml"));
        assert_eq!(
            of_first(
                "kind: A\nconfig.kubernetes.io/origin: |\nspec:\n  path: no\n",
                true
            ),
            None
        );
    }
}
