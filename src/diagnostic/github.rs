//! Writes diagnostics for GitHub Actions: workflow commands, which become annotations in the files
//! that a pull request changes.
//!
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>

use super::group::{ListedDiagnostics, listed};
use super::places::{At, Places};
use super::{Diagnostic, Severity, SourceText, printable};
use crate::limits;

/// The diagnostics of a run, one a line, in the order given, at most [`limits::LISTED`]: a last
/// line counts the rest. `sources` are what the labels' places count.
pub fn github(diagnostics: &[Diagnostic], sources: &[SourceText<'_>]) -> String {
    let mut places = Places::new(sources);
    let mut out = String::new();
    let ListedDiagnostics { listed, more } = listed(diagnostics, limits::LISTED);
    for diagnostic in listed {
        let at = diagnostic
            .labels
            .first()
            .map(|label| places.at(label.place))
            .unwrap_or_default();
        out += &line(
            diagnostic.severity,
            &at,
            diagnostic.code.as_str(),
            &diagnostic.headline(),
            diagnostic.help.as_deref(),
        );
    }
    if let Some((severity, more)) = more {
        out += &github_line(severity, &format!("{more} more, not listed"), None);
    }
    out
}

/// What is about no manifest, as such a line.
pub fn github_line(severity: Severity, message: &str, help: Option<&str>) -> String {
    line(severity, &At::default(), "coupler", message, help)
}

fn line(severity: Severity, at: &At<'_>, title: &str, message: &str, help: Option<&str>) -> String {
    let command = match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let mut out = format!("::{command} ");
    // standard input is no file that could be annotated, and its lines are not those of the file
    // that a host names as the document's source
    let is_stream = at.file.is_some_and(|file| file.starts_with('<'));
    if let (true, Some(origin)) = (is_stream, at.origin) {
        out += &format!("file={},", property(origin));
    }
    if let (Some(file), Some(line), Some(end)) =
        (at.file.filter(|_| !is_stream), at.line, at.end_line)
    {
        out += &format!("file={},line={line},endLine={end},", property(file));
        // the runner drops columns of a place on several lines, and warns
        if let (Some(column), Some(end_column), true) = (at.column, at.end_column, line == end) {
            out += &format!("col={column},endColumn={end_column},");
        }
    }
    out += &format!(
        "title={}::{}",
        property(title),
        data(&printable::line(message))
    );
    if let Some(help) = help {
        out += &data(&format!("\n\nhelp: {help}"));
    }
    out.push('\n');
    out
}

/// As GitHub's own toolkit escapes a message.
fn data(text: &str) -> String {
    printable::lines(text)
        .replace('%', "%25")
        .replace('\n', "%0A")
}

/// As GitHub's own toolkit escapes a property.
fn property(text: &str) -> String {
    data(&printable::line(text))
        .replace(':', "%3A")
        .replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;
    use crate::manifest::{Place, Span};

    fn place(start: usize, end: usize) -> Place {
        Place {
            source: 0,
            span: Span::new(start, end),
        }
    }

    #[test]
    fn one_command_a_line_escaped() {
        let all = [
            Diagnostic::error(Code::UnknownField, "100 % of `x`\n::warning::no")
                .at(place(6, 7), "here")
                .help("a: b\nc"),
            Diagnostic::info(Code::SourcesOmitted, "b"),
        ];
        assert_eq!(
            github(
                &all,
                &[SourceText {
                    name: "a,b:c.yaml",
                    text: "kind: P\nx: 1\n"
                }]
            ),
            "::error file=a%2Cb%3Ac.yaml,line=1,endLine=1,col=7,endColumn=8,title=unknown-field::\
             100 %25 of `x`\\n::warning::no%0A%0Ahelp: a: b%0Ac\n::notice title=sources-omitted::b\n"
        );
    }

    #[test]
    fn the_rest_is_counted() {
        let all = vec![Diagnostic::error(Code::UnknownField, "x"); limits::LISTED + 2];
        let out = github(&all, &[]);
        assert_eq!(out.lines().count(), limits::LISTED + 1);
        assert!(
            out.ends_with("::error title=coupler::2 more, not listed\n"),
            "{out}"
        );
    }

    #[test]
    fn a_place_on_several_lines_has_no_columns_and_standard_input_no_file() {
        let all = [Diagnostic::warning(Code::SecretInUrl, "a").at(place(0, 10), "")];
        let source = |name| {
            [SourceText {
                name,
                text: "kind: P\nx: 1\n",
            }]
        };
        assert_eq!(
            github(&all, &source("a.yaml")),
            "::warning file=a.yaml,line=1,endLine=2,title=secret-in-url::a\n"
        );
        assert_eq!(
            github(&all, &source("<stdin>")),
            "::warning title=secret-in-url::a\n"
        );
        let built = "# Source: shop/templates/plug.yaml\nkind: P\nx: 1\n";
        let all = [Diagnostic::warning(Code::SecretInUrl, "a").at(place(43, 44), "")];
        let source = [SourceText {
            name: "<stdin>",
            text: built,
        }];
        assert_eq!(
            github(&all, &source),
            "::warning file=shop/templates/plug.yaml,title=secret-in-url::a\n"
        );
        assert_eq!(
            github_line(Severity::Error, "a", Some("b")),
            "::error title=coupler::a%0A%0Ahelp: b\n"
        );
    }
}
