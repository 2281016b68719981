//! Parses templates: a text into literal text, plain paths and computed expressions, before
//! anything is evaluated.
//!
//! `<% … %>` is an expression, `{% … %}` a statement, `<# … #>` a comment; `<%%` writes `<%`. A
//! dotted path is *plain* and evaluated by [`super::evaluate`], where it may be a reference;
//! everything else is *computed* from literals alone.

use std::ops::Range;

use crate::api::NamedValue;
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::Place;

/// Which side of a coupling hands a key over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    /// The Plug.
    Plug,
    /// The Socket.
    Socket,
    /// The Socket that a converted one is made of.
    Source,
}

impl Side {
    /// As a template spells it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Plug => "plug",
            Self::Socket => "socket",
            Self::Source => "source",
        }
    }
}

/// A text with expressions in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Template {
    /// Its pieces, in order.
    pub pieces: Vec<Piece>,
}

/// A piece of a template, and where it is in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Literal text.
    Text(String),
    /// A plain path.
    Path(TemplatePath, Range<usize>),
    /// An expression for the engine, without its delimiters.
    Computed(String, Range<usize>),
    /// The whole text for the engine: it holds a statement.
    Whole(String),
}

/// What a plain path leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TemplatePath {
    /// `plug.config.KEY…`, `socket.config.KEY…`, `source.config.KEY…`.
    Key(Side, String, Vec<ValueStep>),
    /// `plug.name`, `socket.name`.
    Name(Side),
    /// `plug.object`: its `metadata.name`.
    Object,
    /// `plug.namespace`, `socket.namespace`.
    Namespace(Side),
    /// `plug.refs.KEY.name`, `socket.refs.KEY.key`: what of a reference is no secret.
    Reference(Side, String, ReferencePart),
    /// `plug.digest`: a hash of all values of the coupling.
    Digest,
    /// A value of another name, or a part of it: `object.metadata.name`.
    Local(String, Vec<ValueStep>),
    /// `interface.name`.
    InterfaceName,
    /// `interface.version`.
    InterfaceVersion,
}

/// A part of a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReferencePart {
    /// The object's name.
    Name,
    /// The key in it.
    Key,
}

/// What is syntax in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Syntax {
    /// Expressions, statements and comments.
    Full,
    /// The same, in a Socket's `bind`: in place of one Plug there is the list of all.
    SocketBind,
    /// The same, in a converter's `sockets`, which see its source too.
    Converter,
    /// Expressions alone: the text belongs to somebody else's program. They see more: what of a
    /// reference is no secret, and the digest of the coupling.
    Expressions,
}

/// A step into a list or an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ValueStep {
    /// A member.
    Name(String),
    /// An item.
    Index(usize),
}

/// Why a text is not a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SyntaxError {
    /// Where in the text.
    pub span: Range<usize>,
    /// The fact.
    pub message: String,
    /// What to write instead, where that shows.
    pub help: Option<String>,
}

impl SyntaxError {
    /// The error of a template of this key, variable or field.
    pub(super) fn diagnostic(&self, of: &str, place: Place) -> Diagnostic {
        let message = format!("the template of `{of}` cannot be read: {}", self.message);
        let error = Diagnostic::error(Code::TemplateSyntax, message).at(place, "here");
        self.help.iter().cloned().fold(error, Diagnostic::help)
    }
}

/// Why a Socket's `bind` has no `plug`.
pub(super) const NO_PLUG: &str =
    "a Socket's `bind` is written once for all Plugs, and cannot use `plug`";
/// Why other templates have no `plugs`.
pub(super) const NO_PLUGS: &str = "`plugs` can be used in a Socket's `bind` only";
/// Why other templates have no `source`.
const NO_SOURCE: &str = "`source` can be used in `sockets` of a converter only";
/// What they have in its place.
pub(super) const NO_PLUGS_HELP: &str = "a key of the Plug is written `<% plug.config.KEY %>`";

/// How a Socket's `bind` uses a key of its Plugs.
pub(super) fn no_plug_help(key: &str) -> String {
    format!(
        "`plugs` is the list of them: `<% plugs | map(attribute='config.{key}') | join(',') %>`"
    )
}

