//! Writes the JUnit report of `coupler test`, which CI systems read.

use std::path::Path;

use crate::diagnostic::printable;

/// One case, and why it failed.
pub(super) struct CaseVerdict {
    /// The case's directory.
    pub(super) name: String,
    pub(super) failure: Option<String>,
}

/// All cases, in order.
pub(super) fn report(verdicts: &[CaseVerdict]) -> String {
    let failures = verdicts
        .iter()
        .filter(|verdict| verdict.failure.is_some())
        .count();
    let counts = format!(
        "tests=\"{}\" failures=\"{failures}\" errors=\"0\"",
        verdicts.len()
    );
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {counts}>\n  <testsuite name=\"coupler test\" {counts}>\n"
    );
    for CaseVerdict { name, failure } in verdicts {
        let path = Path::new(name);
        let part = |part: Option<&std::ffi::OsStr>| {
            escaped(&part.map(|p| p.to_string_lossy()).unwrap_or_default())
        };
        let (class, name) = (
            part(path.parent().map(Path::as_os_str)),
            part(path.file_name().or(Some(path.as_os_str()))),
        );
        out += &format!("    <testcase classname=\"{class}\" name=\"{name}\"");
        match failure {
            None => out += "/>\n",
            Some(text) => {
                let first = escaped(text.lines().next().unwrap_or_default());
                let text = escaped(text);
                out += &format!(
                    ">\n      <failure message=\"{first}\">{text}</failure>\n    </testcase>\n"
                );
            }
        }
    }
    out + "  </testsuite>\n</testsuites>\n"
}

/// As text and in an attribute; what XML 1.0 §2.2 has no character for, or is not to be printed, is
/// a replacement character.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' => out.push(c),
            c if printable::is_hidden(c) || matches!(c, '\u{fffe}' | '\u{ffff}') => {
                out.push('\u{fffd}');
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_differences_are_no_markup() {
        let verdict = |name: &str, failure: Option<&str>| CaseVerdict {
            name: name.into(),
            failure: failure.map(str::to_owned),
        };
        let xml = report(&[
            verdict("cases/a", None),
            verdict("cases/<b>", Some("]]> & \"x\"\n\u{1b}")),
        ]);
        assert!(xml.contains("tests=\"2\" failures=\"1\""), "{xml}");
        assert!(
            xml.contains("<testcase classname=\"cases\" name=\"a\"/>"),
            "{xml}"
        );
        assert!(xml.contains("name=\"&lt;b&gt;\""), "{xml}");
        assert!(
            xml.contains("message=\"]]&gt; &amp; &quot;x&quot;\""),
            "{xml}"
        );
        assert!(!xml.contains('\u{1b}'));
    }
}
