//! Makes the Sockets of one object by one Adapter, or finds out why there is none.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value as Json;

use super::adapters::{AdapterLevel, EffectiveAdapter};
use super::objects::{FoundObject, identity, labels};
use super::related::{ReadObject, Related, RelatedObjects};
use super::secrets::{MadeSecret, made};
use super::socket::{FieldFailure, SocketMaker, SocketObject};
use super::texts::{AdapterTexts, TextFailure, TextScope};
use crate::api::{AdaptedObject, Adapter, Discovery, LocalName, Socket, SocketTemplate, Switch};
use crate::couple::forgiving::OBJECT;
use crate::diagnostic::list;
use crate::manifest::Place;

/// An object that could be a Socket of an Interface, and is none, or none that a Plug finds without a
/// name.
#[derive(Clone, Debug, PartialEq)]
pub struct NotOffered {
    /// The object.
    pub object: AdaptedObject,
    /// Where it has its name.
    pub at: Place,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Whether it is in the catalogue.
    pub catalogue: bool,
    /// The Interface.
    pub interface: String,
    /// Why there is none.
    pub reason: String,
    /// How it would be found: what would be found by its name alone keeps nobody from another.
    pub found: Discovery,
    /// The text of a written Adapter that decides it, where one does.
    pub decided: Option<Place>,
}

/// What an object is by one Adapter.
#[derive(Default)]
pub(super) struct Instance {
    pub(super) sockets: Vec<Socket>,
    pub(super) not_offered: Vec<NotOffered>,
}

/// Why an entry of `sockets` gives nothing.
#[derive(Clone)]
struct NoSocketReason {
    text: String,
    at: Option<Place>,
}

/// One object and one Adapter for it.
pub(super) struct InstanceMaker<'m, 'o> {
    effective: &'m EffectiveAdapter,
    found: &'m FoundObject,
    read: Rc<ReadObject>,
    texts: &'m mut AdapterTexts,
    related: &'m mut RelatedObjects<'o>,
}

/// Makes the Sockets of an object; nothing where the Adapter is not for it.
pub(super) fn make(
    effective: &EffectiveAdapter,
    found: &FoundObject,
    texts: &mut AdapterTexts,
    related: &mut RelatedObjects<'_>,
) -> Instance {
    let adapter = &effective.adapter;
    let read = match related.content(found.object, adapter) {
        Ok(read) => read,
        Err(why) => return unusable(effective, found, Place::default(), &why),
    };
    if found.is_twice {
        return unusable(
            effective,
            found,
            read.at,
            "it is defined twice in the input",
        );
    }
    if read.has_opted_out {
        return Instance::default();
    }
    let mut maker = InstanceMaker {
        effective,
        found,
        read,
        texts,
        related,
    };
    maker.make()
}

/// An object that is nothing of what it could be.
fn unusable(effective: &EffectiveAdapter, found: &FoundObject, at: Place, why: &str) -> Instance {
    let interfaces = effective.interfaces.iter();
    let not_offered = interfaces.map(|interface| NotOffered {
        object: identity(&Json::Null, found, &effective.adapter.object.kind.value),
        at,
        labels: BTreeMap::new(),
        catalogue: found.catalogue,
        interface: interface.clone(),
        reason: why.to_owned(),
        found: Discovery::Offered,
        decided: None,
    });
    Instance {
        sockets: Vec::new(),
        not_offered: not_offered.collect(),
    }
}

impl InstanceMaker<'_, '_> {
    fn adapter(&self) -> &Adapter {
        &self.effective.adapter
    }

    fn make(&mut self) -> Instance {
        let effective = self.effective;
        let adapter = &effective.adapter;
        let mut scope = TextScope::default();
        scope.add(OBJECT, Rc::clone(&self.read.value));
        let applies = self.texts.holds(adapter.object.condition.as_ref(), &scope);
        let shared = match applies {
            Ok(false) => return Instance::default(),
            Ok(true) => self.shared(scope),
            Err(failure) => Err(self.failed("object.if", &failure)),
        };
        let mut sockets = Vec::new();
        let mut reasons: BTreeMap<&str, NoSocketReason> = BTreeMap::new();
        for template in &adapter.sockets {
            let interface = template.interface.value.as_str();
            if !effective.interfaces.contains(interface) {
                continue;
            }
            let made = shared
                .clone()
                .and_then(|scope| self.sockets(template, &scope));
            match made {
                Ok(made) => sockets.extend(made),
                Err(reason) => {
                    reasons.entry(interface).or_insert(reason);
                }
            }
        }
        let mut not_offered = Vec::new();
        for interface in &effective.interfaces {
            let reason = self.why_not(interface, &mut sockets, reasons.remove(interface.as_str()));
            not_offered.extend(reason.map(|reason| self.not_offered(interface, reason)));
        }
        Instance {
            sockets,
            not_offered,
        }
    }

