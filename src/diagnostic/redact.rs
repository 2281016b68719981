//! Decides what may be shown of a document: never a value of a Secret, and only keys if the kind is
//! in doubt.

use super::binding_lines::is_reference_of_binding;
use super::source::LineIndex;

/// Whether a document may be quoted.
///
/// It may not when it is a Secret of any group or a SealedSecret, whose template may hold values,
/// holds one (a `List`, a template), or has no kind that can be read from its first column. In doubt it may not: this is about what to print, not
/// about what a document means.
pub(super) fn quotable(index: &LineIndex<'_>, document: std::ops::Range<usize>) -> bool {
    let lines = || document.clone().map(|line| index.line(line));
    if lines().any(may_be_secret) && !is_reference_of_binding(&lines()) {
        return false;
    }
    let first = lines().find(|line| !(line.trim().is_empty() || line.starts_with("---")));
    if first.is_some_and(|line| line.starts_with('{') && !line.starts_with("{{")) {
        return lines().any(|line| line.contains("\"kind\""))
            && !lines().any(|line| line.contains('\\'));
    }
    let mut kind = false;
    for line in lines() {
        if line.starts_with(['"', '\'', '?', '&', '*', '!']) {
            return false;
        }
        let Some(rest) = line.strip_prefix("kind") else {
            continue;
        };
        let Some(value) = rest.trim_start().strip_prefix(':') else {
            continue;
        };
        if !is_word(value.split(" #").next().unwrap_or(value).trim()) {
            return false;
        }
        kind = true;
    }
    kind
}

/// `kind: Secret`, `"kind":"Secret"`, `- {kind: SecretList, …`, `kind: "\x53ecret"`, or `Secret` on
/// a line of its own; also `Secret` as the value of any key, and a line whose key only a parser
/// reads.
pub(super) fn may_be_secret(line: &str) -> bool {
    Scan::new(line).names_a_secret()
        || matches!(
            line.trim_matches([' ', '"', '\'', ',']),
            "Secret" | "SecretList" | "SealedSecret" | "SealedSecretList"
        )
        || has_value_secret(line)
        || needs_a_parser(line)
}

/// Whether `Secret` is a whole value, whatever its key: a key can be an alias, or be written with
/// escapes.
fn has_value_secret(line: &str) -> bool {
    memchr::memmem::find_iter(line.as_bytes(), "Secret").any(|at| {
        let before = line[..at].strip_suffix("Sealed").unwrap_or(&line[..at]);
        let before = before.trim_end_matches(['"', '\'']).trim_end();
        let after = &line[at + "Secret".len()..];
        let after = after.strip_prefix("List").unwrap_or(after);
        let is_whole = after.is_empty() || after.starts_with([' ', '\t', '"', '\'', ',', '}', ']']);
        is_whole && before.ends_with(':')
    })
}

/// `kind`, as the text of a `!!binary` key.
const KIND_AS_BASE64: &[u8] = b"a2luZA";

/// Whether a line has a key that is not beside its colon, a letter that is written as a number, or
/// `kind` as base64.
fn needs_a_parser(line: &str) -> bool {
    let content = line.trim_start_matches([' ', '\t', '-']);
    let is_explicit = content.starts_with(':') || content.starts_with("? ") || content == "?";
    let number = |at: usize| {
        let mut behind = line.as_bytes()[at + 1..].iter();
        behind.next().is_some_and(|b| b"xuU".contains(b))
            && behind.next().is_some_and(u8::is_ascii_hexdigit)
    };
    is_explicit
        || memchr::memchr_iter(b'\\', line.as_bytes()).any(number)
        || memchr::memmem::find(line.as_bytes(), KIND_AS_BASE64).is_some()
}

/// A line that is read once, from its start to its end, whatever it holds: no step goes back.
struct Scan<'a> {
    line: &'a str,
    /// Where the last backslash of the line is: behind it every text is as it is written.
    last_escape: Option<usize>,
    at: usize,
    /// Bytes that were looked at.
    #[cfg(test)]
    read: usize,
}

