//! Prepares the diagnostics of a run: leaves out what another one explains, joins those of one
//! cause, and sorts them as they are shown.

use std::collections::BTreeMap;

use super::cause::{UnusableDocument, leave_out_what_follows};
use super::{Affected, Code, CommonCause, Diagnostic, Findings, Severity};

impl Findings {
    /// What was found, in the order in which it is shown, each cause once. `unusable`: the
    /// documents of which nothing could be used, each of which was reported.
    pub fn conclude(self, unusable: &[UnusableDocument<'_>]) -> Vec<Diagnostic> {
        let mut all = self.into_vec();
        leave_out_what_follows(&mut all, unusable);
        sort(&mut all);
        let mut all = of_one_cause(all);
        for diagnostic in &mut all {
            diagnostic.also.sort();
            diagnostic.also.dedup();
        }
        all
    }
}

/// Sorted as shown: by first place (unplaced last), severity, code, message; each is there once,
/// with all that have it.
fn sort(diagnostics: &mut Vec<Diagnostic>) {
    fn key(d: &Diagnostic) -> impl Ord {
        let first = d.labels.first().map(|l| l.place);
        (
            first.is_none(),
            first,
            d.severity,
            d.code.as_str(),
            &d.message,
        )
    }
    diagnostics.sort_by(|a, b| key(a).cmp(&key(b)));
    diagnostics.dedup_by(|again, first| {
        let is_same = is_same(again, first);
        if is_same {
            first.also.append(&mut again.also);
        }
        is_same
    });
}

/// Whether two are one, perhaps of several Plugs.
fn is_same(a: &Diagnostic, b: &Diagnostic) -> bool {
    let is_of_one = a.code == b.code && a.severity == b.severity && a.subject == b.subject;
    is_of_one && a.message == b.message && a.labels == b.labels && a.help == b.help
}

/// What diagnostics of one cause have in common.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct OneCause {
    code: Code,
    severity: Severity,
    kind: String,
    message: String,
    cause: CommonCause,
}

impl OneCause {
    fn of(diagnostic: &Diagnostic) -> Option<Self> {
        let subject = diagnostic.subject.as_ref()?;
        Some(Self {
            code: diagnostic.code,
            severity: diagnostic.severity,
            kind: subject.kind.clone(),
            message: diagnostic.message.clone(),
            cause: *diagnostic.cause.clone()?,
        })
    }
}

/// Keeps the first of each cause, with the objects of the others.
fn of_one_cause(sorted: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut kept: Vec<Diagnostic> = Vec::new();
    let mut first_of = BTreeMap::new();
    for mut diagnostic in sorted {
        let first = OneCause::of(&diagnostic).map(|one| *first_of.entry(one).or_insert(kept.len()));
        let Some(first) = first.and_then(|first| kept.get_mut(first)) else {
            kept.push(diagnostic);
            continue;
        };
        let at = diagnostic.labels.first().map(|label| label.place);
        let subject = diagnostic.subject.take();
        first.also.append(&mut diagnostic.also);
        first
            .also
            .extend(subject.map(|subject| Affected { at, subject }));
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Subject;

    fn no_socket(plug: &str, message: &str) -> Diagnostic {
        let subject = Subject {
            kind: "Plug".to_owned(),
            name: plug.to_owned(),
            ..Subject::default()
        };
        let cause = CommonCause::NoObject {
            kind: "Socket".to_owned(),
            word: Some("db".to_owned()),
        };
        Diagnostic::error(Code::SocketNotFound, message)
            .on(subject)
            .because(cause)
    }

    #[test]
    fn one_cause_of_many_plugs_is_one_error_that_names_them() {
        let mut found = Findings::new();
        found.extend(["a", "b", "c"].map(|plug| no_socket(plug, "no Socket")));
        found.report(no_socket("d", "no Socket in another namespace"));
        let all = found.conclude(&[]);
        let names = |one: &Diagnostic| -> Vec<String> {
            let first = one.subject.iter().map(|subject| subject.name.clone());
            let others = one
                .also
                .iter()
                .map(|affected| affected.subject.name.clone());
            first.chain(others).collect()
        };
        let all: Vec<Vec<String>> = all.iter().map(names).collect();
        assert_eq!(all, [vec!["a", "b", "c"], vec!["d"]]);
    }
}
