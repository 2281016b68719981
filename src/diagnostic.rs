//! Defines what coupler reports to a person: one value with many formats (text, JSON, SARIF,
//! GitHub's annotations), made where the mistake is found, printed by a shell.

mod affected;
mod binding_lines;
mod cause;
mod code;
mod conclude;
mod findings;
mod github;
mod group;
mod help;
mod json;
mod list;
mod origin;
mod places;
pub mod printable;
mod redact;
mod sarif;
mod shown;
mod source;
mod text;

pub use affected::Affected;
pub use cause::{CommonCause, UnusableDocument};
pub use code::Code;
pub use findings::{Findings, Mark, Reported};
pub use github::{github, github_line};
pub use help::{Help, Host, Paste, PasteMode, Setting, Word};
pub(crate) use help::{lines, words};
pub use json::json;
pub use list::{list, list_all, list_plain};
pub use places::{FoundPlace, PlaceFinder};
pub use printable::Printable;
pub use sarif::Sarif;
pub use shown::Shown;
pub use source::SourceText;
pub use text::{TextOptions, text};

use crate::limits;
use crate::manifest::{Flaw, NotReadable, Place, ReadError, Span};

/// How much a diagnostic weighs. Only an error stops a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is emitted.
    Error,
    /// The result is valid, but a person should look at it.
    Warning,
    /// Worth knowing.
    Info,
}

/// A place in what the user wrote, and the text about it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Label {
    /// Where.
    pub place: Place,
    /// What, in a few words; may be empty.
    pub text: String,
    /// Whether what is written there may be shown.
    pub quote: Quote,
    /// What kind of text it is.
    pub kind: LabelKind,
}

/// What the text of a label is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum LabelKind {
    /// What is to be known about the place.
    #[default]
    Fact,
    /// What was probably meant there: a part of the remedy.
    Suggestion,
    /// What comes near to what is asked for, and why it is not that.
    Candidate,
}

/// Whether the text at a place may be shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quote {
    /// As it is written, where its document may be quoted at all.
    #[default]
    Shown,
    /// Never, by no diagnostic of the run: it is meant to be a secret, and is given as plain text.
    Hidden,
}

/// The object a diagnostic is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// `apiVersion` as written.
    pub api_version: String,
    /// `kind` as written.
    pub kind: String,
    /// The namespace, where it is known.
    pub namespace: Option<String>,
    /// `metadata.name`.
    pub name: String,
}

impl Subject {
    /// `namespace/name`, or `name` where the namespace is not known.
    pub fn called(&self) -> String {
        match &self.namespace {
            Some(namespace) => format!("{namespace}/{}", self.name),
            None => self.name.clone(),
        }
    }

    /// The same in backticks.
    pub(crate) fn quoted(&self) -> String {
        format!("`{}`", self.called())
    }
}

/// One fact a person must know, with its code, its places and its remedy.
///
/// `message` is a fact in lower case with names in backticks; `help` is the remedy, with the lines
/// to paste. Neither ever holds a byte of a Secret's values.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnostic {
    /// The code, forever.
    pub code: Code,
    /// Its weight.
    pub severity: Severity,
    /// The fact.
    pub message: String,
    /// The places; the first is the one the reader is sent to.
    pub labels: Vec<Label>,
    /// The remedy.
    pub help: Option<Help>,
    /// The object.
    pub subject: Option<Subject>,
    /// The others that have it, where they share what it comes from.
    pub also: Vec<Affected>,
    /// What it comes from, where others may come from the same.
    pub cause: Option<Box<CommonCause>>,
    /// What only follows from it.
    pub explains: Option<Box<CommonCause>>,
    /// What it reports of its object, where the message names that; `None`: the message does not.
    pub topic: Option<Box<Topic>>,
}

/// What a diagnostic reports of its object, beside the code: names of what it is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Topic(pub Vec<String>);

