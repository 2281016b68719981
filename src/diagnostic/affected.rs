//! Names those that have an error which another object has too, or which is about what they share.

use std::borrow::Cow;

use super::{Diagnostic, Severity, Subject, list};
use crate::manifest::Place;

/// An object that has an error with others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Affected {
    /// Where it has it, or where it is.
    pub at: Option<Place>,
    /// The object.
    pub subject: Subject,
}

impl Affected {
    /// An object, wherever it is.
    pub fn of(subject: Subject) -> Self {
        Self { at: None, subject }
    }
}

impl Diagnostic {
    /// The objects of a kind that have it, where it is about one of them.
    pub fn of_kind<'d>(&'d self, kind: &'d str) -> impl Iterator<Item = &'d Subject> {
        let subject = self
            .subject
            .iter()
            .filter(move |subject| subject.kind == kind);
        let has_own = subject.clone().next().is_some();
        let others = self.also.iter().map(|affected| &affected.subject);
        subject.chain(others.filter(move |_| has_own))
    }

    /// The same as the error of one of those that have it.
    #[must_use]
    pub fn alone_of(&self, subject: &Subject) -> Self {
        Self {
            subject: Some(subject.clone()),
            also: Vec::new(),
            ..self.clone()
        }
    }

    /// The fact, with who else has it: for a format that prints a line of it.
    pub fn headline(&self) -> Cow<'_, str> {
        let Some(sentence) = self.others() else {
            return Cow::Borrowed(self.message.as_str());
        };
        let names = list(self.also.iter().map(|affected| affected.subject.called()));
        Cow::Owned(format!("{} ({sentence}: {names})", self.message))
    }

    /// ``2 more Plugs have this error``; `None`: no other has it. An error about what Plugs share
    /// is an error of each of them; what is no error is reported for many only if it is about each.
    pub(super) fn others(&self) -> Option<String> {
        let kind = &self.also.first()?.subject.kind;
        let subject = self.subject.as_ref();
        let count = self.also.len();
        if subject.is_some_and(|subject| subject.kind == *kind) {
            return Some(sentence(count, " more", kind, self.severity));
        }
        (count > 1 && self.severity == Severity::Error)
            .then(|| sentence(count, "", kind, self.severity))
    }
}

/// ``2 more Plugs have this error``
pub(super) fn sentence(count: usize, more: &str, kind: &str, severity: Severity) -> String {
    let (plural, verb) = match count {
        1 => ("", "has"),
        _ => ("s", "have"),
    };
    let what = match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    };
    format!("{count}{more} {kind}{plural} {verb} this {what}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;

    fn named(kind: &str, name: &str) -> Subject {
        Subject {
            kind: kind.to_owned(),
            name: name.to_owned(),
            ..Subject::default()
        }
    }

    fn of(kind: &str, plugs: &[&str]) -> Diagnostic {
        let mut error = Diagnostic::error(Code::SocketNotFound, "no `x`").on(named(kind, "one"));
        let plugs = plugs.iter().map(|name| Affected::of(named("Plug", name)));
        error.also = plugs.collect();
        error
    }

    #[test]
    fn a_line_names_who_else_has_it() {
        assert_eq!(of("Plug", &[]).headline(), "no `x`");
        assert_eq!(
            of("Plug", &["b"]).headline(),
            "no `x` (1 more Plug has this error: `b`)"
        );
        assert_eq!(
            of("Socket", &["a", "b"]).headline(),
            "no `x` (2 Plugs have this error: `a`, `b`)"
        );
        assert_eq!(of("Socket", &["a"]).headline(), "no `x`");
    }
}