/// The words of the expression language that are values by themselves.
const WORDS: [&str; 6] = ["true", "false", "none", "True", "False", "None"];

/// Reads a text; `None`: it contains no template.
pub(super) fn parse(text: &str) -> Result<Option<Template>, SyntaxError> {
    parse_in(text, &[])
}

/// The same of a text that sees these names too.
pub(super) fn parse_in(text: &str, names: &[NamedValue]) -> Result<Option<Template>, SyntaxError> {
    parse_by(
        text,
        Grammar {
            syntax: Syntax::Full,
            names,
        },
    )
}

/// Reads a text of which this is syntax; `None`: nothing in it is ours.
pub(super) fn parse_as(text: &str, syntax: Syntax) -> Result<Option<Template>, SyntaxError> {
    parse_by(text, Grammar { syntax, names: &[] })
}

/// What a text may contain.
#[derive(Clone, Copy)]
pub(super) struct Grammar<'n> {
    /// What is syntax in it.
    pub syntax: Syntax,
    /// What it sees beside the two sides.
    pub names: &'n [NamedValue],
}

/// Reads a text that may contain this; `None`: nothing in it is ours.
pub(super) fn parse_by(text: &str, grammar: Grammar<'_>) -> Result<Option<Template>, SyntaxError> {
    let syntax = grammar.syntax;
    let Some(first) = opening(text, 0, syntax) else {
        return Ok(None);
    };
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut whole = String::new();
    let mut statements = false;
    // of a text with statements, the engine knows which names there are
    let mut failed = None;
    let mut done = 0;
    let mut next = Some(first);
    while let Some(at) = next {
        literal.push_str(&text[done..at]);
        whole.push_str(&text[done..at]);
        let rest = &text[at..];
        if rest.starts_with("<%%") {
            literal.push_str("<%");
            whole.push_str("<% \"<%\" %>");
            done = at + 3;
        } else if rest.starts_with("<#") {
            let end = rest.find("#>").ok_or_else(|| unclosed(at, "<#", "#>"))? + at + 2;
            done = end;
        } else if rest.starts_with("{%") {
            let end = closing(text, at + 2, "%}").ok_or_else(|| unclosed(at, "{%", "%}"))?;
            statements = true;
            whole.push_str(&text[at..end + 2]);
            done = end + 2;
        } else {
            let end = closing(text, at + 2, "%>").ok_or_else(|| unclosed(at, "<%", "%>"))?;
            let inner = &text[at + 2..end];
            // the engine's own trim marks reach into the neighbouring text
            let trims = inner.starts_with(['-', '+']) || inner.ends_with('-');
            if trims && syntax == Syntax::Expressions {
                return Err(SyntaxError {
                    span: at..end + 2,
                    message: "`<%-` and `-%>` would change the text around them".to_owned(),
                    help: Some("write `<%` and `%>`".to_owned()),
                });
            }
            statements |= trims;
            whole.push_str(&text[at..end + 2]);
            if !literal.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut literal)));
            }
            match expression(inner.trim(), at..end + 2, grammar) {
                Ok(piece) => pieces.push(piece),
                Err(error) => _ = failed.get_or_insert(error),
            }
            done = end + 2;
        }
        next = opening(text, done, syntax);
    }
    if statements {
        whole.push_str(&text[done..]);
        return Ok(Some(Template {
            pieces: vec![Piece::Whole(whole)],
        }));
    }
    if let Some(error) = failed {
        return Err(error);
    }
    literal.push_str(&text[done..]);
    if !literal.is_empty() || pieces.is_empty() {
        pieces.push(Piece::Text(literal));
    }
    Ok(Some(Template { pieces }))
}

fn opening(text: &str, from: usize, syntax: Syntax) -> Option<usize> {
    let bytes = text.as_bytes();
    memchr::memchr2_iter(b'<', b'{', &bytes[from..])
        .map(|i| i + from)
        .find(|&i| match (bytes[i], bytes.get(i + 1)) {
            (b'<', Some(b'%')) => true,
            (b'<', Some(b'#')) | (b'{', Some(b'%')) => syntax != Syntax::Expressions,
            _ => false,
        })
}

