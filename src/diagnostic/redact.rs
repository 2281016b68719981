//! What may be shown of a document: never a value of a Secret, and nothing but keys where the kind is in doubt.

use super::source::Index;

/// Whether a document may be quoted.
///
/// It may not when it is a Secret of any group, holds one (a `List`, a template), or has no kind that can be read from its
/// first column. In doubt it may not: this is about what to print, not about what a document means.
pub(super) fn quotable(index: &Index<'_>, document: std::ops::Range<usize>) -> bool {
    let lines = || document.clone().map(|line| index.line(line));
    if lines().any(may_be_secret) {
        return false;
    }
    let first = lines().find(|line| !(line.trim().is_empty() || line.starts_with("---")));
    if first.is_some_and(|line| line.starts_with('{') && !line.starts_with("{{")) {
        return lines().any(|line| line.contains("\"kind\"")) && !lines().any(|line| line.contains('\\'));
    }
    let mut kind = false;
    for line in lines() {
        if line.starts_with(['"', '\'', '?', '&', '*', '!']) {
            return false;
        }
        let Some(rest) = line.strip_prefix("kind") else { continue };
        let Some(value) = rest.trim_start().strip_prefix(':') else { continue };
        if !is_word(value.split(" #").next().unwrap_or(value).trim()) {
            return false;
        }
        kind = true;
    }
    kind
}

/// `kind: Secret`, `"kind":"Secret"`, `- {kind: SecretList, …`, `kind: "\x53ecret"`, or `Secret` on a line of its own.
fn may_be_secret(line: &str) -> bool {
    let mut rest = line;
    while let Some(at) = memchr::memmem::find(rest.as_bytes(), b"kind") {
        rest = &rest[at + 4..];
        let value = rest.trim_start_matches(['"', '\'']).trim_start();
        let Some(value) = value.strip_prefix(':') else { continue };
        let value = value.trim_start();
        // written below, or in a way that only a parser reads
        if value.is_empty() || value.starts_with(['#', '&', '!', '*', '|', '>']) || value.contains('\\') {
            return true;
        }
        let word = value.trim_start_matches(['"', '\'']).split(|c: char| !c.is_ascii_alphanumeric()).next();
        if matches!(word, Some("Secret" | "SecretList")) {
            return true;
        }
    }
    matches!(line.trim_matches([' ', '"', '\'', ',']), "Secret" | "SecretList")
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// Lines above a key that are looked at to prove it one.
const PROVABLE: usize = 5_000;

/// The key of a line of a document that may not be quoted, with its indentation and its colon; `None` where the line could
/// be part of a value.
///
/// Proved by going up to the document's first line: each line it hangs under must be a bare key, and no quote may be open.
pub(super) fn key<'a>(index: &Index<'a>, line: usize) -> Option<&'a str> {
    let text = index.line(line);
    let colon = colon_of(text)?;
    let mut level = indent(text);
    let first = index.document(line).start;
    if line - first > PROVABLE {
        return None;
    }
    for above in (first..line).rev() {
        let above = index.line(above);
        let bare = above.split(" #").next().unwrap_or(above).trim_end();
        if bare.is_empty() || bare.trim_start().starts_with('#') || bare.starts_with("---") {
            continue;
        }
        if bare.matches('"').count() % 2 == 1 || bare.matches('\'').count() % 2 == 1 || !bare.is_ascii() {
            return None;
        }
        if indent(bare) < level {
            let sibling = content_column(bare) == level && colon_of(bare).is_some();
            if !sibling && !bare.ends_with(':') {
                return None;
            }
            level = indent(bare);
        }
    }
    (level == 0).then(|| &text[..=colon])
}