    /// Why a Plug that names none finds no Socket of an Interface here; `None`: it finds one, or
    /// never does.
    fn why_not(
        &self,
        interface: &str,
        sockets: &mut [Socket],
        reason: Option<NoSocketReason>,
    ) -> Option<NoSocketReason> {
        let is_of = |socket: &&mut Socket| socket.interface.value == interface;
        let mut names = Vec::new();
        let mut offered = Vec::new();
        for socket in sockets.iter_mut().filter(is_of) {
            names.push(socket.name.value.clone());
            if socket
                .adapted
                .as_ref()
                .is_some_and(|it| it.found == Discovery::Offered)
            {
                offered.push(socket);
            }
        }
        match offered.len() {
            1 => None,
            0 if names.is_empty() => reason,
            0 if self.discovery(interface) == Discovery::Named => None,
            0 => Some(NoSocketReason {
                text: format!("a Plug gets it only if it names it: {}", list(names.iter())),
                at: None,
            }),
            number => {
                for socket in offered {
                    if let Some(adapted) = socket.adapted.as_mut().and_then(Rc::get_mut) {
                        adapted.found = Discovery::Named;
                    }
                }
                let names = list(names.iter());
                Some(NoSocketReason {
                    text: format!(
                        "{number} of its Sockets have no `default: false`, and only one \
                     may: {names}"
                    ),
                    at: None,
                })
            }
        }
    }

    /// How the Sockets of an Interface are found.
    fn discovery(&self, interface: &str) -> Discovery {
        let could = |template: &SocketTemplate| {
            template.interface.value == interface && template.default != Switch::Fixed(false)
        };
        match self.adapter().sockets.iter().any(could) {
            true => Discovery::Offered,
            false => Discovery::Named,
        }
    }

    fn not_offered(&self, interface: &str, reason: NoSocketReason) -> NotOffered {
        NotOffered {
            object: self.identity(),
            at: self.read.at,
            labels: labels(&self.read.value),
            catalogue: self.found.catalogue,
            interface: interface.to_owned(),
            reason: reason.text,
            found: self.discovery(interface),
            decided: reason
                .at
                .filter(|_| self.effective.level != AdapterLevel::BuiltIn),
        }
    }

    fn identity(&self) -> AdaptedObject {
        identity(
            &self.read.value,
            self.found,
            &self.adapter().object.kind.value,
        )
    }

    /// What all entries see: related objects and the names of `let`.
    fn shared(&mut self, mut scope: TextScope) -> Result<TextScope, NoSocketReason> {
        let effective = self.effective;
        let adapter = &effective.adapter;
        for (i, related) in adapter.related.iter().enumerate() {
            let home = self.found.namespace.as_deref();
            let found = self
                .related
                .find(adapter, related, home, &scope, self.texts);
            let value = match found {
                Ok(Related::One(value)) => value,
                Ok(Related::Absent) => Rc::new(Json::Null),
                Ok(Related::Missing(why)) => {
                    let at = Some(related.name.at);
                    return Err(NoSocketReason { text: why, at });
                }
                Err(failure) => return Err(self.failed(&format!("related[{i}]"), &failure)),
            };
            scope.add(&related.name.value, value);
        }
        self.locals(&adapter.locals, "let", scope)
    }

    fn locals(
        &mut self,
        locals: &[LocalName],
        path: &str,
        mut scope: TextScope,
    ) -> Result<TextScope, NoSocketReason> {
        for local in locals {
            let value = self.texts.value(&local.value, &scope);
            let name = &local.name.value;
            let value =
                value.map_err(|failure| self.failed(&format!("{path}.{name}"), &failure))?;
            scope.add(name, Rc::new(value));
        }
        Ok(scope)
    }

