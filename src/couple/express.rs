//! Templates and values with templates in them, to parts: plain paths here, computed expressions by
//! [`super::ask`].

use std::rc::Rc;

use serde_json::{Map, Value as Json};

use super::evaluate::{Scene, Site, Stop};
use super::keys::{Expr, Node, within};
use super::template::{Path, Piece, Side, Step, Template};
use super::text::text;
use super::value::{Part, Reference, ReferenceKind, Value};
use crate::diagnostic::{Code, Diagnostic};
use crate::limits;
use crate::manifest::Place;

impl Scene<'_, '_> {
    /// A value with templates in it.
    pub(super) fn expr(&mut self, expr: &Expr<'_>, site: &Site<'_>) -> Result<Value, Stop> {
        match &expr.node {
            Node::Text(template, source) => self.template(template, source, site),
            node => self
                .json(node, site, &mut limits::VALUE_BYTES.clone())
                .map(Value::Literal),
        }
    }

    /// A value of this size is not too long.
    pub(super) fn bounded(&mut self, size: usize, site: &Site<'_>) -> Result<(), Stop> {
        if size <= limits::VALUE_BYTES {
            return Ok(());
        }
        let message = format!(
            "`{}` comes out longer than {} KiB",
            site.what,
            limits::VALUE_BYTES >> 10
        );
        let help =
            "a text of this size belongs into a ConfigMap or Secret that the workload mounts";
        Err(self.fail(
            Diagnostic::error(Code::LimitExceeded, message)
                .at(site.at, "here")
                .help(help),
            site.side,
        ))
    }

    /// A value in which no reference can stand; `room`: how many bytes its templates may still
    /// give.
    fn json(&mut self, node: &Node<'_>, site: &Site<'_>, room: &mut usize) -> Result<Json, Stop> {
        match node {
            Node::Literal(value) => Ok((*value).clone()),
            Node::Plain(text) => Ok(Json::String((*text).to_owned())),
            Node::List(items) => items
                .iter()
                .map(|item| self.json(item, site, room))
                .collect::<Result<_, _>>()
                .map(Json::Array),
            Node::Map(map) => {
                let pairs = map
                    .iter()
                    .map(|(key, node)| Ok(((*key).to_owned(), self.json(node, site, room)?)));
                pairs.collect::<Result<Map<_, _>, _>>().map(Json::Object)
            }
            Node::Text(template, source) => match self.template(template, source, site)? {
                Value::Literal(json) => {
                    let size = size(&json);
                    self.bounded(limits::VALUE_BYTES - *room + size, site)?;
                    *room -= size;
                    Ok(json)
                }
                Value::Reference(reference) => Err(self.not_plain(&reference, site)),
                Value::Text(parts) => {
                    let reference = parts.iter().find_map(|part| match part {
                        Part::Reference(reference) => Some(Rc::clone(reference)),
                        Part::Author(_) | Part::Data(_) => None,
                    });
                    Err(reference.map_or(Stop, |reference| self.not_plain(&reference, site)))
                }
            },
        }
    }

    /// The text of a name, in which no reference can stand.
    pub(super) fn plain_text(&mut self, expr: &Expr<'_>, site: &Site<'_>) -> Result<String, Stop> {
        let json = self.json(&expr.node, site, &mut limits::VALUE_BYTES.clone())?;
        match text(&json) {
            Ok(text) if !text.is_empty() => Ok(text.into_owned()),
            Ok(_) => {
                let message = format!("the object's name that `{}` comes from is empty", site.what);
                Err(self.fail(
                    Diagnostic::error(Code::TemplateFailed, message).at(site.at, "here"),
                    site.side,
                ))
            }
            Err(why) => {
                let message = format!(
                    "the object's name that `{}` comes from has no text: {why}",
                    site.what
                );
                Err(self.fail(
                    Diagnostic::error(Code::ValueHasNoText, message).at(site.at, "here"),
                    site.side,
                ))
            }
        }
    }