/// The colon of a line that is a plain key and its value.
fn colon_of(line: &str) -> Option<usize> {
    let content = content_column(line);
    let colon = line[content..].find(':')? + content;
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_./".contains(&b);
    let after = &line[colon + 1..];
    let key = colon > content && line[content..colon].bytes().all(plain);
    (key && (after.is_empty() || after.starts_with([' ', '\t']))).then_some(colon)
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Where a line's content starts, after the dashes of a list.
fn content_column(line: &str) -> usize {
    let mut at = indent(line);
    while line[at..].starts_with("- ") {
        at += 1 + indent(&line[at + 1..]);
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::SourceText;

    fn quotes(text: &str) -> bool {
        let index = Index::new(SourceText { name: "a.yaml", text });
        quotable(&index, index.document(0))
    }

    fn key_of(text: &str, line: usize) -> Option<&str> {
        key(&Index::new(SourceText { name: "a.yaml", text }), line)
    }

    #[test]
    fn ordinary_documents_are_quotable() {
        for text in [
            "kind: Deployment\n",
            "apiVersion: v1\nkind: ConfigMap # data\ndata: {a: b}\n",
            "kind: SecretStore\n",
            "kind: SealedSecret\n",
            "kind: List\nitems:\n- kind: Service\n",
            "{\"kind\": \"Plug\", \"spec\": {}}\n",
            "---\n{\n  \"apiVersion\": \"v1\",\n  \"kind\": \"Pod\", \"imagePullSecrets\": []\n}\n",
        ] {
            assert!(quotes(text), "{text}");
        }
    }

    #[test]
    fn secrets_and_documents_of_unknown_kind_are_not() {
        for text in [
            "kind: Secret\n",
            "apiVersion: example.org/v1\nkind: Secret\n",
            "kind: \"Secret\"\n",
            "\"kind\": Secret\n",
            "'kind': Secret\n",
            "kind : Secret\n",
            "kind:\n  Secret\n",
            "kind: &k Secret\n",
            "kind: \"\\x53ecret\"\n",
            "? kind\n: Secret\n",
            "{\"apiVersion\":\"v1\",\"kind\":\"Secret\"}\n",
            "{\"kind\":\n \"Secret\", \"data\": {}}\n",
            "{\"k\\u0069nd\": \"Secret\"}\n",
            "{\"kind\": \"List\", \"items\": [{\"data\": {}, \"kind\": \"Secret\"}]}\n",
            "{\"data\": {}}\n",
            "{{ if .Values.x }}\nkind: {{ .Values.kind }}\n",
            "kind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n",
            "kind: List\nitems:\n- {apiVersion: v1, kind: Secret, data: {a: b}}\n",
            "kind: SecretList\n",
            "kind: Deployment\nkind: Secret\n",
            "kind: {{ .Values.kind }}\n",
            "data: {a: b}\n",
            "",
        ] {
            assert!(!quotes(text), "{text}");
        }
    }

    #[test]
    fn keys_are_shown_where_they_are_surely_keys() {
        let text = "kind: Secret\nstringData: # x\n  user: a\n  pass.word: hunter2\nlist:\n- a: 1\n  b: 2\n";
        assert_eq!(key_of(text, 3), Some("  pass.word:"));
        assert_eq!(key_of(text, 5), Some("- a:"));
        assert_eq!(key_of(text, 6), Some("  b:"));
    }

    #[test]
    fn values_that_look_like_keys_are_not() {
        assert_eq!(key_of("kind: Secret\nstringData:\n  a: |\n    hunter2: x\n", 3), None);
        assert_eq!(key_of("kind: Secret\nstringData:\n  a: x\n    hunter2: x\n", 3), None);
        assert_eq!(key_of("kind: Secret\nstringData:\n  a: \"x\n  hunter2: x\"\n", 3), None);
        assert_eq!(key_of("kind: Secret\nstringData:\n  a: x\n  hunter2:x\n", 3), None);
        assert_eq!(key_of("kind: Secret\nstringData:\n  hunter2\n", 2), None);
        assert_eq!(key_of("kind: Secret\nlist:\n- |\n  hunter2: x\n", 3), None);
        assert_eq!(key_of("kind: Secret\nstringData: {a: hunter2}\n", 1), Some("stringData:"));
    }
}
