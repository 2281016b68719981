//! Translates Go pipelines into expressions of coupler: the twelve functions that manifests of the
//! integration-operator use.

use super::go_template::{GoCommand, GoError, GoItem, GoOperand, GoPipeline, TrimRule, parse};
use super::residual::{
    Base64Filter, Encoding, NO_VALUE, Residual, ResidualChoice, ResidualFallback, Truth,
};
use super::template_scope::TemplateScope;
use crate::manifest::emit;

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TextPart {
    /// Literal text.
    Literal(String),
    /// A value.
    Computed(Residual),
}

/// Why a text has no counterpart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Untranslatable {
    /// The action as it is written.
    pub action: String,
    /// Why.
    pub message: String,
    /// Whether it is a Secret's value that it wants.
    pub wants_secret: bool,
}

impl From<GoError> for Untranslatable {
    fn from(error: GoError) -> Self {
        Self {
            action: error.action,
            message: error.message,
            wants_secret: false,
        }
    }
}

/// Translates a text.
pub(super) fn translate(
    text: &str,
    trim: TrimRule,
    scope: &TemplateScope<'_>,
) -> Result<Vec<TextPart>, Untranslatable> {
    parts(&parse(text, trim)?, scope)
}

/// Translates the pieces of a text.
pub(super) fn parts(
    items: &[GoItem],
    scope: &TemplateScope<'_>,
) -> Result<Vec<TextPart>, Untranslatable> {
    let mut all = Vec::new();
    for item in items {
        match item {
            GoItem::Text(text) => push(&mut all, TextPart::Literal(text.clone())),
            GoItem::Action(pipeline) => flatten(value(pipeline, scope)?, &mut all),
            GoItem::If(choice) => {
                let condition = value(&choice.condition, scope)?;
                match condition.truth() {
                    Truth::True => extend(&mut all, parts(&choice.then, scope)?),
                    Truth::False => extend(&mut all, parts(&choice.otherwise, scope)?),
                    Truth::Depends => {
                        let then = joined(parts(&choice.then, scope)?);
                        let otherwise = joined(parts(&choice.otherwise, scope)?);
                        if let Some(name) = then.hidden().or_else(|| otherwise.hidden()) {
                            return Err(hidden_in(&choice.condition.source, &name));
                        }
                        push(
                            &mut all,
                            TextPart::Computed(Residual::Choice(Box::new(ResidualChoice {
                                condition,
                                then,
                                otherwise,
                            }))),
                        );
                    }
                }
            }
        }
    }
    Ok(all)
}

/// The parts of a value.
pub(super) fn value_parts(value: Residual) -> Vec<TextPart> {
    let mut parts = Vec::new();
    flatten(value, &mut parts);
    parts
}

/// Adds the parts of a value: what is known is literal text.
fn flatten(value: Residual, all: &mut Vec<TextPart>) {
    match value {
        Residual::Text(text) => push(all, TextPart::Literal(text)),
        Residual::Bool(value) => push(all, TextPart::Literal(value.to_string())),
        Residual::NoValue => push(all, TextPart::Literal(NO_VALUE.to_owned())),
        Residual::Quoted(inner) => match *inner {
            Residual::Text(text) => push(all, TextPart::Literal(emit::json_string(&text))),
            Residual::NoValue => {}
            inner => push(all, TextPart::Computed(Residual::Quoted(Box::new(inner)))),
        },
        Residual::Concat(parts) => parts.into_iter().for_each(|part| flatten(part, all)),
        other => push(all, TextPart::Computed(other)),
    }
}

fn extend(all: &mut Vec<TextPart>, more: Vec<TextPart>) {
    more.into_iter().for_each(|part| push(all, part));
}

/// Adds a part; literal text joins that before it.
fn push(all: &mut Vec<TextPart>, part: TextPart) {
    match (all.last_mut(), part) {
        (_, TextPart::Literal(text)) if text.is_empty() => {}
        (Some(TextPart::Literal(before)), TextPart::Literal(text)) => before.push_str(&text),
        (_, part) => all.push(part),
    }
}

/// Parts as one value.
fn joined(parts: Vec<TextPart>) -> Residual {
    let mut values: Vec<Residual> = parts
        .into_iter()
        .map(|part| match part {
            TextPart::Literal(text) => Residual::Text(text),
            TextPart::Computed(value) => value,
        })
        .collect();
    match values.len() {
        0 => Residual::Text(String::new()),
        1 => values.remove(0),
        _ => Residual::Concat(values),
    }
}

fn hidden_in(action: &str, name: &str) -> Untranslatable {
    Untranslatable {
        action: action.to_owned(),
        message: format!("it computes with `{name}`, which is known only in the cluster"),
        wants_secret: true,
    }
}

/// Translates a pipeline.
pub(super) fn value(
    pipeline: &GoPipeline,
    scope: &TemplateScope<'_>,
) -> Result<Residual, Untranslatable> {
    let translator = Translator {
        scope,
        action: &pipeline.source,
    };
    translator.pipeline(pipeline)
}

