//! Translates the bodies of `resources` into manifests of coupler's resources.

mod choices;
mod sketch;

use super::body_type::body_type;
use super::comments::comments;
use super::go_template::{GoItem, TrimRule, is_template, parse};
use super::old_object::{OldBody, OldManifest, OldScalar};
use super::residual::{Absence, Residual, Truth};
use super::template_scope::TemplateScope;
use super::template_text::{SecretUse, TargetSyntax, escaped, written};
use super::translate::{TextPart, Untranslatable, negated, translate, value, value_parts};
use crate::api::{ManifestMember, ManifestNode, ManifestValue};
use crate::edit::Value;
use crate::limits;
use crate::manifest::scalar::{Scalar, resolve};
use crate::manifest::{Head, Kind, NodeId, Place, Style, Tree, scan};
use choices::{Variant, variants};
use sketch::Sketch;

/// A manifest that a body gives, and when.
#[derive(Clone, Debug)]
pub(super) struct TranslatedBody {
    /// All of these hold.
    pub conditions: Vec<Residual>,
    /// The manifest.
    pub manifest: Value<'static>,
    /// Comments that are written in it.
    pub comments: Vec<String>,
    /// Whether an `if` is around the whole body.
    pub is_wrapped: bool,
    /// Whether more YAML documents follow, which the operator ignores.
    pub has_more: bool,
}

/// Why a body is not translated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BodyError {
    /// Where.
    pub at: Place,
    /// Why.
    pub why: Untranslatable,
}

/// Translates a body; nothing where it is blank.
pub(super) fn translated(
    body: &OldBody,
    scope: &TemplateScope<'_>,
) -> Result<Vec<TranslatedBody>, BodyError> {
    let usage = match body_type(body).is_secret() {
        true => ManifestUse::Listed,
        false => ManifestUse::Emitted,
    };
    match body {
        OldBody::Object(node) => {
            let manifest = BodyWalk {
                scope,
                path: BodyPath::of(usage),
            }
            .object(node)?;
            Ok(vec![TranslatedBody {
                conditions: Vec::new(),
                manifest,
                comments: Vec::new(),
                is_wrapped: false,
                has_more: false,
            }])
        }
        OldBody::Text(text) => {
            of_text(&text.value, usage, scope).map_err(|why| BodyError { at: text.at, why })
        }
    }
}

/// The YAML that a text gives, for a message: references may be anywhere in it.
pub(super) fn listed(
    text: &str,
    scope: &TemplateScope<'_>,
) -> Result<Vec<TranslatedBody>, Untranslatable> {
    of_text(text, ManifestUse::Listed, scope)
}

fn of_text(
    text: &str,
    usage: ManifestUse,
    scope: &TemplateScope<'_>,
) -> Result<Vec<TranslatedBody>, Untranslatable> {
    let mut bodies = Vec::new();
    for variant in text_variants(text, scope)? {
        bodies.extend(of_variant(&variant, usage, scope)?);
    }
    // the comments of all are the same
    for body in bodies.iter_mut().skip(1) {
        body.comments.clear();
    }
    Ok(bodies)
}

/// The texts that a body may be, by the `if`s around it and around its keys.
fn text_variants(text: &str, scope: &TemplateScope<'_>) -> Result<Vec<Variant>, Untranslatable> {
    if text.len() > limits::RESOURCE_BYTES {
        return Err(broken(format!(
            "it is longer than {} KiB",
            limits::RESOURCE_BYTES >> 10
        )));
    }
    let items = parse(text, TrimRule::WhiteSpace)?;
    let mut all = Vec::new();
    let whole = Variant {
        conditions: Vec::new(),
        items,
        is_wrapped: false,
    };
    for variant in unwrapped(whole, scope)? {
        all.extend(variants(variant, scope)?);
        if all.len() > limits::MIGRATED_VARIANTS {
            return Err(broken(format!(
                "its `if`s give more than {} different manifests",
                limits::MIGRATED_VARIANTS
            )));
        }
    }
    Ok(all)
}