/// Where the delimiter is that closes what opened before `from`; quoted text does not count.
fn closing(text: &str, from: usize, delimiter: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut quote = None;
    let mut i = from;
    while i < bytes.len() {
        match (quote, bytes[i]) {
            (Some(_), b'\\') => i += 1,
            (Some(q), b) if b == q => quote = None,
            (None, b @ (b'"' | b'\'')) => quote = Some(b),
            (None, _) if bytes[i..].starts_with(delimiter.as_bytes()) => return Some(i),
            _ => {}
        }
        i += 1;
    }
    None
}

fn unclosed(at: usize, open: &str, close: &str) -> SyntaxError {
    SyntaxError {
        span: at..at + 2,
        message: format!("`{open}` has no `{close}`; a literal `<%` is written `<%%`"),
        help: None,
    }
}

fn expression(
    inner: &str,
    span: Range<usize>,
    Grammar {
        syntax,
        names: locals,
    }: Grammar<'_>,
) -> Result<Piece, SyntaxError> {
    if inner.is_empty() {
        return Err(SyntaxError {
            span,
            message: "the expression is empty".to_owned(),
            help: None,
        });
    }
    let Some(steps) = steps(inner) else {
        return Ok(Piece::Computed(inner.to_owned(), span));
    };
    let names = |i: usize| match steps.get(i) {
        Some(ValueStep::Name(name)) => Some(name.as_str()),
        _ => None,
    };
    let fail = |message: String, help: Option<String>| {
        Err(SyntaxError {
            span: span.clone(),
            message,
            help,
        })
    };
    let side = match names(0) {
        Some("plugs") if syntax == Syntax::SocketBind => {
            return Ok(Piece::Computed(inner.to_owned(), span));
        }
        Some("plugs") => {
            return fail(NO_PLUGS.to_owned(), Some(NO_PLUGS_HELP.to_owned()));
        }
        Some("plug") if syntax == Syntax::SocketBind => {
            let help = no_plug_help(names(2).unwrap_or("KEY"));
            return fail(NO_PLUG.to_owned(), Some(help));
        }
        Some("plug") => Some(Side::Plug),
        Some("socket") => Some(Side::Socket),
        Some("source") if syntax == Syntax::Converter => Some(Side::Source),
        Some("interface") => None,
        Some(name) if locals.iter().any(|local| local.name == name) => {
            let path = TemplatePath::Local(name.to_owned(), steps[1..].to_vec());
            return Ok(Piece::Path(path, span));
        }
        Some(word) if steps.len() == 1 && WORDS.contains(&word) => {
            return Ok(Piece::Computed(inner.to_owned(), span));
        }
        _ => {
            let name = names(0).unwrap_or_default();
            let key = match names(1) {
                Some(key) if name == "config" => key,
                _ => name,
            };
            if !locals.is_empty() {
                let known: Vec<_> = locals
                    .iter()
                    .map(|local| format!("`{}`", local.name))
                    .collect();
                let message = format!("there is no `{name}` here");
                return fail(message, Some(format!("there is {}", known.join(", "))));
            }
            if name == "source" {
                return fail(
                    NO_SOURCE.to_owned(),
                    Some(
                        "what a converter hands over is made of the Plug: `<% plug.config.KEY %>`"
                            .to_owned(),
                    ),
                );
            }
            let (plug, of_plug) = match syntax {
                Syntax::SocketBind => (
                    "plugs",
                    format!(
                        "and one of all Plugs `<% plugs | map(attribute='config.{key}') | join(',') %>`"
                    ),
                ),
                Syntax::Converter => {
                    let message = format!(
                        "a template can use `source`, `plug`, `socket` and `interface`, not `{name}`"
                    );
                    return fail(
                        message,
                        Some(format!(
                            "a key of the source is written `<% source.config.{key} %>`"
                        )),
                    );
                }
                Syntax::Full | Syntax::Expressions => (
                    "plug",
                    format!("and one of the Plug `<% plug.config.{key} %>`"),
                ),
            };
            return fail(
                format!("a template can use `{plug}`, `socket` and `interface`, not `{name}`"),
                Some(format!(
                    "a key of the Socket is written `<% socket.config.{key} %>`, {of_plug}"
                )),
            );
        }
    };
    let path = match (side, names(1), steps.len()) {
        (Some(side), Some("name"), 2) => TemplatePath::Name(side),
        (Some(Side::Plug), Some("object"), 2) => TemplatePath::Object,
        (Some(side), Some("namespace"), 2) => TemplatePath::Namespace(side),
        (Some(Side::Plug), Some("digest"), 2) if syntax == Syntax::Expressions => {
            TemplatePath::Digest
        }
        (Some(side), Some("refs"), _) if syntax == Syntax::Expressions => {
            match reference(side, &steps) {
                Some(path) => path,
                None => {
                    let word = side.word();
                    return fail(
                        format!(
                            "`{word}.refs` has the keys of `{word}.config`, each with a `name` and a `key`"
                        ),
                        Some(format!(
                            "write `<% {word}.refs.KEY.name %>` or `<% {word}.refs.KEY.key %>`"
                        )),
                    );
                }
            }
        }
        (Some(side), Some("config"), 3..) => match &steps[2] {
            ValueStep::Name(key) => TemplatePath::Key(side, key.clone(), steps[3..].to_vec()),
            ValueStep::Index(_) => {
                let message = format!("`{}.config` has names, not numbers", side.word());
                return fail(message, None);
            }
        },
        (None, Some("name"), 2) => TemplatePath::InterfaceName,
        (None, Some("version"), 2) => TemplatePath::InterfaceVersion,
        (_, None, 1) | (Some(_), Some("config"), 2) => {
            return Ok(Piece::Computed(inner.to_owned(), span));
        }
        (Some(side), ..) => {
            let word = side.word();
            let key = names(1).unwrap_or("…");
            let names = match side {
                Side::Plug => "`name`, `object`, `namespace` and `config`",
                Side::Socket | Side::Source => "`name`, `namespace` and `config`",
            };
            return fail(
                format!("`{word}` has {names}, and no `{key}`"),
                Some(format!("a key is written `<% {word}.config.{key} %>`")),
            );
        }
        (None, ..) => return fail("`interface` has `name` and `version`".to_owned(), None),
    };
    Ok(Piece::Path(path, span))
}