    fn not_plain(&mut self, reference: &Reference, site: &Site<'_>) -> Stop {
        let kind = reference.kind.object();
        let help = match reference.kind {
            ReferenceKind::Secret => {
                "a Secret's key can be a value of its own or a part of a text; it cannot stand in a list, in an object or in an object's name"
            }
            ReferenceKind::ConfigMap => {
                "to read the value into the output, take it from the object: `objectRef: {apiVersion: v1, kind: ConfigMap, name: …}` \
                 with `keys: {…: data.KEY}`"
            }
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
    pub(super) fn template(
        &mut self,
        template: &Template,
        source: &str,
        site: &Site<'_>,
    ) -> Result<Value, Stop> {
        if let [Piece::Path(..) | Piece::Computed(..) | Piece::Whole(_)] = &template.pieces[..] {
            let value = self.piece(&template.pieces[0], source, site)?;
            if let Value::Literal(json) = &value {
                self.bounded(size(json), site)?;
            }
            return Ok(value);
        }
        let mut parts = Vec::new();
        let mut bytes = 0;
        let mut url = false;
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
                Value::Literal(json) => match text(&json) {
                    Ok(text) => {
                        url |= text.contains("://");
                        bytes += text.len();
                        push(&mut parts, Part::Data(text.into_owned()));
                    }
                    Err(why) => return Err(self.no_text(why, site, piece, source)),
                },
                Value::Reference(reference) => {
                    self.warn_in_url(
                        url,
                        std::slice::from_ref(&Part::Reference(Rc::clone(&reference))),
                        site,
                    );
                    let part = Part::Reference(reference);
                    bytes += length(std::slice::from_ref(&part));
                    parts.push(part);
                }
                Value::Text(inner) => {
                    self.warn_in_url(url, &inner, site);
                    url |= inner
                        .iter()
                        .any(|p| matches!(p, Part::Data(text) if text.contains("://")));
                    bytes += length(&inner);
                    inner.iter().for_each(|part| push(&mut parts, part.clone()));
                }
            }
            self.bounded(bytes, site)?;
        }
        match &parts[..] {
            [] => Ok(Value::Literal(Json::String(String::new()))),
            [Part::Data(text)] => Ok(Value::Literal(Json::String(text.clone()))),
            _ => Ok(Value::Text(parts.into())),
        }
    }

    fn no_text(&mut self, why: &str, site: &Site<'_>, piece: &Piece, source: &str) -> Stop {
        let place = match piece {
            Piece::Path(_, span) | Piece::Computed(_, span) => within(site.at, source, span),
            Piece::Text(_) | Piece::Whole(_) => site.at,
        };
        let message = format!("an expression of `{}` has no text: {why}", site.what);
        self.fail(
            Diagnostic::error(Code::ValueHasNoText, message).at(place, "this value"),
            site.side,
        )
    }

    fn piece(&mut self, piece: &Piece, source: &str, site: &Site<'_>) -> Result<Value, Stop> {
        match piece {
            Piece::Text(text) => Ok(Value::Literal(Json::String(text.clone()))),
            Piece::Path(path, span) => self.path(path, site, within(site.at, source, span)),
            Piece::Computed(expression, span) => self
                .computed(expression, false, site, within(site.at, source, span))
                .map(Value::Literal),
            Piece::Whole(text) => self.computed(text, true, site, site.at).map(Value::Literal),
        }
    }