/// Takes the `if` off that is around a whole body.
fn unwrapped(variant: Variant, scope: &TemplateScope<'_>) -> Result<Vec<Variant>, Untranslatable> {
    let is_blank = |item: &&GoItem| !matches!(item, GoItem::Text(text) if text.trim().is_empty());
    let written: Vec<&GoItem> = variant.items.iter().filter(is_blank).collect();
    let [GoItem::If(choice)] = written[..] else {
        return Ok(if written.is_empty() {
            Vec::new()
        } else {
            vec![variant]
        });
    };
    let condition = value(&choice.condition, scope)?;
    let branch = |items: &[GoItem], more: Option<Residual>| {
        let mut conditions = variant.conditions.clone();
        conditions.extend(more);
        unwrapped(
            Variant {
                is_wrapped: !conditions.is_empty(),
                conditions,
                items: items.to_vec(),
            },
            scope,
        )
    };
    match condition.truth() {
        Truth::True => branch(&choice.then, None),
        Truth::False => branch(&choice.otherwise, None),
        Truth::Depends => {
            let mut all = branch(&choice.then, Some(condition.clone()))?;
            all.extend(branch(&choice.otherwise, Some(negated(condition)))?);
            Ok(all)
        }
    }
}

/// The manifest of one of the texts; `None`: it is blank.
fn of_variant(
    variant: &Variant,
    usage: ManifestUse,
    scope: &TemplateScope<'_>,
) -> Result<Option<TranslatedBody>, Untranslatable> {
    let sketch = Sketch::of(&variant.items, scope)?;
    let documents = scan(0, &sketch.text);
    let mut documents = documents
        .iter()
        .filter(|document| document.head != Head::Empty);
    let Some(document) = documents.next() else {
        return Ok(None);
    };
    let tree = Tree::read(document.text).map_err(|error| broken(error.message))?;
    let Some(root) = tree.root() else {
        return Ok(None);
    };
    let manifest = SketchWalk {
        sketch: &sketch,
        tree: &tree,
        path: BodyPath::of(usage),
    }
    .node(root)?;
    let found = comments(&tree, 0..document.text.len());
    Ok(Some(TranslatedBody {
        conditions: variant.conditions.clone(),
        manifest,
        comments: found
            .into_iter()
            .filter(|comment| !sketch.has_token(comment))
            .collect(),
        is_wrapped: variant.is_wrapped,
        has_more: documents.next().is_some(),
    }))
}

fn broken(message: String) -> Untranslatable {
    Untranslatable {
        action: String::new(),
        message,
        wants_secret: false,
    }
}

/// The keys on the way to a value of a manifest.
struct BodyPath {
    keys: Vec<String>,
    /// What becomes of the manifest.
    usage: ManifestUse,
}

/// What becomes of a manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ManifestUse {
    /// It is left out, and a message lists what is in it.
    Listed,
    /// It is a resource.
    Emitted,
}

impl BodyPath {
    fn of(usage: ManifestUse) -> Self {
        Self {
            keys: Vec::new(),
            usage,
        }
    }

    /// Whether a reference can be here: in the value of a container's variable.
    fn secret_use(&self) -> SecretUse {
        let mut steps = self.keys.iter().rev().map(String::as_str);
        let is_variable = steps.next() == Some("value")
            && steps.next() == Some("env")
            && matches!(steps.next(), Some("containers" | "initContainers"));
        match self.usage {
            ManifestUse::Listed => SecretUse::Key,
            ManifestUse::Emitted if is_variable => SecretUse::Variable,
            ManifestUse::Emitted => SecretUse::Refused,
        }
    }
}

/// The translation of a manifest that is written as an object.
struct BodyWalk<'s, 'o> {
    scope: &'s TemplateScope<'o>,
    path: BodyPath,
}

