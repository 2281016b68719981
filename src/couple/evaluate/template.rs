//! Evaluates templates and values that contain them: plain paths here, computed expressions by
//! [`super::computed`].

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::{Map, Value as Json};

use super::{Evaluation, NoValue, ReferenceOrigin, UseSite};
use crate::api::ReferencePresence;
use crate::couple::forgiving;
use crate::couple::provided::{Expr, InUrl, KeySource, TemplateNode, within};
use crate::couple::template::{Piece, ReferencePart, Side, Template, TemplatePath, ValueStep};
use crate::couple::value::{Part, Reference, ReferenceKind, ResolvedValue, length, size};
use crate::couple::value_text::text;
use crate::diagnostic::{Code, Diagnostic, Help, Reported, list};
use crate::limits;
use crate::manifest::Place;

impl Evaluation<'_, '_> {
    /// A value with templates in it.
    pub(in crate::couple) fn expr(
        &mut self,
        expr: &Expr<'_>,
        site: &UseSite<'_>,
    ) -> Result<ResolvedValue, NoValue> {
        match &expr.node {
            TemplateNode::Text(template, source) => self.template(template, source, site),
            node => self
                .json(node, site, &mut limits::VALUE_BYTES.clone())
                .map(ResolvedValue::Literal),
        }
    }

    /// A value of this size is not too long.
    pub(super) fn bounded(&mut self, size: usize, site: &UseSite<'_>) -> Result<(), NoValue> {
        if size <= limits::VALUE_BYTES {
            return Ok(());
        }
        let message = format!(
            "`{}` is longer than {} KiB",
            site.what,
            limits::VALUE_BYTES >> 10
        );
        let help = "a text of this size belongs in a ConfigMap or Secret that the workload mounts";
        Err(self
            .fail(
                Diagnostic::error(Code::LimitExceeded, message)
                    .at(site.at, "here")
                    .help(help),
                site.side,
            )
            .into())
    }

    /// A value in which no reference can be; `room`: how many bytes its templates may still
    /// give.
    fn json(
        &mut self,
        node: &TemplateNode<'_>,
        site: &UseSite<'_>,
        room: &mut usize,
    ) -> Result<Json, NoValue> {
        match node {
            TemplateNode::Literal(value) => Ok((*value).clone()),
            TemplateNode::Plain(text) => Ok(Json::String((*text).to_owned())),
            TemplateNode::List(items) => items
                .iter()
                .map(|item| self.json(item, site, room))
                .collect::<Result<_, _>>()
                .map(Json::Array),
            TemplateNode::Map(map) => {
                let pairs = map
                    .iter()
                    .map(|(key, node)| Ok(((*key).to_owned(), self.json(node, site, room)?)));
                pairs.collect::<Result<Map<_, _>, _>>().map(Json::Object)
            }
            TemplateNode::Text(template, source) => match self.template(template, source, site)? {
                ResolvedValue::Literal(json) => {
                    let size = size(&json);
                    self.bounded(limits::VALUE_BYTES - *room + size, site)?;
                    *room -= size;
                    Ok(json)
                }
                ResolvedValue::Reference(reference) => Err(self.not_plain(&reference, site).into()),
                ResolvedValue::Text(parts) => {
                    let reference = parts.iter().find_map(|part| match part {
                        Part::Reference(reference) => Some(Rc::clone(reference)),
                        Part::Author(_) | Part::Data(_) => None,
                    });
                    match reference {
                        Some(reference) => Err(self.not_plain(&reference, site).into()),
                        None => Err(self
                            .no_text(
                                "its author wrote it as text",
                                site,
                                &Piece::Whole(String::new()),
                                source,
                            )
                            .into()),
                    }
                }
            },
        }
    }

    /// The text of a name, in which no reference can be.
    pub(in crate::couple) fn plain_text(
        &mut self,
        expr: &Expr<'_>,
        site: &UseSite<'_>,
    ) -> Result<String, NoValue> {
        let json = self.json(&expr.node, site, &mut limits::VALUE_BYTES.clone())?;
        match text(&json) {
            Ok(text) if !text.is_empty() => Ok(text.into_owned()),
            Ok(_) => {
                let message = format!("`{}` comes from an object whose name is empty", site.what);
                Err(self
                    .fail(
                        Diagnostic::error(Code::TemplateFailed, message).at(site.at, "here"),
                        site.side,
                    )
                    .into())
            }
            Err(why) => {
                let message = format!(
                    "`{}` comes from an object whose name cannot be written as text: {why}",
                    site.what
                );
                Err(self
                    .fail(
                        Diagnostic::error(Code::ValueHasNoText, message).at(site.at, "here"),
                        site.side,
                    )
                    .into())
            }
        }
    }