impl<'a> Scan<'a> {
    fn new(line: &'a str) -> Self {
        let last_escape = memchr::memrchr(b'\\', line.as_bytes());
        Self {
            line,
            last_escape,
            at: 0,
            #[cfg(test)]
            read: line.len(),
        }
    }

    fn names_a_secret(&mut self) -> bool {
        let finder = memchr::memmem::Finder::new("kind");
        while let Some(found) = finder.find(&self.line.as_bytes()[self.at..]) {
            self.advance(found + "kind".len());
            self.skip(|c| matches!(c, '"' | '\''));
            self.skip(char::is_whitespace);
            if !self.rest().starts_with(':') {
                continue;
            }
            self.advance(1);
            self.skip(char::is_whitespace);
            // written below, or in a way that only a parser reads
            let escaped = self.last_escape.is_some_and(|escape| escape >= self.at);
            if escaped
                || self.rest().is_empty()
                || self.rest().starts_with(['#', '&', '!', '*', '|', '>'])
            {
                return true;
            }
            self.skip(|c| matches!(c, '"' | '\''));
            if matches!(
                self.skip(|c| c.is_ascii_alphanumeric()),
                "Secret" | "SecretList" | "SealedSecret" | "SealedSecretList"
            ) {
                return true;
            }
        }
        false
    }