impl BodyWalk<'_, '_> {
    fn object(&mut self, node: &OldManifest) -> Result<Value<'static>, BodyError> {
        let ManifestNode { at, value } = node;
        Ok(match value {
            ManifestValue::Leaf(OldScalar::Token(token)) => Value::Scalar(token.clone()),
            ManifestValue::Leaf(OldScalar::Text(text, _)) => {
                let failed = |why| BodyError { at: *at, why };
                let parts = translate(text, TrimRule::Spaces, self.scope).map_err(failed)?;
                let secrets = self.path.secret_use();
                let text = written(&parts, TargetSyntax::Expressions, secrets).map_err(failed)?;
                Value::Text(text.into())
            }
            ManifestValue::List(items) => {
                let items = items.iter().map(|item| self.object(item));
                Value::List(items.collect::<Result<_, _>>()?)
            }
            ManifestValue::Map(members) => {
                let mut map = Vec::with_capacity(members.len());
                for ManifestMember { key, node } in members {
                    if is_template(key) {
                        return Err(BodyError {
                            at: node.at,
                            why: Untranslatable {
                                action: key.clone(),
                                message: "the key of a field cannot be a template in coupler"
                                    .to_owned(),
                                wants_secret: false,
                            },
                        });
                    }
                    self.path.keys.push(key.clone());
                    map.push((key.clone().into(), self.object(node)?));
                    self.path.keys.pop();
                }
                Value::Map(map)
            }
        })
    }
}

/// The translation of a manifest that is written as a text, whose values were replaced by tokens.
struct SketchWalk<'s, 't> {
    sketch: &'s Sketch,
    tree: &'t Tree<'t>,
    path: BodyPath,
}

impl SketchWalk<'_, '_> {
    fn node(&mut self, id: NodeId) -> Result<Value<'static>, Untranslatable> {
        let node = self.tree.node(id);
        if node.tagged || self.tree.opaque(id).is_some() {
            return Err(broken("it has a tag, an alias or a merge key".to_owned()));
        }
        match node.kind {
            Kind::Sequence => {
                let items: Vec<NodeId> = self.tree.children(id).collect();
                let items = items.into_iter().map(|item| self.node(item));
                items.collect::<Result<_, _>>().map(Value::List)
            }
            Kind::Mapping => {
                let members: Vec<NodeId> = self.tree.children(id).collect();
                let mut map = Vec::with_capacity(members.len());
                for member in members {
                    let key = self.tree.key(member).unwrap_or_default().to_owned();
                    if self.sketch.has_token(&key) {
                        return Err(broken(
                            "the key of a field cannot be a template in coupler".to_owned(),
                        ));
                    }
                    self.path.keys.push(key.clone());
                    map.push((key.into(), self.node(member)?));
                    self.path.keys.pop();
                }
                Ok(Value::Map(map))
            }
            Kind::Scalar | Kind::Alias => {
                let text = self.tree.str(id).unwrap_or_default();
                self.scalar(text, node.style)
            }
        }
    }

    fn scalar(&self, text: &str, style: Style) -> Result<Value<'static>, Untranslatable> {
        if !self.sketch.has_token(text) {
            return Ok(match resolve(text, style) {
                Scalar::Str(text) => Value::Text(escaped(text, TargetSyntax::Expressions).into()),
                Scalar::Null => Value::Scalar("null".to_owned()),
                _ => Value::Scalar(text.to_owned()),
            });
        }
        let mut parts = self.sketch.parts(text);
        if style == Style::Plain {
            match &mut parts[..] {
                [TextPart::Computed(value)] => {
                    if let Residual::Quoted(inner) = value {
                        parts = value_parts((**inner).clone());
                    } else if value.is_boolean() {
                        return Ok(Value::Text(format!("<% {} %>", value.boolean()).into()));
                    } else if let Some(filter) = number_filter(value) {
                        let path = value.value(Absence::Empty);
                        return Ok(Value::Text(format!("<% {path} | {filter} %>").into()));
                    }
                }
                parts => {
                    let is_quoted =
                        |part: &TextPart| matches!(part, TextPart::Computed(Residual::Quoted(_)));
                    if parts.iter().any(is_quoted) {
                        return Err(broken("`quote` is within a text without quotes".to_owned()));
                    }
                }
            }
        }
        let text = written(&parts, TargetSyntax::Expressions, self.path.secret_use())?;
        Ok(Value::Text(text.into()))
    }
}

/// The filter that makes a number of a key again whose text is one, where no quotes are around it.
fn number_filter(value: &Residual) -> Option<&'static str> {
    let Residual::Path(path) = value else {
        return None;
    };
    match resolve(path.known.as_deref()?, Style::Plain) {
        Scalar::Int(_) => Some("int"),
        Scalar::Float(_) => Some("float"),
        _ => None,
    }
}
