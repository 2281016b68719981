//! Evaluates computed expressions: with minijinja over literals only, with fuel, a short list of
//! filters, and no access to anything else.
//!
//! The engine never holds an opaque value. It is shown what is known; what it touches beyond that
//! is noted in a [`Access`], its result is thrown away, and [`super::evaluate`] either supplies the
//! key and evaluates again, or refuses.

use std::sync::{Arc, Mutex};

use minijinja::value::{Enumerator, Object, Value};
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, syntax::SyntaxConfig};
use serde_json::Value as Json;

use super::filters;
use super::forgiving::{self, AbsentNote};
use super::host_form::HostForm;
use super::locked::locked;
use super::template::Side;
use super::template_plugs::{PlugAccess, PlugsView, SocketPlug};
use super::value_text::text;
use crate::api::is_service_name;
use crate::limits;

/// Fuel of the first tries, in which keys are still being asked for: a try that ends in a question
/// is charged in full.
const FIRST_FUEL: u64 = 200;

/// What a template may look at.
#[derive(Debug, Default)]
pub(super) struct TemplateContext {
    /// The Plug's side; `None`: there is no Plug.
    pub plug: Option<SideContext>,
    /// The Socket's side.
    pub socket: Option<SideContext>,
    /// The side of the Socket that it is converted from.
    pub source: Option<SideContext>,
    /// `interface.name` and `interface.version`.
    pub interface: (String, String),
    /// `plugs`, in a Socket's `bind`.
    pub plugs: Option<Arc<[SocketPlug]>>,
    /// What it sees beside the two sides, as [`Engine::show`] makes it.
    pub names: Vec<VisibleName>,
    /// How `svc` writes a host; `None`: there is no coupling yet.
    pub hosts: Option<HostForm>,
}

/// A value under a name.
#[derive(Clone, Debug)]
pub(super) struct VisibleName {
    /// The name.
    pub name: String,
    /// The value.
    pub value: Value,
}

/// What a template may look at of one side.
#[derive(Debug, Default)]
pub(super) struct SideContext {
    /// `name`.
    pub name: String,
    /// `object`, of a Plug: its `metadata.name`.
    pub object: Option<String>,
    /// `namespace`, where it is known.
    pub namespace: Option<String>,
    /// `config`, sorted by key; what is known of one grows while others are evaluated.
    pub keys: Vec<(String, Mutex<Visible>)>,
}

impl TemplateContext {
    /// What may be looked at of a side.
    pub(super) fn side(&self, side: Side) -> Option<&SideContext> {
        match side {
            Side::Plug => self.plug.as_ref(),
            Side::Socket => self.socket.as_ref(),
            Side::Source => self.source.as_ref(),
        }
    }
}

/// What is known of one key.
#[derive(Clone, Debug)]
pub(super) enum Visible {
    /// Its value.
    Literal(Value),
    /// It exists, and its value must not be seen.
    Opaque,
    /// It was not evaluated yet.
    Unknown,
    /// It is not given.
    Absent,
}

/// The first thing that a template touched and could not see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// A key that was not evaluated yet.
    Ask(Side, String),
    /// A key that must not be seen.
    Opaque(Side, String),
    /// A namespace that is not known.
    Namespace(Side),
    /// A side that is not there.
    NoSuchSide,
    /// The list of Plugs, which is not there.
    NoPlugs,
    /// Something of a Plug of the list.
    OfPlug(PlugAccess),
}

/// Why there is no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TemplateFailure {
    /// It touched what it could not see.
    Touched(Access),
    /// It uses a key that is not given.
    Missing(Side, String),
    /// It is wrong: the engine's own words.
    Wrong(String),
    /// The same, and a Plug of the list does not give a key that was looked for.
    WrongOfPlug {
        /// The engine's own words.
        words: String,
        /// The Plug's position.
        plug: usize,
        /// The key.
        key: String,
    },
    /// It does not compile: the engine's own words.
    Syntax(String),
    /// It is too long to be compiled.
    Long,
    /// It uses as text what is not there; the name of it.
    Absent(String),
    /// It took too many steps.
    Fuel,
    /// All computed expressions of the run together took too many steps.
    RunFuel,
}

/// The engine of one run.
pub(super) struct Engine {
    env: Environment<'static>,
    value: Arc<Mutex<Option<Json>>>,
    absent: AbsentNote,
    left: u64,
}

impl Engine {
    /// An engine for the couplings of a run.
    pub(super) fn new() -> Self {
        Self::with_fuel(limits::RUN_FUEL)
    }

