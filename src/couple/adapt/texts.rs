//! Evaluates the texts of an Adapter, with the templates of Sockets, over an object and the names
//! that the Adapter defines.

use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;

use minijinja::Value;
use serde_json::Value as Json;

use crate::api::{NamedValue, Spanned, Switch};
use crate::couple::forgiving;
use crate::couple::template::{self, Piece, TemplatePath};
use crate::couple::template_engine::{Engine, TemplateContext, TemplateFailure, VisibleName};
use crate::couple::value::size;
use crate::couple::value_text;
use crate::limits;
use crate::manifest::Place;

/// Why a text has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TextFailure {
    /// The fact.
    pub message: String,
    /// The text.
    pub at: Place,
}

/// What the texts of an Adapter see.
#[derive(Clone, Default)]
pub(super) struct TextScope {
    names: Vec<NamedValue>,
    /// The same for the engine, made when a text asks for it.
    shown: Vec<Rc<OnceCell<Value>>>,
}

impl TextScope {
    /// The same with a value under one more name.
    pub(super) fn with(&self, name: &str, value: Rc<Json>) -> Self {
        let mut scope = self.clone();
        scope.add(name, value);
        scope
    }

    /// Adds a value under a name.
    pub(super) fn add(&mut self, name: &str, value: Rc<Json>) {
        let name = name.to_owned();
        self.names.push(NamedValue { name, value });
        self.shown.push(Rc::default());
    }

    /// All names.
    pub(super) fn names(&self) -> &[NamedValue] {
        &self.names
    }

    fn context(&self, engine: &Engine) -> Arc<TemplateContext> {
        let visible = self.names.iter().zip(&self.shown).map(|(named, shown)| {
            let value = shown.get_or_init(|| engine.show(&named.value)).clone();
            let name = named.name.clone();
            VisibleName { name, value }
        });
        Arc::new(TemplateContext {
            names: visible.collect(),
            ..TemplateContext::default()
        })
    }
}

/// Evaluates texts.
pub(super) struct AdapterTexts {
    engine: Engine,
}

impl AdapterTexts {
    /// For all Adapters of a run.
    pub(super) fn new() -> Self {
        Self {
            engine: Engine::with_fuel(limits::ADAPTER_FUEL),
        }
    }

    /// The value of a text: of its own type if it is one expression; null is not given.
    pub(super) fn value(
        &mut self,
        text: &Spanned<String>,
        scope: &TextScope,
    ) -> Result<Json, TextFailure> {
        let failure = |message: String| TextFailure {
            message,
            at: text.at,
        };
        let read = template::parse_in(&text.value, scope.names());
        let Some(template) = read.map_err(|error| failure(error.message))? else {
            return Ok(Json::String(text.value.clone()));
        };
        let value = match &template.pieces[..] {
            [Piece::Whole(source)] => {
                let context = scope.context(&self.engine);
                let result = self.engine.whole(source, &context);
                result.map_err(|why| failure(words(why)))?
            }
            [piece] => self.piece(piece, scope).map_err(failure)?,
            pieces => {
                let mut whole = String::new();
                for piece in pieces {
                    let value = self.piece(piece, scope).map_err(failure)?;
                    let part = value_text::text(&value).map_err(|why| match value {
                        Json::Null => failure(format!("{} is not given", named(piece))),
                        _ => failure(format!("{} cannot be written as text: {why}", named(piece))),
                    })?;
                    whole.push_str(&part);
                    if whole.len() > limits::VALUE_BYTES {
                        break;
                    }
                }
                Json::String(whole)
            }
        };
        if size(&value) > limits::ADAPTER_VALUE_BYTES {
            let most = limits::ADAPTER_VALUE_BYTES >> 10;
            return Err(failure(format!("its value is longer than {most} KiB")));
        }
        Ok(value)
    }

    fn piece(&mut self, piece: &Piece, scope: &TextScope) -> Result<Json, String> {
        match piece {
            Piece::Text(text) | Piece::Whole(text) => Ok(Json::String(text.clone())),
            Piece::Path(TemplatePath::Local(name, steps), _) => {
                Ok(forgiving::value_at(scope.names(), name, steps))
            }
            Piece::Path(..) => {
                Err("only `config` of a Socket can use `plug`, `socket` and `interface`".to_owned())
            }
            Piece::Computed(source, _) => {
                let context = scope.context(&self.engine);
                self.engine.expression(source, &context).map_err(words)
            }
        }
    }

