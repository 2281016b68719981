//! Evaluates computed expressions: they get the known keys, and are evaluated again with each
//! further key that they use.

use std::sync::{Arc, Mutex};

use minijinja::value::Serde;
use serde_json::Value as Json;

use super::{Evaluation, KeyState, NoValue, UseSite, namespace_help};
use crate::couple::locked::locked;
use crate::couple::template::{self, Side};
use crate::couple::template_engine::{
    Access, SideContext, TemplateContext, TemplateFailure, Visible, VisibleName,
};
use crate::couple::value::ResolvedValue;
use crate::diagnostic::{Code, Diagnostic, Help, Reported};
use crate::limits;
use crate::manifest::Place;

impl Evaluation<'_, '_> {
    /// The value of a computed expression, or the text of a whole template.
    pub(super) fn computed(
        &mut self,
        source: &str,
        whole: bool,
        site: &UseSite<'_>,
        at: Place,
    ) -> Result<Json, NoValue> {
        loop {
            let view = self.view();
            let engine = &mut self.run.engine;
            let result = if whole {
                engine.whole(source, &view)
            } else {
                engine.expression(source, &view)
            };
            let diagnostic = match result {
                Ok(json) => return Ok(json),
                Err(TemplateFailure::Touched(Access::NoSuchSide)) => {
                    if self.binder() == Side::Plug {
                        return Err(NoValue::NoPlug);
                    }
                    Self::absent(site, template::NO_PLUG, template::no_plug_help("KEY"))
                }
                Err(TemplateFailure::Touched(Access::NoPlugs)) => {
                    Self::absent(site, template::NO_PLUGS, template::NO_PLUGS_HELP)
                }
                Err(TemplateFailure::Touched(Access::Ask(side, key))) => {
                    let slot = self
                        .provided(side)
                        .and_then(|provided| provided.find(&key))
                        .ok_or(NoValue::NoPlug)?;
                    self.ensure(side, slot)?;
                    continue;
                }
                Err(TemplateFailure::Touched(Access::Namespace(side))) => {
                    return Err(self.unknown_namespace(side, site, at).into());
                }
                Err(TemplateFailure::Touched(Access::Opaque(side, key))) => {
                    let path = format!("{}.config.{key}", side.word());
                    let message = format!(
                        "`{}` computes with `{path}`, whose value is known only in the cluster",
                        site.what
                    );
                    let help = if ["urlencode", "b64encode", "quote"]
                        .iter()
                        .any(|filter| source.contains(filter))
                    {
                        format!(
                            "the kubelet puts `{path}` into the text and cannot encode it: store \
                             the encoded text under a key of its own, or bind each part as a \
                             variable"
                        )
                    } else {
                        format!(
                            "put it into an expression of its own, as a plain path: `<% {path} %>`"
                        )
                    };
                    Diagnostic::error(Code::ReferenceInPlainText, message).help(help)
                }
                Err(TemplateFailure::Missing(side, key)) => {
                    let _ = self.key(side, &key, site, at)?;
                    let message = format!(
                        "the template of `{}` cannot be evaluated: `{}.config.{key}` has no value",
                        site.what,
                        side.word()
                    );
                    Diagnostic::error(Code::TemplateFailed, message)
                }
                Err(TemplateFailure::Touched(Access::OfPlug(access))) => {
                    return Err(self.of_plug(&access, site, at).into());
                }
                Err(TemplateFailure::WrongOfPlug { words, plug, key }) => {
                    self.missing_of_plug(&words, plug, &key, site)
                }
                Err(TemplateFailure::Wrong(words)) => {
                    let message = format!(
                        "the template of `{}` cannot be evaluated: {words}",
                        site.what
                    );
                    Diagnostic::error(Code::TemplateFailed, message)
                }
                Err(TemplateFailure::Syntax(words)) => Diagnostic::error(
                    Code::TemplateSyntax,
                    format!("the template of `{}` cannot be read: {words}", site.what),
                ),
                Err(TemplateFailure::Absent(name)) => Diagnostic::error(
                    Code::TemplateFailed,
                    format!(
                        "the template of `{}` uses `{name}` as text, and it has no value",
                        site.what
                    ),
                ),
                Err(TemplateFailure::Long) => Diagnostic::error(
                    Code::LimitExceeded,
                    format!(
                        "a template of `{}` computes with more than {} KiB of text",
                        site.what,
                        limits::TEMPLATE_BYTES >> 10
                    ),
                ),
                Err(TemplateFailure::Fuel) => Diagnostic::error(
                    Code::LimitExceeded,
                    format!("the template of `{}` takes too many steps", site.what),
                ),
                Err(TemplateFailure::RunFuel) => Diagnostic::error(
                    Code::LimitExceeded,
                    "the computed templates of this run take too many steps together",
                ),
            };
            return Err(self.fail(diagnostic.at(at, "here"), site.side).into());
        }
    }