    /// An engine with this much fuel.
    pub(super) fn with_fuel(left: u64) -> Self {
        let value = Arc::new(Mutex::new(None));
        let mut env = Environment::empty();
        if let Ok(syntax) = SyntaxConfig::builder()
            .variable_delimiters("<%", "%>")
            .block_delimiters("{%", "%}")
            .comment_delimiters("<#", "#>")
            .keep_trailing_newline(true)
            .build()
        {
            env.set_syntax(syntax);
        }
        env.set_undefined_behavior(UndefinedBehavior::Strict);
        env.set_recursion_limit(64);
        let sink = Arc::clone(&value);
        env.set_formatter(move |out, state, value| {
            let json = if value.is_undefined() {
                Json::Null
            } else {
                filters::json(value)?
            };
            if state.name().starts_with('{') {
                let text =
                    text(&json).map_err(|why| Error::new(ErrorKind::InvalidOperation, why))?;
                return out.write_str(&text).map_err(Error::from);
            }
            *locked(&sink) = Some(json);
            Ok(())
        });
        filters::add_to(&mut env);
        let absent = AbsentNote::default();
        forgiving::add_to(&mut env, &absent);
        Self {
            env,
            value,
            absent,
            left,
        }
    }

    /// A value as templates see it under a name of their own: what is not in it is forgiven on the
    /// way, and an error as text.
    pub(super) fn show(&self, value: &Json) -> Value {
        forgiving::show(value, &self.absent)
    }

    /// The value of one expression, of its own type.
    pub(super) fn expression(
        &mut self,
        source: &str,
        view: &Arc<TemplateContext>,
    ) -> Result<Json, TemplateFailure> {
        let name = format!("<{source}");
        self.run(&name, || format!("<% {source} %>"), view)?;
        Ok(locked(&self.value).take().unwrap_or(Json::Null))
    }

    /// The text that a whole template with statements in it gives.
    pub(super) fn whole(
        &mut self,
        source: &str,
        view: &Arc<TemplateContext>,
    ) -> Result<Json, TemplateFailure> {
        self.run(&format!("{{{source}"), || source.to_owned(), view)
            .map(Json::String)
    }

    fn run(
        &mut self,
        name: &str,
        source: impl Fn() -> String,
        view: &Arc<TemplateContext>,
    ) -> Result<String, TemplateFailure> {
        if name.len() > limits::TEMPLATE_BYTES {
            return Err(TemplateFailure::Long);
        }
        if self.env.get_template(name).is_err() {
            let added = self.env.add_template_owned(name.to_owned(), source());
            added.map_err(|e| TemplateFailure::Syntax(words(&e)))?;
        }
        *locked(&self.absent) = None;
        let touch = Arc::new(Mutex::new(None));
        let missing = Arc::new(Mutex::new(None));
        let plugs = view
            .plugs
            .as_ref()
            .map(|all| PlugsView::new(Arc::clone(all)));
        let view = Arc::clone(view);
        let context = Value::from_object(Context {
            view,
            touch: Arc::clone(&touch),
            missing: Arc::clone(&missing),
            plugs: plugs.clone(),
        });
        for fuel in [FIRST_FUEL, limits::TEMPLATE_FUEL] {
            if self.left < fuel {
                return Err(TemplateFailure::RunFuel);
            }
            self.env.set_fuel(Some(fuel));
            let template = self
                .env
                .get_template(name)
                .map_err(|e| TemplateFailure::Syntax(words(&e)))?;
            let result = template.render_captured(context.clone());
            let of_plug = plugs.as_ref().and_then(|plugs| plugs.touched());
            let touched = locked(&touch).take().or(of_plug.map(Access::OfPlug));
            let spent = match &result {
                Ok(captured) => captured
                    .state()
                    .fuel_levels()
                    .map_or(fuel, |(spent, _)| spent),
                Err(_) => fuel,
            };
            self.left -= spent.min(self.left);
            if let Some(touched) = touched {
                return Err(TemplateFailure::Touched(touched));
            }
            let out_of_fuel = matches!(&result, Err(error) if error.kind() == ErrorKind::OutOfFuel);
            if let Some(name) = locked(&self.absent).take().filter(|_| !out_of_fuel) {
                return Err(TemplateFailure::Absent(name));
            }
            match result {
                Ok(captured) => return Ok(captured.into_output()),
                Err(e) if e.kind() == ErrorKind::OutOfFuel => {}
                Err(e) => {
                    let missing = locked(&missing).take();
                    let of_plug = plugs.as_ref().and_then(|plugs| plugs.missing());
                    let words = words(&e);
                    let is_undefined = e.kind() == ErrorKind::UndefinedError;
                    return Err(match (missing.filter(|_| is_undefined), of_plug) {
                        (Some((side, key)), _) => TemplateFailure::Missing(side, key),
                        (None, Some((plug, key))) => {
                            TemplateFailure::WrongOfPlug { words, plug, key }
                        }
                        (None, None) => TemplateFailure::Wrong(words),
                    });
                }
            }
        }
        Err(TemplateFailure::Fuel)
    }
}

