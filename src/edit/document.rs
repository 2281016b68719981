//! Writes a value as a document of its own, in block style: texts of several lines as they are read.

use super::value::{Member, Value};
use crate::manifest::emit;

/// Whether texts of several lines may be written as lines: the last of them ends with the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LongTexts {
    /// As lines, where they are read alike by everybody.
    AsLines,
    /// On one line: nothing follows the document, not even a line end.
    Inline,
}

/// The lines of a mapping, without the end of the last.
pub fn document(members: &[Member<'_>], newline: &str, texts: LongTexts) -> String {
    let mut writer = DocumentWriter {
        out: String::new(),
        newline,
        texts,
    };
    for (index, member) in members.iter().enumerate() {
        if index > 0 {
            writer.line(0);
        }
        writer.member(member, 0);
    }
    writer.out
}

/// The same as JSON on one line.
pub fn json_document(value: &Value<'_>) -> String {
    let mut out = String::new();
    value.inline(&mut out, true);
    out
}

struct DocumentWriter<'n> {
    out: String,
    newline: &'n str,
    texts: LongTexts,
}

impl DocumentWriter<'_> {
    fn line(&mut self, column: usize) {
        self.out.push_str(self.newline);
        self.out.extend(std::iter::repeat_n(' ', column));
    }

    /// `key: value`, the key at a column.
    fn member(&mut self, (key, value): &Member<'_>, column: usize) {
        self.out.push_str(&emit::string(key));
        self.out.push(':');
        match value {
            Value::Map(members) if value.has_lines() => {
                for member in members {
                    self.line(column + 2);
                    self.member(member, column + 2);
                }
            }
            Value::List(items) if value.has_lines() => {
                for item in items {
                    self.line(column + 2);
                    self.item(item, column + 2);
                }
            }
            other => {
                self.out.push(' ');
                self.scalar(other, column + 2);
            }
        }
    }

    /// `- value`, the dash at a column.
    fn item(&mut self, item: &Value<'_>, column: usize) {
        self.out.push_str("- ");
        match item {
            Value::Map(members) if item.has_lines() => {
                for (index, member) in members.iter().enumerate() {
                    if index > 0 {
                        self.line(column + 2);
                    }
                    self.member(member, column + 2);
                }
            }
            other => self.scalar(other, column + 2),
        }
    }

    /// A value behind its key or its dash; lines of it at a column.
    fn scalar(&mut self, value: &Value<'_>, column: usize) {
        let Value::Text(text) = value else {
            return value.inline(&mut self.out, false);
        };
        if self.texts == LongTexts::Inline || !emit::is_block_text(text) {
            return value.inline(&mut self.out, false);
        }
        let (lines, indicator) = match text.strip_suffix('\n') {
            Some(lines) => (lines, "|"),
            None => (&**text, "|-"),
        };
        self.out.push_str(indicator);
        for line in lines.split('\n') {
            self.line(if line.is_empty() { 0 } else { column });
            self.out.push_str(line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{NodeId, Tree};

    fn value() -> Value<'static> {
        Value::from(&serde_json::json!({
            "args": ["-c", "set -e\n\n  echo \"$X\"  \n", "one\ntwo", "three\n\n", " four\nfive"],
            "empty": [{}, []],
            "items": [{"a": 1, "b": [[1, 2], {"c": null}]}, "x: y"],
            "text": "true",
        }))
    }

    fn members(value: &Value<'static>) -> Vec<Member<'static>> {
        match value {
            Value::Map(members) => members.clone(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let value = value();
        for newline in ["\n", "\r\n"] {
            for (texts, end) in [(LongTexts::AsLines, newline), (LongTexts::Inline, "")] {
                let text = document(&members(&value), newline, texts) + end;
                let tree = Tree::read(&text).unwrap();
                assert!(value.is(&tree, NodeId::ROOT), "{text}");
            }
        }
        let json = json_document(&value);
        assert!(
            value.is(&Tree::read(&json).unwrap(), NodeId::ROOT),
            "{json}"
        );
    }

    #[test]
    fn a_script_is_written_as_lines() {
        let text = document(&members(&value()), "\n", LongTexts::AsLines);
        let script = "args:\n  - \"-c\"\n  - |\n    set -e\n\n      echo \"$X\"  \n  - |-\n    one\n    two\n";
        assert!(text.starts_with(script), "{text}");
        assert!(text.contains("  - \" four\\nfive\"\n"), "{text}");
    }
}
