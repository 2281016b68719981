//! Collects what is found in a run: the one way to report.

use std::collections::BTreeSet;

use super::{Affected, Code, Diagnostic, Severity, Subject};

/// What was found so far, in the order in which it was reported.
#[derive(Debug, Default)]
pub struct Findings {
    all: Vec<Diagnostic>,
}

/// Proof that something was reported: only a report gives it. Who holds it need not report the
/// same again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reported(());

/// How much was reported up to a moment.
#[derive(Clone, Copy, Debug)]
pub struct Mark(usize);

impl Findings {
    /// Nothing yet.
    pub const fn new() -> Self {
        Self { all: Vec::new() }
    }

    /// Reports a diagnostic.
    pub fn report(&mut self, diagnostic: Diagnostic) -> Reported {
        self.all.push(diagnostic);
        Reported(())
    }

    /// Reports each diagnostic; `None`: there is none.
    pub fn report_all(
        &mut self,
        diagnostics: impl IntoIterator<Item = Diagnostic>,
    ) -> Option<Reported> {
        let reported = diagnostics.into_iter().map(|each| self.report(each));
        reported.last()
    }

    /// The moment of now, for [`Self::since`].
    pub fn mark(&self) -> Mark {
        Mark(self.all.len())
    }

    /// What was reported since a moment.
    pub fn since(&self, mark: Mark) -> &[Diagnostic] {
        self.all.get(mark.0..).unwrap_or_default()
    }

    /// Keeps each of those reported since a moment once.
    pub fn without_repeats_since(&mut self, mark: Mark) {
        let mut kept: Vec<Diagnostic> = Vec::new();
        let since = self.all.split_off(mark.0.min(self.all.len()));
        let mut seen = BTreeSet::new();
        for diagnostic in since {
            let key = (
                (diagnostic.code, diagnostic.severity),
                (diagnostic.message.clone(), diagnostic.help.clone()),
                (diagnostic.labels.clone(), diagnostic.subject.clone()),
            );
            if seen.insert(key) {
                kept.push(diagnostic);
            }
        }
        self.all.append(&mut kept);
    }

    /// Notes which Plug has what was reported since a moment about anything but itself.
    pub fn share_since(&mut self, mark: Mark, plug: &Affected) {
        let is_own = |subject: &Subject| *subject == plug.subject;
        let since = self.all.iter_mut().skip(mark.0);
        for diagnostic in since.filter(|each| !each.subject.as_ref().is_some_and(is_own)) {
            diagnostic.also.push(plug.clone());
        }
    }

    /// Keeps those that are wanted.
    pub fn retain(&mut self, keep: impl FnMut(&Diagnostic) -> bool) {
        self.all.retain(keep);
    }

    /// Names the namespace that is meant where one is needed.
    pub fn name_namespace(&mut self, name: &str) {
        let asking = self
            .all
            .iter_mut()
            .filter(|each| each.code == Code::NamespaceUnknown);
        for diagnostic in asking {
            let help = diagnostic.help.take();
            diagnostic.help = help.map(|help| help.in_namespace(name));
        }
    }

    /// What was found, in the order in which it was reported.
    pub fn into_vec(self) -> Vec<Diagnostic> {
        self.all
    }

    /// Counts warnings as errors.
    pub fn make_strict(&mut self) {
        for diagnostic in &mut self.all {
            if diagnostic.severity == Severity::Warning {
                diagnostic.severity = Severity::Error;
            }
        }
    }

    /// Counts errors as warnings.
    pub fn make_lenient(&mut self) {
        for diagnostic in &mut self.all {
            diagnostic.severity = diagnostic.severity.max(Severity::Warning);
        }
    }
}

impl std::ops::Deref for Findings {
    type Target = [Diagnostic];

    fn deref(&self) -> &[Diagnostic] {
        &self.all
    }
}

impl Extend<Diagnostic> for Findings {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, diagnostics: I) {
        self.all.extend(diagnostics);
    }
}

impl IntoIterator for Findings {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.all.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;

    fn words(found: &[Diagnostic]) -> Vec<&str> {
        found.iter().map(|each| each.message.as_str()).collect()
    }

    #[test]
    fn what_was_reported_since_a_mark_is_kept_once() {
        let mut found = Findings::new();
        found.report(Diagnostic::error(Code::YamlSyntax, "a"));
        let mark = found.mark();
        for message in ["a", "b", "a"] {
            found.report(Diagnostic::error(Code::YamlSyntax, message));
        }
        assert_eq!(words(found.since(mark)), ["a", "b", "a"]);
        found.without_repeats_since(mark);
        assert_eq!(words(&found), ["a", "a", "b"]);
    }

    #[test]
    fn nothing_reported_is_no_proof() {
        let mut found = Findings::new();
        assert_eq!(found.report_all([]), None);
        assert!(
            found
                .report_all([Diagnostic::error(Code::YamlSyntax, "a")])
                .is_some()
        );
    }
}