    fn not_plain(&mut self, reference: &Rc<Reference>, site: &UseSite<'_>) -> Reported {
        let kind = reference.kind.object();
        let help = match reference.kind {
            ReferenceKind::Secret => {
                "a Secret's key can be a value of its own or a part of a text; it cannot be in a list, in an object or in an object's name".into()
            }
            ReferenceKind::ConfigMap => self.literal_help(reference),
        };
        let message = format!(
            "`{}` needs plain text, and `{}` is a {kind}'s key",
            site.what, reference.supplies
        );
        self.fail(
            Diagnostic::error(Code::ReferenceInPlainText, message)
                .at(site.at, "used here")
                .help(help),
            site.side,
        )
    }

    /// The value of a template: of its own type if it is one expression, else a text.
    pub(in crate::couple) fn template(
        &mut self,
        template: &Template,
        source: &str,
        site: &UseSite<'_>,
    ) -> Result<ResolvedValue, NoValue> {
        if let [Piece::Path(..) | Piece::Computed(..) | Piece::Whole(_)] = &template.pieces[..] {
            let value = self.piece(&template.pieces[0], source, site)?;
            if let ResolvedValue::Literal(json) = &value {
                self.bounded(size(json), site)?;
            }
            return Ok(value);
        }
        let mut parts = Vec::new();
        let mut bytes = 0;
        let mut url = false;
        let mut spliced = Vec::new();
        for piece in &template.pieces {
            if let Piece::Text(text) = piece {
                url |= text.contains("://");
                bytes += text.len();
                push(
                    &mut parts,
                    if site.author {
                        Part::Author(text.clone())
                    } else {
                        Part::Data(text.clone())
                    },
                );
                continue;
            }
            match self.piece(piece, source, site)? {
                ResolvedValue::Literal(json) => match text(&json) {
                    Ok(text) => {
                        url |= text.contains("://");
                        bytes += text.len();
                        push(&mut parts, Part::Data(text.into_owned()));
                    }
                    Err(why) => return Err(self.no_text(why, site, piece, source).into()),
                },
                ResolvedValue::Reference(reference) => {
                    if reference.presence == ReferencePresence::Optional {
                        return Err(self.optional_in_text(&reference, site).into());
                    }
                    if url {
                        spliced.push(Rc::clone(&reference));
                    }
                    let part = Part::Reference(reference);
                    bytes += length(std::slice::from_ref(&part));
                    parts.push(part);
                }
                ResolvedValue::Text(inner) => {
                    let references = inner.iter().filter_map(|part| match part {
                        Part::Reference(reference) if url => Some(Rc::clone(reference)),
                        Part::Author(_) | Part::Data(_) | Part::Reference(_) => None,
                    });
                    spliced.extend(references.take(limits::CANDIDATES));
                    url |= inner
                        .iter()
                        .any(|p| matches!(p, Part::Data(text) if text.contains("://")));
                    bytes += length(&inner);
                    inner.iter().for_each(|part| push(&mut parts, part.clone()));
                }
            }
            self.bounded(bytes, site)?;
        }
        self.warn_in_url(&spliced, site);
        match &parts[..] {
            [] => Ok(ResolvedValue::Literal(Json::String(String::new()))),
            [Part::Data(text)] => Ok(ResolvedValue::Literal(Json::String(text.clone()))),
            _ => Ok(ResolvedValue::Text(parts.into())),
        }
    }

    fn no_text(&mut self, why: &str, site: &UseSite<'_>, piece: &Piece, source: &str) -> Reported {
        let place = match piece {
            Piece::Path(_, span) | Piece::Computed(_, span) => within(site.at, source, span),
            Piece::Text(_) | Piece::Whole(_) => site.at,
        };
        let message = format!(
            "an expression of `{}` cannot be written as text: {why}",
            site.what
        );
        self.fail(
            Diagnostic::error(Code::ValueHasNoText, message).at(place, "this value"),
            site.side,
        )
    }

    fn piece(
        &mut self,
        piece: &Piece,
        source: &str,
        site: &UseSite<'_>,
    ) -> Result<ResolvedValue, NoValue> {
        match piece {
            Piece::Text(text) => Ok(ResolvedValue::Literal(Json::String(text.clone()))),
            Piece::Path(path, span) => self.path(path, site, within(site.at, source, span)),
            Piece::Computed(expression, span) => self
                .computed(expression, false, site, within(site.at, source, span))
                .map(ResolvedValue::Literal),
            Piece::Whole(text) => self
                .computed(text, true, site, site.at)
                .map(ResolvedValue::Literal),
        }
    }