    /// The text that a text has; `None`: it is not given.
    pub(super) fn text(
        &mut self,
        text: &Spanned<String>,
        scope: &TextScope,
    ) -> Result<Option<String>, TextFailure> {
        match self.value(text, scope)? {
            Json::Null => Ok(None),
            value => match value_text::text(&value) {
                Ok(found) => Ok(Some(found.into_owned())),
                Err(why) => Err(TextFailure {
                    message: format!("it cannot be written as text: {why}"),
                    at: text.at,
                }),
            },
        }
    }

    /// Whether a condition holds; one that is not written does.
    pub(super) fn holds(
        &mut self,
        condition: Option<&Spanned<String>>,
        scope: &TextScope,
    ) -> Result<bool, TextFailure> {
        match condition {
            Some(condition) => Ok(is_true(&self.value(condition, scope)?)),
            None => Ok(true),
        }
    }

    /// Whether a switch is on.
    pub(super) fn is_on(
        &mut self,
        switch: &Switch,
        scope: &TextScope,
    ) -> Result<bool, TextFailure> {
        match switch {
            Switch::Fixed(value) => Ok(*value),
            Switch::Template(text) => Ok(is_true(&self.value(text, scope)?)),
        }
    }

    /// What the texts of an entry see: once, or with each `item` of its `each`.
    pub(super) fn scopes(
        &mut self,
        each: Option<&Spanned<String>>,
        scope: &TextScope,
    ) -> Result<Vec<TextScope>, TextFailure> {
        let Some(each) = each else {
            return Ok(vec![scope.clone()]);
        };
        let items = self.items(each, scope)?.into_iter();
        let with_item = |item| scope.with("item", Rc::new(item));
        Ok(items.map(with_item).collect())
    }

    /// The items of a list; null has none.
    fn items(
        &mut self,
        text: &Spanned<String>,
        scope: &TextScope,
    ) -> Result<Vec<Json>, TextFailure> {
        let failure = |message: String| TextFailure {
            message,
            at: text.at,
        };
        match self.value(text, scope)? {
            Json::Null => Ok(Vec::new()),
            Json::Array(items) if items.len() <= limits::ADAPTED_ITEMS => Ok(items),
            Json::Array(_) => {
                let most = limits::ADAPTED_ITEMS;
                Err(failure(format!("`each` lists more than {most} items")))
            }
            _ => Err(failure("`each` is not a list".to_owned())),
        }
    }
}

/// What counts as true: as in templates.
pub(super) fn is_true(value: &Json) -> bool {
    match value {
        Json::Null => false,
        Json::Bool(value) => *value,
        Json::Number(number) => number.as_f64() != Some(0.0),
        Json::String(text) => !text.is_empty(),
        Json::Array(items) => !items.is_empty(),
        Json::Object(members) => !members.is_empty(),
    }
}

fn named(piece: &Piece) -> String {
    match piece {
        Piece::Path(TemplatePath::Local(name, steps), _) => {
            let steps = steps.iter().map(|step| match step {
                template::ValueStep::Name(name) => format!(".{name}"),
                template::ValueStep::Index(index) => format!("[{index}]"),
            });
            format!("`{name}{}`", steps.collect::<String>())
        }
        Piece::Computed(source, _) => format!("`{source}`"),
        Piece::Text(_) | Piece::Path(..) | Piece::Whole(_) => "a part of it".to_owned(),
    }
}

fn words(failure: TemplateFailure) -> String {
    match failure {
        TemplateFailure::Wrong(words) | TemplateFailure::Syntax(words) => words,
        TemplateFailure::Absent(name) => format!("`{name}` is used as text and is not given"),
        TemplateFailure::Long => {
            let most = limits::TEMPLATE_BYTES >> 10;
            format!("it computes with more than {most} KiB of text")
        }
        TemplateFailure::Fuel => "it takes too many steps".to_owned(),
        TemplateFailure::RunFuel => {
            "the Adapters of this run take too many steps together".to_owned()
        }
        TemplateFailure::Touched(_)
        | TemplateFailure::Missing(..)
        | TemplateFailure::WrongOfPlug { .. } => {
            "only `config` of a Socket can use `plug`, `socket` and `interface`".to_owned()
        }
    }
}
