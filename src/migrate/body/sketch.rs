//! Writes a body as YAML in which a token is in place of each value, so that it can be parsed.

use std::fmt::Write;

use crate::migrate::go_template::GoItem;
use crate::migrate::template_scope::TemplateScope;
use crate::migrate::translate::{TextPart, Untranslatable, parts};

/// A body with tokens.
#[derive(Debug)]
pub(super) struct Sketch {
    /// The YAML.
    pub text: String,
    /// How each token begins; no other text of the body does.
    mark: String,
    values: Vec<TextPart>,
}

/// How a token ends.
const END: char = 'Q';

impl Sketch {
    /// The sketch of a body; `if`s in it are values.
    pub(super) fn of(items: &[GoItem], scope: &TemplateScope<'_>) -> Result<Self, Untranslatable> {
        let mut sketch = Self {
            text: String::new(),
            mark: mark(items),
            values: Vec::new(),
        };
        for part in parts(items, scope)? {
            match part {
                TextPart::Literal(text) => sketch.text.push_str(&text),
                value @ TextPart::Computed(_) => {
                    // writing to a String cannot fail
                    let _ = write!(sketch.text, "{}{}{END}", sketch.mark, sketch.values.len());
                    sketch.values.push(value);
                }
            }
        }
        Ok(sketch)
    }

    /// Whether a text has a token.
    pub(super) fn has_token(&self, text: &str) -> bool {
        !self.values.is_empty() && text.contains(&self.mark)
    }

    /// The parts of a text with tokens.
    pub(super) fn parts(&self, text: &str) -> Vec<TextPart> {
        let mut found = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once(&self.mark) {
            let token = after
                .split_once(END)
                .and_then(|(number, rest)| Some((number.parse::<usize>().ok()?, rest)));
            let Some((value, after)) =
                token.and_then(|(number, rest)| Some((self.values.get(number)?, rest)))
            else {
                break;
            };
            if !before.is_empty() {
                found.push(TextPart::Literal(before.to_owned()));
            }
            found.push(value.clone());
            rest = after;
        }
        if !rest.is_empty() {
            found.push(TextPart::Literal(rest.to_owned()));
        }
        found
    }
}

/// How tokens begin that are in no text of a body.
pub(super) fn mark(items: &[GoItem]) -> String {
    let mut number = 0;
    loop {
        let mark = format!("Q{number}x");
        if !has(items, &mark) {
            return mark;
        }
        number += 1;
    }
}

fn has(items: &[GoItem], mark: &str) -> bool {
    items.iter().any(|item| match item {
        GoItem::Text(text) => text.contains(mark),
        GoItem::Action(pipeline) => pipeline.source.contains(mark),
        GoItem::If(choice) => has(&choice.then, mark) || has(&choice.otherwise, mark),
    })
}