    fn path(
        &mut self,
        path: &TemplatePath,
        site: &UseSite<'_>,
        at: Place,
    ) -> Result<ResolvedValue, NoValue> {
        let literal = |text: &str| Ok(ResolvedValue::Literal(Json::String(text.to_owned())));
        match path {
            TemplatePath::Name(side) => {
                literal(self.provided(*side).ok_or(NoValue::NoPlug)?.owner.name)
            }
            TemplatePath::Object => {
                let plug = self.provided(Side::Plug).ok_or(NoValue::NoPlug)?;
                literal(&plug.owner.meta.name.value)
            }
            TemplatePath::Digest => literal(&self.coupling_digest()),
            TemplatePath::Reference(side, key, part) => {
                self.reference_part(*side, key, *part, site, at)
            }
            TemplatePath::Local(name, steps) => {
                let names = self.socket.owner.names();
                Ok(ResolvedValue::Literal(forgiving::value_at(
                    names, name, steps,
                )))
            }
            TemplatePath::InterfaceName => literal(self.version.name),
            TemplatePath::InterfaceVersion => literal(&self.version.number.to_string()),
            TemplatePath::Namespace(side) => {
                match &self
                    .provided(*side)
                    .ok_or(NoValue::NoPlug)?
                    .owner
                    .meta
                    .namespace
                {
                    Some(namespace) => literal(namespace),
                    None => Err(self.unknown_namespace(*side, site, at).into()),
                }
            }
            TemplatePath::Key(side, key, steps) => {
                let lost = match inside(self.key(*side, key, site, at)?, steps) {
                    Ok(value) => return Ok(value),
                    Err(Some(step)) => format!("`{}.config.{key}` has no `{step}`", side.word()),
                    Err(None) => format!(
                        "`{}.config.{key}` is a reference to a key, and has no parts",
                        side.word()
                    ),
                };
                Err(self
                    .fail(
                        Diagnostic::error(Code::TemplateFailed, lost).at(at, "here"),
                        site.side,
                    )
                    .into())
            }
        }
    }

    /// The name of the object that a reference points into, or the key in it.
    fn reference_part(
        &mut self,
        side: Side,
        key: &str,
        part: ReferencePart,
        site: &UseSite<'_>,
        at: Place,
    ) -> Result<ResolvedValue, NoValue> {
        let found = match self.key(side, key, site, at)? {
            ResolvedValue::Reference(reference) => Some(Rc::clone(reference)),
            ResolvedValue::Text(parts) => match &parts[..] {
                [Part::Reference(reference)] => Some(Rc::clone(reference)),
                _ => None,
            },
            ResolvedValue::Literal(_) => None,
        };
        let Some(reference) = found else {
            let word = side.word();
            let message = format!(
                "`{}` needs the object that `{word}.config.{key}` comes from, and it does not \
                 come from an object",
                site.what
            );
            let error = Diagnostic::error(Code::ReferenceWanted, message)
                .at(at, "asked for here")
                .help(format!(
                    "write the value itself: `<% {word}.config.{key} %>`"
                ));
            return Err(self.fail(error, site.side).into());
        };
        let text = match part {
            ReferencePart::Name => &reference.name,
            ReferencePart::Key => &reference.key,
        };
        Ok(ResolvedValue::Literal(Json::String(text.clone())))
    }

    /// Without its object, the text would hold the name of a variable in place of a value.
    fn optional_in_text(&mut self, reference: &Rc<Reference>, site: &UseSite<'_>) -> Reported {
        let (key, kind) = (&reference.supplies, reference.kind.object());
        let message = format!(
            "the text of `{}` contains `{key}`, and {kind} `{}` is optional",
            site.what, reference.name
        );
        let error = Diagnostic::error(Code::OptionalInText, message).at(site.at, "this text");
        let origin = self.origin(reference);
        let error = origin.into_iter().fold(error, |error, origin| {
            error.at(origin.at, format!("`{key}` is given here"))
        });
        let error = error.help(format!(
            "without its {kind}, the text would contain the name of a variable in place of `{key}`: bind `{key}` alone, as a \
             variable of its own, or remove `optional: true`"
        ));
        self.fail(error, site.side)
    }