/// A part of a reference: `plug.refs.KEY.name`.
fn reference(side: Side, steps: &[ValueStep]) -> Option<TemplatePath> {
    let [_, _, ValueStep::Name(key), ValueStep::Name(part)] = steps else {
        return None;
    };
    let part = match part.as_str() {
        "name" => ReferencePart::Name,
        "key" => ReferencePart::Key,
        _ => return None,
    };
    Some(TemplatePath::Reference(side, key.clone(), part))
}

/// The steps of a dotted path, if that is all there is.
fn steps(text: &str) -> Option<Vec<ValueStep>> {
    let (first, mut rest) = identifier(text)?;
    let mut steps = vec![ValueStep::Name(first.to_owned())];
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('.') {
            let (name, after) = identifier(after)?;
            steps.push(ValueStep::Name(name.to_owned()));
            rest = after;
        } else {
            let (inside, after) = bracket(rest.strip_prefix('[')?)?;
            steps.push(inside);
            rest = after;
        }
    }
    Some(steps)
}

fn identifier(text: &str) -> Option<(&str, &str)> {
    let end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        .then_some((name, rest))
}

fn bracket(text: &str) -> Option<(ValueStep, &str)> {
    let quote = text.chars().next()?;
    if quote == '\'' || quote == '"' {
        let end = text[1..].find(quote)? + 1;
        let name = &text[1..end];
        let rest = text[end + 1..].strip_prefix(']')?;
        return (!name.contains('\\')).then(|| (ValueStep::Name(name.to_owned()), rest));
    }
    let end = text.find(']')?;
    let digits = &text[..end];
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    Some((
        ValueStep::Index(plain.then(|| digits.parse().ok())??),
        &text[end + 1..],
    ))
}

#[cfg(test)]
mod tests;
