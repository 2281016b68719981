//! Reads values with templates in them, before anything is evaluated.

use serde_json::Value as Json;

use super::template::{self, Grammar, Syntax, SyntaxError, Template};
use crate::api::NamedValue;
use crate::manifest::Place;

/// A value with its templates read.
pub(super) struct Expr<'a> {
    /// Where the whole value is.
    pub at: Place,
    /// Its shape.
    pub node: TemplateNode<'a>,
}

/// The shape of a value with templates.
pub(super) enum TemplateNode<'a> {
    /// Nothing to evaluate.
    Literal(&'a Json),
    /// A text without templates.
    Plain(&'a str),
    /// A template, and its text.
    Text(Template, &'a str),
    /// A list.
    List(Vec<TemplateNode<'a>>),
    /// An object.
    Map(Vec<(&'a str, TemplateNode<'a>)>),
}

/// Reads the templates of a value, in whose texts this is syntax.
pub(super) fn read_as(value: &Json, syntax: Syntax) -> Result<TemplateNode<'_>, SyntaxError> {
    read_value(value, Grammar { syntax, names: &[] })
}

/// Reads the templates of a value, in whose texts this is syntax, and which see these names too.
pub(super) fn read_in<'a>(
    value: &'a Json,
    syntax: Syntax,
    names: &[NamedValue],
) -> Result<TemplateNode<'a>, SyntaxError> {
    read_value(value, Grammar { syntax, names })
}

fn read_value<'a>(value: &'a Json, grammar: Grammar<'_>) -> Result<TemplateNode<'a>, SyntaxError> {
    match value {
        Json::String(text) => read_text_value(text, grammar),
        Json::Array(items) if holds_text(value) => items
            .iter()
            .map(|item| read_value(item, grammar))
            .collect::<Result<_, _>>()
            .map(TemplateNode::List),
        Json::Object(map) if holds_text(value) => map
            .iter()
            .map(|(key, value)| Ok((key.as_str(), read_value(value, grammar)?)))
            .collect::<Result<_, _>>()
            .map(TemplateNode::Map),
        _ => Ok(TemplateNode::Literal(value)),
    }
}

/// Reads a text that may be a template.
pub(super) fn read_text(text: &str) -> Result<TemplateNode<'_>, SyntaxError> {
    read_text_as(text, Syntax::Full)
}

/// Reads a text that may be a template, and in which this is syntax.
pub(super) fn read_text_as(text: &str, syntax: Syntax) -> Result<TemplateNode<'_>, SyntaxError> {
    read_text_value(text, Grammar { syntax, names: &[] })
}

fn read_text_value<'a>(
    text: &'a str,
    grammar: Grammar<'_>,
) -> Result<TemplateNode<'a>, SyntaxError> {
    let template = template::parse_by(text, grammar)?;
    Ok(template.map_or(TemplateNode::Plain(text), |template| {
        TemplateNode::Text(template, text)
    }))
}

fn holds_text(value: &Json) -> bool {
    match value {
        Json::String(text) => matches!(template::parse(text), Ok(Some(_)) | Err(_)),
        Json::Array(items) => items.iter().any(holds_text),
        Json::Object(map) => map.values().any(holds_text),
        _ => false,
    }
}

/// The place of a part of a text, where the text is in the source as it is.
pub(super) fn within(at: Place, text: &str, part: &std::ops::Range<usize>) -> Place {
    let (start, length) = (
        at.span.start as usize,
        (at.span.end - at.span.start) as usize,
    );
    let shift = match length.checked_sub(text.len()) {
        Some(0) => 0,
        // quotes, and nothing escaped
        Some(2) => 1,
        _ => return at,
    };
    let span = crate::manifest::Span::new(start + shift + part.start, start + shift + part.end);
    Place {
        source: at.source,
        span,
    }
}