struct Translator<'t, 'o> {
    scope: &'t TemplateScope<'o>,
    action: &'t str,
}

impl Translator<'_, '_> {
    fn pipeline(&self, pipeline: &GoPipeline) -> Result<Residual, Untranslatable> {
        let mut piped = None;
        for command in &pipeline.commands {
            piped = Some(self.command(command, piped)?);
        }
        piped.ok_or_else(|| self.fail("a value is missing"))
    }

    fn command(
        &self,
        command: &GoCommand,
        piped: Option<Residual>,
    ) -> Result<Residual, Untranslatable> {
        let [first, rest @ ..] = &command.operands[..] else {
            return Err(self.fail("a value is missing"));
        };
        if let GoOperand::Function(name) = first {
            let arguments = rest.iter().map(|operand| self.operand(operand));
            let mut arguments: Vec<Residual> = arguments.collect::<Result<_, _>>()?;
            arguments.extend(piped);
            return self.call(name, arguments);
        }
        if !rest.is_empty() || piped.is_some() {
            return Err(self.fail("a value is called as a function"));
        }
        self.operand(first)
    }

    fn operand(&self, operand: &GoOperand) -> Result<Residual, Untranslatable> {
        match operand {
            GoOperand::Field(steps) => self.scope.field(steps).map_err(|why| self.fail(why)),
            GoOperand::Text(text) => Ok(Residual::Text(text.clone())),
            GoOperand::Bool(value) => Ok(Residual::Bool(*value)),
            GoOperand::Nil => Ok(Residual::NoValue),
            GoOperand::Number(number) => Err(self.fail(format!(
                "`{number}` is a number, and all values of a coupling are texts"
            ))),
            GoOperand::Function(name) => self.call(name, Vec::new()),
            GoOperand::Group(inner, fields) if fields.is_empty() => self.pipeline(inner),
            GoOperand::Group(..) => Err(self.fail("a text has no fields")),
        }
    }

    fn call(&self, name: &str, arguments: Vec<Residual>) -> Result<Residual, Untranslatable> {
        match name {
            "and" => self.both(arguments),
            "or" => self.either(arguments),
            "eq" => self.equal(arguments),
            "not" | "empty" => {
                let [value] = self.exactly(name, arguments)?;
                Ok(negated(value))
            }
            "printf" => self.printf(arguments),
            "quote" => {
                let [value] = self.exactly(name, arguments)?;
                Ok(Residual::Quoted(Box::new(value)))
            }
            "b64enc" => {
                let [value] = self.exactly(name, arguments)?;
                self.encode(value)
            }
            "b64dec" => {
                let [value] = self.exactly(name, arguments)?;
                self.decode(value)
            }
            "ternary" => {
                let [then, otherwise, condition] = self.exactly(name, arguments)?;
                match condition.truth() {
                    Truth::True => Ok(then),
                    Truth::False => Ok(otherwise),
                    Truth::Depends => {
                        let then = self.plain(then)?;
                        let otherwise = self.plain(otherwise)?;
                        Ok(Residual::Choice(Box::new(ResidualChoice {
                            condition,
                            then,
                            otherwise,
                        })))
                    }
                }
            }
            "default" => {
                let [other, value] = self.exactly(name, arguments)?;
                match value.truth() {
                    Truth::True => Ok(value),
                    Truth::False => Ok(other),
                    Truth::Depends => Ok(Residual::Fallback(Box::new(ResidualFallback {
                        value: self.plain(value)?,
                        other: self.plain(other)?,
                    }))),
                }
            }
            "contains" => {
                let [wanted, text] = self.exactly(name, arguments)?;
                if let (Residual::Text(wanted), Residual::Text(text)) = (&wanted, &text) {
                    return Ok(Residual::Bool(text.contains(wanted.as_str())));
                }
                if text == Residual::NoValue {
                    return Err(self.fail("the operator fails if `contains` gets no value"));
                }
                Ok(Residual::Contains {
                    wanted: Box::new(self.plain(wanted)?),
                    text: Box::new(self.plain(text)?),
                })
            }
            other => Err(self.fail(format!("coupler has no function `{other}`"))),
        }
    }

    fn both(&self, arguments: Vec<Residual>) -> Result<Residual, Untranslatable> {
        let mut kept = Vec::new();
        let count = arguments.len();
        for (position, value) in arguments.into_iter().enumerate() {
            match value.truth() {
                Truth::False if kept.is_empty() => return Ok(value),
                Truth::True if position + 1 < count => {}
                Truth::True if kept.is_empty() => return Ok(value),
                Truth::True => kept.push(Residual::Bool(true)),
                Truth::False | Truth::Depends => kept.push(self.plain(value)?),
            }
        }
        self.one_or(kept, Residual::Both)
    }

    fn either(&self, arguments: Vec<Residual>) -> Result<Residual, Untranslatable> {
        let mut kept = Vec::new();
        let count = arguments.len();
        for (position, value) in arguments.into_iter().enumerate() {
            match value.truth() {
                Truth::True if kept.is_empty() => return Ok(value),
                Truth::False if position + 1 < count => {}
                Truth::True | Truth::False | Truth::Depends => kept.push(self.plain(value)?),
            }
        }
        self.one_or(kept, Residual::Either)
    }