    /// The Sockets of one entry.
    fn sockets(
        &mut self,
        template: &SocketTemplate,
        scope: &TextScope,
    ) -> Result<Vec<Socket>, NoSocketReason> {
        let path = format!("sockets[{}]", template.position);
        let scopes = self.texts.scopes(template.each.as_ref(), scope);
        let scopes = scopes.map_err(|why| self.failed(&format!("{path}.each"), &why))?;
        let mut sockets = Vec::new();
        for scope in scopes {
            let scope = self.locals(&template.locals, &format!("{path}.let"), scope)?;
            let holds = self.texts.holds(template.condition.as_ref(), &scope);
            if holds.map_err(|why| self.failed(&format!("{path}.if"), &why))? {
                sockets.push(self.socket(template, &path, &scope)?);
            }
        }
        if sockets.is_empty() {
            return Err(self.nothing(template));
        }
        Ok(sockets)
    }

    fn socket(
        &mut self,
        template: &SocketTemplate,
        path: &str,
        scope: &TextScope,
    ) -> Result<Socket, NoSocketReason> {
        let object = SocketObject {
            identity: self.identity(),
            labels: labels(&self.read.value),
            catalogue: self.found.catalogue,
            at: self.read.at,
            adapter: &self.adapter().meta.name.value.clone(),
            level: self.effective.level,
        };
        let made = SocketMaker::new(object, scope, self.texts).make(template);
        made.map_err(|FieldFailure { field, failure }| {
            self.failed(&format!("{path}.{field}"), &failure)
        })
    }

    fn failed(&self, path: &str, failure: &TextFailure) -> NoSocketReason {
        let name = &self.adapter().meta.name.value;
        NoSocketReason {
            text: format!(
                "`{path}` of Adapter `{name}` cannot be evaluated: {}",
                failure.message
            ),
            at: Some(failure.at),
        }
    }

    /// Why an entry that was evaluated gives nothing.
    fn nothing(&self, template: &SocketTemplate) -> NoSocketReason {
        let name = &self.adapter().meta.name.value;
        let at = template.condition.as_ref().or(template.each.as_ref());
        let text = match (&template.reason, &template.each, &template.condition) {
            (Some(reason), ..) => reason.clone(),
            (None, Some(each), _) => format!("Adapter `{name}` finds no item in `{}`", each.value),
            (None, None, Some(condition)) => {
                format!("Adapter `{name}` requires `{}`", condition.value)
            }
            (None, None, None) => format!("Adapter `{name}` gives no Socket"),
        };
        NoSocketReason {
            text,
            at: at.map(|text| text.at),
        }
    }
}

/// The Secrets that an object makes, of those with a wanted name.
///
/// # Errors
/// Why they cannot be known.
pub(super) fn secrets(
    effective: &EffectiveAdapter,
    found: &FoundObject,
    texts: &mut AdapterTexts,
    related: &mut RelatedObjects<'_>,
    is_wanted: impl Fn(&str) -> bool,
) -> Result<Vec<MadeSecret>, String> {
    let adapter = &effective.adapter;
    if adapter.secrets.is_empty() {
        return Ok(Vec::new());
    }
    let read = related.content(found.object, adapter)?;
    if read.has_opted_out {
        return Ok(Vec::new());
    }
    let mut maker = InstanceMaker {
        effective,
        found,
        read,
        texts,
        related,
    };
    let made = maker.secrets(is_wanted);
    made.map_err(|reason| reason.text)
}

impl InstanceMaker<'_, '_> {
    fn secrets(
        &mut self,
        is_wanted: impl Fn(&str) -> bool,
    ) -> Result<Vec<MadeSecret>, NoSocketReason> {
        let effective = self.effective;
        let adapter = &effective.adapter;
        let mut scope = TextScope::default();
        scope.add(OBJECT, Rc::clone(&self.read.value));
        let applies = self.texts.holds(adapter.object.condition.as_ref(), &scope);
        if !applies.map_err(|why| self.failed("object.if", &why))? {
            return Ok(Vec::new());
        }
        let scope = self.shared(scope)?;
        let mut all = Vec::new();
        for template in &adapter.secrets {
            let made = made(template, &scope, self.texts, &is_wanted);
            let path = format!("secrets[{}]", template.position);
            all.extend(made.map_err(|why| self.failed(&path, &why))?);
        }
        Ok(all)
    }
}