    /// One warning for a URL with secrets in it, however many.
    fn warn_in_url(&mut self, spliced: &[Rc<Reference>], site: &UseSite<'_>) {
        let mut met: Vec<&Rc<Reference>> = Vec::new();
        for reference in spliced {
            if met.len() > limits::CANDIDATES {
                break;
            }
            if !met.iter().any(|known| Rc::ptr_eq(known, reference)) {
                met.push(reference);
            }
        }
        met.retain(|reference| {
            reference.kind == ReferenceKind::Secret && self.promise(reference) == InUrl::Unknown
        });
        if !met.is_empty() {
            self.warn_of(&met, site);
        }
    }

    /// Where a reference comes from.
    pub(in crate::couple) fn origin(&self, reference: &Rc<Reference>) -> Option<&ReferenceOrigin> {
        let mut origins = self.origins.iter();
        origins.find(|origin| Rc::ptr_eq(&origin.reference, reference))
    }

    /// What the owner of a reference promises about its value in a URL.
    pub(in crate::couple) fn promise(&self, reference: &Rc<Reference>) -> InUrl {
        let provided = self
            .origin(reference)
            .and_then(|origin| self.provided(origin.side));
        let slot = provided
            .and_then(|provided| Some(&provided.slots[provided.find(&reference.supplies)?]));
        match slot.map(|slot| &slot.source) {
            Some(KeySource::Reference(reference)) => reference.in_url,
            _ => InUrl::Unknown,
        }
    }

    fn warn_of(&mut self, references: &[&Rc<Reference>], site: &UseSite<'_>) {
        let mut secrets = Vec::new();
        let mut given = Vec::new();
        // by side and entry of `configFrom`
        let mut promises: BTreeMap<(Side, usize), Vec<&str>> = BTreeMap::new();
        for reference in references {
            let Some(origin) = self.origin(reference) else {
                continue;
            };
            let key = reference.supplies.as_str();
            secrets.push(format!("{}.config.{key}", origin.side.word()));
            given.push(origin.at);
            let owner = self.provided(origin.side).unwrap_or(self.socket).owner;
            if let Some(from) = owner.config_from_of(key) {
                let keys = promises.entry((origin.side, from.position)).or_default();
                keys.push(key);
            }
        }
        let noun = if secrets.len() == 1 {
            "secret"
        } else {
            "secrets"
        };
        let message = format!(
            "`{}` puts the {noun} {} into a URL, and the kubelet cannot percent-encode it",
            site.what,
            list(secrets.iter())
        );
        let mut warning = Diagnostic::warning(Code::SecretInUrl, message);
        // a text of the Interface's own has no place in what the user wrote
        if site.at != self.socket.owner.meta.name.at {
            warning = warning.at(site.at, "in this URL");
        }
        for at in given {
            warning = warning.at(at, "given here");
        }
        let mut help = Help::default();
        for ((side, _), keys) in promises {
            let owner = self.provided(side).unwrap_or(self.socket).owner;
            if let Some(from) = owner.config_from_of(keys[0]) {
                help = help
                    .and(
                        "if its values never contain a character that a URL must encode, declare \
                     it in that entry of `spec.configFrom`:",
                    )
                    .paste(from.promise(owner.subject(), &keys));
            }
        }
        let help = help.and(
            "or use a key of the provider's Secret that contains the whole URL, or bind the parts \
             as variables",
        );
        let _ = self.fail(warning.help(help), site.side);
    }
}

/// A part of a value; or the step that leads nowhere, if the value has parts at all.
fn inside(value: &ResolvedValue, steps: &[ValueStep]) -> Result<ResolvedValue, Option<String>> {
    if steps.is_empty() {
        return Ok(value.clone());
    }
    let ResolvedValue::Literal(json) = value else {
        return Err(None);
    };
    let mut json = json;
    for step in steps {
        let (inner, name) = match step {
            ValueStep::Name(name) => (json.get(name), name.clone()),
            ValueStep::Index(i) => (json.get(i), i.to_string()),
        };
        json = inner.ok_or(Some(name))?;
    }
    Ok(ResolvedValue::Literal(json.clone()))
}

/// Adds a part, joined with the one before where both are of one kind.
fn push(parts: &mut Vec<Part>, part: Part) {
    match (parts.last_mut(), part) {
        (_, Part::Author(text) | Part::Data(text)) if text.is_empty() => {}
        (Some(Part::Author(before)), Part::Author(text))
        | (Some(Part::Data(before)), Part::Data(text)) => {
            before.push_str(&text);
        }
        (_, part) => parts.push(part),
    }
}