    /// A name that templates of another place have.
    fn absent(site: &UseSite<'_>, why: &str, help: impl Into<Help>) -> Diagnostic {
        let message = format!("the template of `{}` cannot be read: {why}", site.what);
        Diagnostic::error(Code::TemplateSyntax, message).help(help)
    }

    /// What a computed expression may look at: built for the first one, and kept up to date.
    fn view(&mut self) -> Arc<TemplateContext> {
        if let Some(view) = &self.view {
            return Arc::clone(view);
        }
        let side = |side: Side| {
            self.provided(side).map(|provided| SideContext {
                name: provided.owner.name.to_owned(),
                object: (side == Side::Plug).then(|| provided.owner.meta.name.value.clone()),
                namespace: provided.owner.meta.namespace.clone(),
                keys: (0..provided.slots.len())
                    .map(|i| {
                        (
                            provided.slots[i].key.to_owned(),
                            Mutex::new(self.seen(side, i)),
                        )
                    })
                    .collect(),
            })
        };
        let view = Arc::new(TemplateContext {
            plug: side(Side::Plug),
            socket: side(Side::Socket),
            source: side(Side::Source),
            interface: (
                self.version.name.to_owned(),
                self.version.number.to_string(),
            ),
            plugs: self.plugs.clone(),
            names: self.visible_names(),
            hosts: Some(self.host_form()),
        });
        self.view = Some(Arc::clone(&view));
        view
    }

    /// What the Socket's templates see beside the two sides.
    fn visible_names(&self) -> Vec<VisibleName> {
        let names = self.socket.owner.names().iter();
        let visible = names.map(|named| VisibleName {
            name: named.name.clone(),
            value: self.run.engine.show(&named.value),
        });
        visible.collect()
    }

    fn seen(&self, side: Side, i: usize) -> Visible {
        let secret = self.provided(side).is_some_and(|provided| {
            provided
                .side_schema
                .keys
                .get(provided.slots[i].key)
                .is_some_and(|key| key.secret)
        });
        match &self.states(side)[i] {
            KeyState::Done(ResolvedValue::Literal(json)) if !secret => {
                Visible::Literal(minijinja::Value::from(Serde(json)))
            }
            KeyState::Done(_) => Visible::Opaque,
            KeyState::Absent => Visible::Absent,
            KeyState::Pending | KeyState::InProgress | KeyState::Failed(_) => Visible::Unknown,
        }
    }

    /// Shows computed expressions what was just evaluated.
    pub(super) fn show(&self, side: Side, i: usize) {
        if let Some((_, seen)) = self
            .view
            .as_ref()
            .and_then(|view| view.side(side)?.keys.get(i))
        {
            *locked(seen) = self.seen(side, i);
        }
    }

    /// A namespace is needed that is not known.
    pub(super) fn unknown_namespace(
        &mut self,
        side: Side,
        site: &UseSite<'_>,
        at: Place,
    ) -> Reported {
        let owner = self.provided(side).unwrap_or(self.socket).owner;
        let message = format!(
            "`{}` uses the namespace of {}, which is not known",
            site.what,
            owner.words()
        );
        let diagnostic = Diagnostic::error(Code::NamespaceUnknown, message)
            .at(at, "used here")
            .at(owner.meta.name.at, "has no `metadata.namespace`")
            .help(namespace_help());
        self.fail(diagnostic, site.side)
    }
}