    fn rest(&self) -> &'a str {
        &self.line[self.at..]
    }

    /// Goes over the characters that are wanted, and returns them.
    fn skip(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let skipped = &rest[..rest.find(|c| !wanted(c)).unwrap_or(rest.len())];
        self.advance(skipped.len());
        skipped
    }

    fn advance(&mut self, bytes: usize) {
        self.at += bytes;
        #[cfg(test)]
        {
            self.read += bytes;
        }
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// Which lines of a document that may not be quoted begin with what is surely a key.
///
/// It is proved from the document's first line down: each line that a key is below must be a bare
/// key, and no quote may be open. Every line is read once, however many of them are needed.
pub(super) struct Keys {
    /// The document's first line.
    first: usize,
    /// By line of the document: where the key's colon is.
    colons: Vec<Option<u32>>,
}

/// A line that others may be below.
struct Above {
    indent: usize,
    /// Where its content starts, if it is a key: what is there is beside it.
    beside: Option<usize>,
    /// Whether it ends with a colon.
    bare: bool,
    /// Whether everything that it is below is a key.
    proved: bool,
}

impl Keys {
    /// Of the document with these lines.
    pub(super) fn of(index: &LineIndex<'_>, document: std::ops::Range<usize>) -> Self {
        let first = document.start;
        let mut above: Vec<Above> = Vec::new();
        let mut open = false;
        let colons = document.map(|line| {
            let text = index.line(line);
            let level = indent(text);
            let colon = colon_of(text);
            let bare = text.split(" #").next().unwrap_or(text).trim_end();
            let empty =
                bare.is_empty() || bare.trim_start().starts_with('#') || bare.starts_with("---");
            let holds = |above: &Above| above.proved && (above.bare || above.beside == Some(level));
            if empty {
                let parent = above.iter().rev().find(|above| above.indent < level);
                let proved = !open && parent.map_or(level == 0, holds);
                return colon.filter(|_| proved).map(|colon| colon as u32);
            }
            while above.last().is_some_and(|above| above.indent >= level) {
                above.pop();
            }
            let proved = above.last().map_or(level == 0, holds);
            let key = colon.filter(|_| proved && !open).map(|colon| colon as u32);
            let beside = colon_of(bare).map(|_| content_column(bare));
            above.push(Above {
                indent: level,
                beside,
                bare: bare.ends_with(':'),
                proved,
            });
            let odd = |quote| bare.matches(quote).count() % 2 == 1;
            open |= odd('"') || odd('\'') || !bare.is_ascii();
            key
        });
        Self {
            first,
            colons: colons.collect(),
        }
    }

    /// The key of a line, with its indentation and its colon; `None` where the line could be part
    /// of a value.
    pub(super) fn on<'a>(&self, index: &LineIndex<'a>, line: usize) -> Option<&'a str> {
        let colon = self.colons.get(line.checked_sub(self.first)?).copied()??;
        Some(&index.line(line)[..=colon as usize])
    }
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
        let index = LineIndex::new(SourceText {
            name: "a.yaml",
            text,
        });
        quotable(&index, index.document(0))
    }

    fn key_of(text: &str, line: usize) -> Option<&str> {
        let index = LineIndex::new(SourceText {
            name: "a.yaml",
            text,
        });
        Keys::of(&index, index.document(line)).on(&index, line)
    }

    #[test]
    fn ordinary_documents_are_quotable() {
        for text in [
            "kind: Deployment\n",
            "apiVersion: v1\nkind: ConfigMap # data\ndata: {a: b}\n",
            "kind: SecretStore\n",
            "kind: ExternalSecret\n",
            "kind: Job\nspec: {secretName: SecretsOfAll, args: [\"\\n \\d+\"]} # the Secret\n",
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
            "kind: SealedSecret\n",
            "kind: \"SealedSecret\"\n",
            "kind: List\nitems:\n- {apiVersion: bitnami.com/v1alpha1, kind: SealedSecret}\n",
            "kind: Deployment\nkind: Secret\n",
            "kind: {{ .Values.kind }}\n",
            "kind: List\nitems:\n- ? kind\n  : Secret\n",
            "kind: List\nitems:\n- \"k\\x69nd\": Secret\n",
            "kind: List\nitems:\n- \"k\\x69nd\": \"\\u0053ecret\"\n",
            "kind: List\nitems:\n- {a: &k kind, *k : 'SecretList'}\n",
            "kind: List\nitems:\n- {\"kind\"\n   :\"Secret\"}\n",
            "kind: List\nitems:\n- {\"kind\" # x\n   : !!str Secret}\n",
            "kind: List\nitems:\n- !!binary a2luZA==: !!binary U2VjcmV0\n",
            "kind: List\nitems:\n- !<tag:yaml.org,2002:binary> a2luZA==: x\n",
            "data: {a: b}\n",
            "",
        ] {
            assert!(!quotes(text), "{text}");
        }
    }

    #[test]
    fn a_long_line_is_read_once_whatever_is_in_it() {
        for piece in [
            "kind",
            "kind:",
            "kind: a\\",
            "\"kind\": \"A\", ",
            "# kind: a ",
            "kind\"'",
            "kind  ",
            "kind: 'a ",
        ] {
            for count in [1_000, 16_000] {
                let line = piece.repeat(count);
                let mut scan = Scan::new(&line);
                scan.names_a_secret();
                assert!(
                    scan.read <= 2 * line.len(),
                    "{piece}: {} of {} bytes",
                    scan.read,
                    line.len()
                );
            }
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
        assert_eq!(
            key_of("kind: Secret\nstringData:\n  a: |\n    hunter2: x\n", 3),
            None
        );
        assert_eq!(
            key_of("kind: Secret\nstringData:\n  a: x\n    hunter2: x\n", 3),
            None
        );
        assert_eq!(
            key_of("kind: Secret\nstringData:\n  a: \"x\n  hunter2: x\"\n", 3),
            None
        );
        assert_eq!(
            key_of("kind: Secret\nstringData:\n  a: x\n  hunter2:x\n", 3),
            None
        );
        assert_eq!(key_of("kind: Secret\nstringData:\n  hunter2\n", 2), None);
        assert_eq!(key_of("kind: Secret\nlist:\n- |\n  hunter2: x\n", 3), None);
        assert_eq!(
            key_of("kind: Secret\nstringData: {a: hunter2}\n", 1),
            Some("stringData:")
        );
    }
}
