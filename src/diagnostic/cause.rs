//! Names what a diagnostic comes from, and leaves out those that only follow from another one.

use std::collections::{BTreeMap, BTreeSet};

use super::{Affected, Diagnostic, Subject};

/// What a diagnostic comes from. Those of one code and one cause are one diagnostic, with all that
/// have it; one whose cause another diagnostic explains is left out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CommonCause {
    /// An object is not in the input.
    NoObject {
        /// Its kind.
        kind: String,
        /// What is surely written in its manifest; `None`: nothing is known of it but its kind.
        word: Option<String>,
    },
    /// An object gives no value for a key.
    NoKey {
        /// The object.
        of: Subject,
        /// The key.
        key: String,
    },
    /// Objects have no namespace, and the run has none.
    NoNamespace,
    /// An object is as it is.
    Object(Subject),
}

impl CommonCause {
    /// An object of this kind, in whose manifest this word is surely written, is not in the input.
    pub fn no_object(kind: &str, word: &str) -> Self {
        Self::NoObject {
            kind: kind.to_owned(),
            word: Some(word.to_owned()),
        }
    }
}

/// A document of which nothing could be used, which was reported: what may be in it is not missing.
#[derive(Debug)]
pub struct UnusableDocument<'s> {
    /// The kinds of object that it seems to hold.
    pub kinds: BTreeSet<&'s str>,
    /// Its text.
    pub text: &'s str,
}

/// Leaves out what only follows from what is reported, and notes there who has it.
pub(super) fn leave_out_what_follows(
    found: &mut Vec<Diagnostic>,
    unusable: &[UnusableDocument<'_>],
) {
    let mut explained: BTreeMap<CommonCause, usize> = BTreeMap::new();
    for (position, diagnostic) in found.iter().enumerate() {
        if let Some(cause) = &diagnostic.explains {
            explained.entry((**cause).clone()).or_insert(position);
        }
    }
    if explained.is_empty() && unusable.is_empty() {
        return;
    }
    let mut unusable = Unusable::new(unusable);
    let mut also: BTreeMap<usize, Vec<Affected>> = BTreeMap::new();
    let mut follows = Vec::with_capacity(found.len());
    for (position, diagnostic) in found.iter_mut().enumerate() {
        let Some(cause) = &diagnostic.cause else {
            follows.push(false);
            continue;
        };
        match explained.get(&**cause) {
            Some(&by) if by != position => {
                also.entry(by).or_default().append(&mut diagnostic.also);
                follows.push(true);
            }
            _ => follows.push(unusable.explains(cause)),
        }
    }
    for (position, mut affected) in also {
        found[position].also.append(&mut affected);
    }
    let mut follows = follows.into_iter();
    found.retain(|_| !follows.next().unwrap_or(false));
}

/// The documents that could not be used, by what may be in them.
#[derive(Debug, Default)]
struct Unusable<'s> {
    /// Where an object of a kind may be.
    of_kind: BTreeMap<&'s str, BTreeSet<usize>>,
    /// Where a word is, which could be an object's name.
    with_word: BTreeMap<&'s str, BTreeSet<usize>>,
    /// What was asked for before: many Plugs may miss the same object.
    answers: BTreeMap<CommonCause, bool>,
}

impl<'s> Unusable<'s> {
    fn new(documents: &'s [UnusableDocument<'s>]) -> Self {
        let mut unusable = Self::default();
        let is_of_name = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
        for (document, UnusableDocument { kinds, text }) in documents.iter().enumerate() {
            for kind in kinds {
                unusable.of_kind.entry(kind).or_default().insert(document);
            }
            let words = text.split(|c| !is_of_name(c));
            for word in words.filter(|word| !word.is_empty()) {
                unusable.with_word.entry(word).or_default().insert(document);
            }
        }
        unusable
    }

    /// Whether what is missing may be in one of them.
    fn explains(&mut self, cause: &CommonCause) -> bool {
        let CommonCause::NoObject { kind, word } = cause else {
            return false;
        };
        let Some(of_kind) = self.of_kind.get(kind.as_str()) else {
            return false;
        };
        let Some(word) = word else { return true };
        if let Some(&known) = self.answers.get(cause) {
            return known;
        }
        let with_word = self.with_word.get(word.as_str());
        let answer = with_word.is_some_and(|with_word| !of_kind.is_disjoint(with_word));
        self.answers.insert(cause.clone(), answer);
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Code, Findings};

    fn missing(kind: &str, word: Option<&str>) -> Diagnostic {
        let cause = CommonCause::NoObject {
            kind: kind.to_owned(),
            word: word.map(str::to_owned),
        };
        Diagnostic::error(Code::SocketNotFound, format!("no {kind} {word:?}")).because(cause)
    }

    fn subject(name: &str) -> Subject {
        Subject {
            kind: "Socket".to_owned(),
            name: name.to_owned(),
            ..Subject::default()
        }
    }

    #[test]
    fn what_may_be_in_an_unusable_document_is_not_missing() {
        let documents = [
            UnusableDocument {
                kinds: ["Socket", "Interface"].into(),
                text: "kind: Socket\nname: \"db-1\"\n",
            },
            UnusableDocument {
                kinds: ["Plug"].into(),
                text: "kind: Plug\nname: web\n",
            },
        ];
        let mut found = Findings::new();
        for one in [
            missing("Socket", Some("db-1")),
            missing("Socket", Some("db")),
            missing("Socket", Some("web")),
            missing("Interface", None),
            missing("Deployment", None),
        ] {
            found.report(one);
        }
        let left: Vec<String> = found
            .conclude(&documents)
            .into_iter()
            .map(|one| one.message)
            .collect();
        assert_eq!(
            left,
            [
                "no Deployment None",
                "no Socket Some(\"db\")",
                "no Socket Some(\"web\")"
            ]
        );
    }

    #[test]
    fn what_another_explains_is_left_out_and_hands_over_who_has_it() {
        let no_key = |of: &str| CommonCause::NoKey {
            of: subject(of),
            key: "host".to_owned(),
        };
        let misspelt = Diagnostic::error(Code::UndeclaredKey, "`hots`").explains(no_key("a"));
        let mut not_given =
            Diagnostic::error(Code::SocketConfigInvalid, "no `host`").because(no_key("a"));
        not_given.also.push(Affected::of(subject("plug")));
        let other =
            Diagnostic::error(Code::SocketConfigInvalid, "no `host` in b").because(no_key("b"));
        let mut found = Findings::new();
        found.extend([not_given, misspelt, other]);
        let left = found.conclude(&[]);
        let shown: Vec<_> = left
            .iter()
            .map(|one| (one.message.as_str(), one.also.len()))
            .collect();
        assert_eq!(shown, [("no `host` in b", 0), ("`hots`", 1)]);
    }
}