/// The text of an error of the engine, without the name of the template.
fn words(error: &Error) -> String {
    match error.detail() {
        Some(detail) => format!("{}: {detail}", error.kind()),
        None => error.kind().to_string(),
    }
}

#[derive(Debug)]
struct Context {
    view: Arc<TemplateContext>,
    touch: Arc<Mutex<Option<Access>>>,
    /// The last key that was looked for and is not there.
    missing: Arc<Mutex<Option<(Side, String)>>>,
    plugs: Option<Arc<PlugsView>>,
}

impl Object for Context {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str()? {
            "plug" => Some(self.side(Side::Plug)),
            "socket" => Some(self.side(Side::Socket)),
            "source" if self.view.source.is_some() => Some(self.side(Side::Source)),
            "interface" => {
                let (name, version) = &self.view.interface;
                Some(minijinja::context! { name, version })
            }
            "plugs" => Some(match &self.plugs {
                Some(plugs) => plugs.list(),
                None => self.touched(Access::NoPlugs),
            }),
            "svc" if self.view.hosts.is_some() => {
                let context = Arc::clone(self);
                Some(Value::from_object(HostFunction { context }))
            }
            name => {
                let mut names = self.view.names.iter();
                let found = names.find(|known| known.name == name)?;
                Some(found.value.clone())
            }
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(&["interface", "plug", "socket"])
    }
}

impl Context {
    fn side(self: &Arc<Self>, side: Side) -> Value {
        Value::from_object(SideObject {
            context: Arc::clone(self),
            side,
        })
    }

    fn touched(&self, touch: Access) -> Value {
        locked(&self.touch).get_or_insert(touch);
        Value::from(Error::new(ErrorKind::InvalidOperation, "not visible here"))
    }
}

/// `svc(name[, namespace])`: the host of a Service as the Plug reaches it.
#[derive(Debug)]
struct HostFunction {
    context: Arc<Context>,
}

impl Object for HostFunction {
    fn call(
        self: &Arc<Self>,
        _: &mut minijinja::State<'_, '_>,
        args: &[Value],
    ) -> Result<Value, Error> {
        let wrong = |why: &'static str| Err(Error::new(ErrorKind::InvalidOperation, why));
        let Some(hosts) = &self.context.view.hosts else {
            return wrong("there is no coupling");
        };
        let (name, namespace) = match args {
            [name] => (name.as_str(), hosts.own.as_deref()),
            [name, namespace] if namespace.as_str().is_some() => {
                (name.as_str(), namespace.as_str())
            }
            _ => (None, None),
        };
        let Some(name) = name.filter(|name| is_service_name(name)) else {
            return wrong(
                "`svc` takes the name of a Service, and its namespace if it is not the \
             Socket's",
            );
        };
        Ok(match hosts.host(name, namespace) {
            Some(host) => Value::from(host),
            None => self.context.touched(Access::Namespace(Side::Socket)),
        })
    }
}

#[derive(Debug)]
struct SideObject {
    context: Arc<Context>,
    side: Side,
}

impl Object for SideObject {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let Some(view) = self.context.view.side(self.side) else {
            return Some(self.context.touched(Access::NoSuchSide));
        };
        match key.as_str()? {
            "name" => Some(Value::from(view.name.as_str())),
            "object" => view.object.as_deref().map(Value::from),
            "namespace" => Some(match &view.namespace {
                Some(namespace) => Value::from(namespace.as_str()),
                None => self.context.touched(Access::Namespace(self.side)),
            }),
            "config" => Some(Value::from_object(Config {
                context: Arc::clone(&self.context),
                side: self.side,
            })),
            _ => None,
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(&["config", "name", "namespace"])
    }
}

#[derive(Debug)]
struct Config {
    context: Arc<Context>,
    side: Side,
}

impl Object for Config {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let Some(view) = self.context.view.side(self.side) else {
            return Some(self.context.touched(Access::NoSuchSide));
        };
        let key = key.as_str()?;
        let at = view.keys.binary_search_by(|(k, _)| k.as_str().cmp(key));
        let seen = at.map_or(Visible::Absent, |at| locked(&view.keys[at].1).clone());
        match seen {
            Visible::Literal(value) => Some(value),
            Visible::Opaque => Some(
                self.context
                    .touched(Access::Opaque(self.side, key.to_owned())),
            ),
            Visible::Unknown => Some(self.context.touched(Access::Ask(self.side, key.to_owned()))),
            Visible::Absent => {
                *locked(&self.context.missing) = Some((self.side, key.to_owned()));
                None
            }
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let Some(view) = self.context.view.side(self.side) else {
            self.context.touched(Access::NoSuchSide);
            return Enumerator::Empty;
        };
        let given = view
            .keys
            .iter()
            .filter(|(_, seen)| !matches!(*locked(seen), Visible::Absent));
        Enumerator::Values(given.map(|(key, _)| Value::from(key.as_str())).collect())
    }
}

#[cfg(test)]
mod tests;