    fn path(&mut self, path: &Path, site: &Site<'_>, at: Place) -> Result<Value, Stop> {
        let literal = |text: &str| Ok(Value::Literal(Json::String(text.to_owned())));
        match path {
            Path::Name(side) => literal(self.sheet(*side).ok_or(Stop)?.owner.name),
            Path::InterfaceName => literal(self.version.name),
            Path::InterfaceVersion => literal(&self.version.number.to_string()),
            Path::Namespace(side) => match &self.sheet(*side).ok_or(Stop)?.owner.meta.namespace {
                Some(namespace) => literal(namespace),
                None => Err(self.unknown_namespace(*side, site, at)),
            },
            Path::Key(side, key, steps) => {
                let lost = match inside(self.key(*side, key, site, at)?, steps) {
                    Ok(value) => return Ok(value),
                    Err(Some(step)) => format!("`{}.config.{key}` has no `{step}`", side.word()),
                    Err(None) => format!(
                        "`{}.config.{key}` is the key of an object, and has no parts",
                        side.word()
                    ),
                };
                Err(self.fail(
                    Diagnostic::error(Code::TemplateFailed, lost).at(at, "here"),
                    site.side,
                ))
            }
        }
    }

    /// One warning for a URL with secrets in it, however many.
    fn warn_in_url(&mut self, url: bool, parts: &[Part], site: &Site<'_>) {
        let mut met: Vec<&Rc<Reference>> = Vec::new();
        for part in parts.iter().filter(|_| url) {
            let Part::Reference(reference) = part else {
                continue;
            };
            if met.iter().any(|known| Rc::ptr_eq(known, reference)) {
                continue;
            }
            met.push(reference);
            let origin = self
                .origins
                .iter()
                .find(|origin| Rc::ptr_eq(&origin.reference, reference));
            let Some((side, at)) = origin.map(|origin| (origin.side, origin.at)) else {
                continue;
            };
            let facts = self
                .sheet(side)
                .and_then(|sheet| sheet.face.keys.get(&reference.supplies));
            if reference.kind == ReferenceKind::Secret && !facts.is_some_and(|facts| facts.url_safe)
            {
                return self.warn_of(reference, side, at, site);
            }
            if met.len() > limits::CANDIDATES {
                return;
            }
        }
    }

    fn warn_of(&mut self, reference: &Reference, side: Side, at: Place, site: &Site<'_>) {
        let path = format!("{}.config.{}", side.word(), reference.supplies);
        let message = format!(
            "`{}` puts the secret `{path}` into a URL, and the kubelet cannot percent-encode it",
            site.what
        );
        let diagnostic = Diagnostic::warning(Code::SecretInUrl, message)
            .at(site.at, "in this URL")
            .at(at, "given here")
            .help(format!(
                "if whoever fills the Secret promises that it needs no encoding, say so in the Interface: \
                 `{}: {{type: string, writeOnly: true, format: url-safe}}`",
                reference.supplies
            ));
        let _ = self.fail(diagnostic, site.side);
    }
}

/// A part of a value; or the step that leads nowhere, if the value has parts at all.
fn inside(value: &Value, steps: &[Step]) -> Result<Value, Option<String>> {
    if steps.is_empty() {
        return Ok(value.clone());
    }
    let Value::Literal(json) = value else {
        return Err(None);
    };
    let mut json = json;
    for step in steps {
        let (inner, name) = match step {
            Step::Name(name) => (json.get(name), name.clone()),
            Step::Index(i) => (json.get(i), i.to_string()),
        };
        json = inner.ok_or(Some(name))?;
    }
    Ok(Value::Literal(json.clone()))
}

/// The bytes of a literal, roughly.
pub(super) fn size(json: &Json) -> usize {
    match json {
        Json::String(text) => text.len(),
        Json::Array(items) => items.iter().map(|item| size(item) + 1).sum(),
        Json::Object(map) => map
            .iter()
            .map(|(key, value)| key.len() + size(value) + 2)
            .sum(),
        Json::Null | Json::Bool(_) | Json::Number(_) => 8,
    }
}

/// The bytes of a text, roughly.
pub(super) fn length(parts: &[Part]) -> usize {
    parts
        .iter()
        .map(|part| match part {
            Part::Author(text) | Part::Data(text) => text.len(),
            // as long as a short `$(NAME)`: many of them are long, too
            Part::Reference(_) => 8,
        })
        .sum()
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