impl Diagnostic {
    /// An error.
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message.into())
    }

    /// The error about a document that must be read and cannot be.
    pub fn unreadable(error: &ReadError, place: Place) -> Self {
        let (code, label, help) = match error.flaw {
            Flaw::Syntax => (
                Code::YamlSyntax,
                "the parser stopped here",
                Some("the cause may be before this: an open bracket, brace or quote, or a tab"),
            ),
            Flaw::Braces => (
                Code::YamlSyntax,
                "YAML reads a mapping here",
                Some(
                    "if another tool fills it in, let it do so first: `helm template NAME DIR | coupler render -`; if it is text, \
                     write it in quotes; an expression of coupler is written `<% … %>`",
                ),
            ),
            Flaw::ByteOrderMark => (
                Code::YamlSyntax,
                "a byte order mark is here",
                Some(
                    "a byte order mark is allowed at the beginning of a file only, and remains inside when files are joined: remove it\n  perl -pi -e 's/\\xEF\\xBB\\xBF//g' FILE",
                ),
            ),
            Flaw::Directive => (
                Code::YamlSyntax,
                "a directive is here",
                Some(
                    "delete this line: Kubernetes needs no directives, and kubectl reads one at the beginning of a file only",
                ),
            ),
            Flaw::DuplicateKey => (
                Code::DuplicateKey,
                "again here",
                Some("keep one of the two"),
            ),
            Flaw::Tag => (
                Code::CannotEdit,
                "here",
                Some("write the intended value without the tag: Kubernetes manifests need no tags"),
            ),
            Flaw::Limit => (Code::LimitExceeded, "", None),
        };
        let diagnostic = Self::error(code, error.message.clone()).at(place, label);
        help.into_iter().fold(diagnostic, Diagnostic::help)
    }

    /// The error about what a decision depends on and what cannot be read where it is; `place`
    /// gives the place of a span.
    pub fn not_readable(what: &str, why: &NotReadable, place: impl Fn(Span) -> Place) -> Self {
        let token = &why.token;
        let (fact, remedy) = match token.starts_with("<<") {
            true => (
                format!("the merge key `{token}` inserts what is written elsewhere"),
                format!("write the merged keys in place of `{token}`"),
            ),
            false => (
                format!("the alias `{token}` repeats what is written elsewhere"),
                format!("write what it repeats in place of `{token}`"),
            ),
        };
        let message = format!("{what} cannot be read: {fact}");
        let error = Self::error(Code::CannotEdit, message).at(place(why.span), "here");
        let error = why.anchor.into_iter().fold(error, |error, anchor| {
            error.at(place(anchor), "this is repeated")
        });
        error.help(format!(
            "{remedy}; or let a tool do so first: `kustomize build . | coupler render -`"
        ))
    }

    /// A warning.
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message.into())
    }

    /// An info.
    pub fn info(code: Code, message: impl Into<String>) -> Self {
        Self::new(Severity::Info, code, message.into())
    }

    fn new(severity: Severity, code: Code, message: String) -> Self {
        Self {
            code,
            severity,
            message: clipped(message),
            labels: Vec::new(),
            help: None,
            subject: None,
            also: Vec::new(),
            cause: None,
            explains: None,
            topic: None,
        }
    }

    /// Adds a place.
    #[must_use]
    pub fn at(mut self, place: Place, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            place,
            text: clipped(text.into()),
            quote: Quote::Shown,
            kind: LabelKind::Fact,
        });
        self
    }

    /// Adds a place where a name is written that is not known, and the one that was probably
    /// meant; `none`: what to print without one.
    #[must_use]
    pub fn at_unknown(mut self, place: Place, near: Option<&str>, none: &str) -> Self {
        let (text, kind) = match near {
            Some(name) => (format!("did you mean `{name}`?"), LabelKind::Suggestion),
            None => (none.to_owned(), LabelKind::Fact),
        };
        self.labels.push(Label {
            place,
            text: clipped(text),
            quote: Quote::Shown,
            kind,
        });
        self
    }

    /// Adds the place of what comes near to what is asked for, and why it is not that.
    #[must_use]
    pub fn at_candidate(mut self, place: Place, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            place,
            text: clipped(text.into()),
            quote: Quote::Shown,
            kind: LabelKind::Candidate,
        });
        self
    }

    /// Adds a place where a secret is written as plain text: the position is shown, and nothing of
    /// the text.
    #[must_use]
    pub fn at_secret(mut self, place: Place, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            place,
            text: clipped(text.into()),
            quote: Quote::Hidden,
            kind: LabelKind::Fact,
        });
        self
    }

    /// Sets the remedy.
    #[must_use]
    pub fn help(mut self, help: impl Into<Help>) -> Self {
        self.help = Some(help.into().clipped());
        self
    }

    /// Sets what it comes from.
    #[must_use]
    pub fn because(mut self, cause: CommonCause) -> Self {
        self.cause = Some(Box::new(cause));
        self
    }

    /// Sets what it reports of its object, whose name is in the message: those with the same topic
    /// are shown together, whatever their objects are called.
    #[must_use]
    pub fn with_topic<const N: usize>(mut self, topic: [String; N]) -> Self {
        self.topic = Some(Box::new(Topic(topic.into())));
        self
    }

    /// Sets what only follows from it.
    #[must_use]
    pub fn explains(mut self, cause: CommonCause) -> Self {
        self.explains = Some(Box::new(cause));
        self
    }

    /// Sets the object.
    #[must_use]
    pub fn on(mut self, subject: Subject) -> Self {
        let Subject {
            api_version,
            kind,
            namespace,
            name,
        } = subject;
        let namespace = namespace.map(clipped);
        let subject = Subject {
            api_version: clipped(api_version),
            kind: clipped(kind),
            namespace,
            name: clipped(name),
        };
        self.subject = Some(subject);
        self
    }
}

/// Words that quote a name quote as much of it as a person reads.
fn clipped(mut words: String) -> String {
    if words.len() > limits::WORDS_BYTES {
        let end = (0..=limits::WORDS_BYTES)
            .rev()
            .find(|&at| words.is_char_boundary(at));
        words.truncate(end.unwrap_or_default());
        words.push('…');
    }
    words
}

/// Whether one of them is an error.
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|d| d.severity == Severity::Error)
}
