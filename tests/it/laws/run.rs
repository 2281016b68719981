//! Renders as the laws define it: texts in, texts or diagnostics out.

use coupler::api::{AllPlugs, Integrations, Orphans, Settings};
use coupler::diagnostic::{self, Diagnostic};
use coupler::manifest::scan;
use coupler::render::{Input, Role, Source, render};

/// What went wrong, as data and as a person reads it.
pub(super) struct Failure {
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) face: String,
}

impl Failure {
    pub(super) fn codes(&self) -> Vec<&'static str> {
        let errors = self
            .diagnostics
            .iter()
            .filter(|d| d.severity == diagnostic::Severity::Error);
        errors.map(|d| d.code.as_str()).collect()
    }
}

pub(super) fn input(texts: &[&str], settings: &Settings) -> Input {
    let source = |(n, text): (usize, &&str)| Source {
        name: format!("{n}.yaml"),
        text: (*text).to_owned(),
        role: Role::Stream,
    };
    Input {
        sources: texts.iter().enumerate().map(source).collect(),
        settings: settings.clone(),
    }
}

/// One text for each source, or why not.
pub(super) fn run(texts: &[&str], settings: &Settings) -> Result<Vec<String>, Failure> {
    let input = input(texts, settings);
    let output = render(&input);
    if diagnostic::has_errors(&output.diagnostics) {
        assert!(
            output.rendered.is_empty(),
            "something is rendered beside an error"
        );
        let face = output.text(&input);
        return Err(Failure {
            diagnostics: output.diagnostics,
            face,
        });
    }
    let mut rendered = vec![String::new(); texts.len()];
    for source in &output.rendered {
        rendered[source.source as usize] = source.pieces.concat();
    }
    Ok(rendered)
}

/// The same of one text, where an error is a fault.
#[track_caller]
pub(super) fn must(text: &str, settings: &Settings, what: &str) -> String {
    match run(&[text], settings) {
        Ok(mut texts) => texts.remove(0),
        Err(failure) => panic!("{what}\n{}\n--- the input\n{text}", failure.face),
    }
}

pub(super) fn settings(integrations: Integrations, orphans: Orphans) -> Settings {
    Settings {
        namespace: Some("default".to_owned()),
        integrations,
        orphans,
        plugs: AllPlugs::Stream,
        ..Settings::default()
    }
}

/// The documents, as slices.
pub(super) fn documents(text: &str) -> Vec<&str> {
    scan(0, text)
        .into_iter()
        .map(|document| document.text)
        .collect()
}

#[track_caller]
pub(super) fn same(what: &str, expected: &str, actual: &str) {
    if expected != actual {
        let diff = similar::TextDiff::from_lines(expected, actual);
        panic!(
            "{what}\n{}",
            diff.unified_diff()
                .header("expected", "actual")
                .missing_newline_hint(true)
        );
    }
}

/// Renders one side of a stream with the other as its catalogue.
pub(super) fn side(own: &str, catalogue: &str, settings: &Settings) -> String {
    let source = |name: &str, text: &str, role| Source {
        name: name.to_owned(),
        text: text.to_owned(),
        role,
    };
    let input = Input {
        sources: vec![
            source("own.yaml", own, Role::Stream),
            source("catalogue.yaml", catalogue, Role::Catalogue),
        ],
        settings: settings.clone(),
    };
    let output = render(&input);
    assert!(
        !output.has_errors(),
        "{}\n--- own\n{own}\n--- catalogue\n{catalogue}",
        output.text(&input)
    );
    let pieces = output.rendered.iter().flat_map(|source| &source.pieces);
    pieces.map(|piece| &**piece).collect()
}