    fn one_or(
        &self,
        mut kept: Vec<Residual>,
        several: fn(Vec<Residual>) -> Residual,
    ) -> Result<Residual, Untranslatable> {
        match kept.len() {
            0 => Err(self.fail("a value is missing")),
            1 => Ok(kept.remove(0)),
            _ => Ok(several(kept)),
        }
    }

    fn equal(&self, arguments: Vec<Residual>) -> Result<Residual, Untranslatable> {
        let mut arguments = arguments.into_iter();
        let (Some(first), others) = (arguments.next(), arguments.collect::<Vec<_>>()) else {
            return Err(self.fail("`eq` compares two values"));
        };
        if others.is_empty() {
            return Err(self.fail("`eq` compares two values"));
        }
        let known = |value: &Residual| {
            matches!(
                value,
                Residual::Text(_) | Residual::Bool(_) | Residual::NoValue
            )
        };
        if known(&first) && others.iter().all(known) {
            return Ok(Residual::Bool(others.contains(&first)));
        }
        let first = self.plain(first)?;
        let others = others.into_iter().map(|other| self.plain(other));
        Ok(Residual::Equal(
            Box::new(first),
            others.collect::<Result<_, _>>()?,
        ))
    }

    /// `printf` with texts alone.
    fn printf(&self, arguments: Vec<Residual>) -> Result<Residual, Untranslatable> {
        let mut arguments = arguments.into_iter();
        let Some(Residual::Text(format)) = arguments.next() else {
            return Err(self.fail("the format of `printf` is not a literal text"));
        };
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut chars = format.chars();
        while let Some(c) = chars.next() {
            if c != '%' {
                literal.push(c);
                continue;
            }
            let verb = chars.next();
            if verb == Some('%') {
                literal.push('%');
                continue;
            }
            let Some(verb) = verb.filter(|verb| matches!(verb, 's' | 'v' | 'q')) else {
                return Err(self.fail("only `%s`, `%v` and `%q` of `printf` can be translated"));
            };
            let Some(argument) = arguments.next() else {
                return Err(self.fail("`printf` has fewer values than its format"));
            };
            parts.push(Residual::Text(std::mem::take(&mut literal)));
            parts.push(match (argument, verb) {
                (Residual::NoValue, 'v') => Residual::Text("<nil>".to_owned()),
                (Residual::NoValue, verb) => Residual::Text(format!("%!{verb}(<nil>)")),
                (value, 'q') => Residual::Quoted(Box::new(value)),
                (value, _) => value,
            });
        }
        if arguments.next().is_some() {
            return Err(self.fail("`printf` has more values than its format"));
        }
        parts.push(Residual::Text(literal));
        let mut flat = Vec::new();
        parts.into_iter().for_each(|part| flatten(part, &mut flat));
        Ok(joined(flat))
    }

    fn encode(&self, value: Residual) -> Result<Residual, Untranslatable> {
        match value {
            Residual::NoValue => Err(self.fail("the operator fails if `b64enc` gets no value")),
            Residual::SecretKey(source, Encoding::Plain) => {
                Ok(Residual::SecretKey(source, Encoding::Base64))
            }
            value => Ok(Residual::Base64(
                Base64Filter::Encode,
                Box::new(self.plain(value)?),
            )),
        }
    }

    fn decode(&self, value: Residual) -> Result<Residual, Untranslatable> {
        match value {
            Residual::NoValue => Err(self.fail("the operator fails if `b64dec` gets no value")),
            Residual::Text(text) if text.is_empty() => Ok(Residual::Text(text)),
            Residual::SecretKey(source, Encoding::Base64) => {
                Ok(Residual::SecretKey(source, Encoding::Plain))
            }
            value => Ok(Residual::Base64(
                Base64Filter::Decode,
                Box::new(self.plain(value)?),
            )),
        }
    }

    /// The same value, if it can be computed with.
    fn plain(&self, value: Residual) -> Result<Residual, Untranslatable> {
        match value.hidden() {
            None => Ok(value),
            Some(name) => Err(hidden_in(self.action, &name)),
        }
    }

    fn exactly<const N: usize>(
        &self,
        name: &str,
        arguments: Vec<Residual>,
    ) -> Result<[Residual; N], Untranslatable> {
        arguments
            .try_into()
            .map_err(|_| self.fail(format!("`{name}` does not take this number of values")))
    }

    fn fail(&self, message: impl Into<String>) -> Untranslatable {
        Untranslatable {
            action: self.action.to_owned(),
            message: message.into(),
            wants_secret: false,
        }
    }
}

/// The opposite of a condition.
pub(super) fn negated(value: Residual) -> Residual {
    match value.truth() {
        Truth::True => Residual::Bool(false),
        Truth::False => Residual::Bool(true),
        Truth::Depends => match value {
            Residual::Not(inner) => *inner,
            value => Residual::Not(Box::new(value)),
        },
    }
}
