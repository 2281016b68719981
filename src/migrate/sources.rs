//! Finds the objects of `v1beta1` among the documents of an input, and the key names of the Secrets
//! next to them.

mod list_items;

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::body_type::body_type;
use super::document::ObjectDocument;
use super::old_object::{
    OLD_API_VERSION, OldDeferred, OldManifest, OldObject, OldParty, OldScalar,
};
use super::old_objects::OldName;
use super::read::{OldReader, Unread};
use super::report::{MigrationOutcome, MigrationReport};
use super::secret_readers::SecretReaders;
use crate::api::{GROUP, ManifestMember, ManifestValue};
use crate::diagnostic::Subject;
use crate::edit::{Member, Value};
use crate::manifest::stream::{ObjectType, group, type_of};
use crate::manifest::{Document, Flaw, Head, NodeId, Place, SourceId, Span, Tree, scan};
use crate::render::{Input, Role};
use list_items::list_items;

/// Groups of the operator before it had its present one.
const OLDER_GROUPS: [&str; 3] = [
    "integration.siliconhills.dev",
    "integration.risserlabs.com",
    "integration.bitspur.com",
];

/// A document of the stream.
#[derive(Debug)]
pub(super) struct OldDocument<'a> {
    /// Its source.
    pub source: SourceId,
    /// Its bytes; of an item of a list, the item's.
    pub text: Cow<'a, str>,
    /// The same without keys that are written twice, at the same offsets.
    pub readable: Cow<'a, str>,
    /// The object of `v1beta1` in it.
    pub object: Option<OldObject>,
}

/// All documents.
#[derive(Debug, Default)]
pub(super) struct OldSources<'a> {
    /// Those of the stream, in order.
    pub documents: Vec<OldDocument<'a>>,
    /// Plugs and Sockets of the catalogue.
    catalogue: Vec<OldParty>,
    /// The key names of Secrets.
    pub secrets: BTreeMap<OldName, Vec<String>>,
}

impl<'a> OldSources<'a> {
    /// Reads an input.
    pub(super) fn read(input: &'a Input, report: &mut MigrationReport) -> Self {
        let mut found = Self::default();
        let namespace = input.settings.namespace.as_deref();
        for (id, source) in (0..).zip(&input.sources) {
            for document in scan(id, &source.text) {
                found.document(&document, source.role, namespace, report);
            }
        }
        found
    }

    /// All Plugs and Sockets.
    pub(super) fn parties(&self) -> impl Iterator<Item = &OldParty> {
        let of_stream =
            self.documents
                .iter()
                .filter_map(|document| match document.object.as_ref()? {
                    OldObject::Party(party) => Some(&**party),
                    OldObject::Deferred(_) => None,
                });
        of_stream.chain(&self.catalogue)
    }

    /// Who reads the Secrets that the bodies of `resources` make; nobody is looked for where none
    /// is one.
    pub(super) fn readers(&self, namespace: Option<&str>) -> SecretReaders {
        let is_secret = |body| body_type(body).is_secret();
        let mut resources = self.parties().flat_map(|party| &party.resources);
        if !resources.any(|resource| resource.bodies.iter().any(is_secret)) {
            return SecretReaders::default();
        }
        let others = self
            .documents
            .iter()
            .filter(|document| document.object.is_none());
        SecretReaders::of(others.map(|document| &*document.text), namespace)
    }

    fn document(
        &mut self,
        document: &Document<'a>,
        role: Role,
        namespace: Option<&str>,
        report: &mut MigrationReport,
    ) {
        let mut kept = OldDocument {
            source: document.source,
            text: Cow::Borrowed(document.text),
            readable: Cow::Borrowed(document.text),
            object: None,
        };
        let is_interesting = match document.head {
            Head::Empty => false,
            Head::Unread => true,
            Head::Read { api_version, kind } => {
                is_of_operator(api_version)
                    || api_version == "v1" && kind == "Secret"
                    || kind.ends_with("List") && document.text.contains(OLD_API_VERSION)
            }
        };
        if is_interesting {
            kept.readable = without_duplicates(document.text);
            let mut reading = DocumentReading {
                document,
                namespace,
                report,
            };
            match reading.read(&kept.readable, &mut self.secrets) {
                DocumentObjects::One(object) => kept.object = object,
                DocumentObjects::Items(items) => {
                    return items.into_iter().for_each(|item| self.add(item, role));
                }
            }
        }
        self.add(kept, role);
    }

    fn add(&mut self, document: OldDocument<'a>, role: Role) {
        match (role, document.object) {
            (Role::Stream, object) => self.documents.push(OldDocument { object, ..document }),
            (Role::Catalogue, Some(OldObject::Party(party))) => self.catalogue.push(*party),
            (Role::Catalogue, _) => {}
        }
    }
}

fn is_of_operator(api_version: &str) -> bool {
    let group = group(api_version);
    OLDER_GROUPS.contains(&group)
        || group == GROUP && (api_version == OLD_API_VERSION || api_version.contains("/v1alpha"))
}

/// One document while it is read.
struct DocumentReading<'r, 'a> {
    document: &'r Document<'a>,
    namespace: Option<&'r str>,
    report: &'r mut MigrationReport,
}

/// What is in a document.
enum DocumentObjects<'a> {
    /// One object, or none of the operator's.
    One(Option<OldObject>),
    /// A list, whose items are documents of their own now.
    Items(Vec<OldDocument<'a>>),
}

impl DocumentReading<'_, '_> {
    fn read<'a>(
        &mut self,
        text: &str,
        secrets: &mut BTreeMap<OldName, Vec<String>>,
    ) -> DocumentObjects<'a> {
        let tree = match Tree::read(text) {
            Ok(tree) => tree,
            Err(error) => {
                if text.contains(OLD_API_VERSION) {
                    let at = self.place(error.span);
                    self.left_alone(&Subject::default(), at, &error.message);
                }
                return DocumentObjects::One(None);
            }
        };
        let Some(root) = tree.root() else {
            return DocumentObjects::One(None);
        };
        let Some(items) = list_items(&tree, root) else {
            return DocumentObjects::One(self.object(&tree, root, secrets));
        };
        let list = Subject {
            api_version: "v1".to_owned(),
            kind: "List".to_owned(),
            ..Subject::default()
        };
        let at = self.place(tree.span(root));
        let message = format!("its {} items are now documents", items.len());
        self.report
            .add(MigrationOutcome::Changed, &list, at, message);
        let documents = items.into_iter().map(|item| OldDocument {
            source: self.document.source,
            object: self.object(&tree, item.node, secrets),
            readable: Cow::Owned(item.text.clone()),
            text: Cow::Owned(item.text),
        });
        DocumentObjects::Items(documents.collect())
    }

    fn object(
        &mut self,
        tree: &Tree<'_>,
        root: NodeId,
        secrets: &mut BTreeMap<OldName, Vec<String>>,
    ) -> Option<OldObject> {
        let ObjectType { api_version, kind } = type_of(tree, root)?;
        if api_version == "v1" && kind == "Secret" {
            self.secret(tree, root, secrets);
            return None;
        }
        if !is_of_operator(&api_version) || kind.ends_with("List") {
            return None;
        }
        let name = tree.read_text(root, &["metadata", "name"]).shown();
        let namespace = tree.read_text(root, &["metadata", "namespace"]).shown();
        let subject = Subject {
            api_version: api_version.to_string(),
            kind: kind.to_string(),
            namespace: namespace.or(self.namespace).map(str::to_owned),
            name: name.unwrap_or_default().to_owned(),
        };
        if api_version != OLD_API_VERSION {
            let at = self.place(tree.span(root));
            self.left_alone(&subject, at, &format!("it is of `{api_version}`"));
            self.report.help(
                "convert it to `v1beta1` with the operator, or write it again: `coupler init` \
                 writes a first Plug, Socket or Interface",
            );
            return None;
        }
        let reader = OldReader {
            tree,
            source: self.document.source,
            start: self.document.start,
            namespace: self.namespace,
        };
        match reader.object(root) {
            Ok(Some(object)) => Some(object),
            Ok(None) => {
                let at = self.place(tree.span(root));
                self.left_alone(&subject, at, &format!("the operator has no kind `{kind}`"));
                None
            }
            Err(Unread { at, message }) => {
                self.left_alone(&subject, at, &message);
                None
            }
        }
    }

    fn left_alone(&mut self, subject: &Subject, at: Place, why: &str) {
        let message = format!("it is not changed: {why}");
        self.report
            .add(MigrationOutcome::NoCounterpart, subject, at, message);
    }

    fn place(&self, span: Span) -> Place {
        Place {
            source: self.document.source,
            span: Span {
                start: span.start + self.document.start,
                end: span.end + self.document.start,
            },
        }
    }

    /// Reads the names of a Secret's keys; none where one may be hidden.
    fn secret(&self, tree: &Tree<'_>, root: NodeId, secrets: &mut BTreeMap<OldName, Vec<String>>) {
        let text = |path: &[&str]| tree.read_text(root, path).shown().map(str::to_owned);
        let Some(name) = text(&["metadata", "name"]) else {
            return;
        };
        let mut keys = Vec::new();
        for part in ["data", "stringData"] {
            let Ok(members) = tree.read_members(root, &[part]).known() else {
                return;
            };
            let members = members.unwrap_or_default().into_iter();
            keys.extend(members.filter_map(|member| tree.key(member).map(str::to_owned)));
        }
        let namespace = text(&["metadata", "namespace"]);
        let namespace = namespace.or_else(|| self.namespace.map(str::to_owned));
        secrets.insert(OldName { namespace, name }, keys);
    }
}

/// A document in which no line is repeated that gives a key again: they are blank. The API server
/// takes the last one, which is the same.
fn without_duplicates(text: &str) -> Cow<'_, str> {
    let mut readable = Cow::Borrowed(text);
    for _ in 0..crate::limits::GO_CHOICES {
        let blank = match Tree::read(&readable) {
            Err(error) if error.flaw == Flaw::DuplicateKey => {
                repeated_line(&readable, error.span.start as usize)
            }
            _ => None,
        };
        let Some(line) = blank else {
            break;
        };
        let spaces = " ".repeat(line.len());
        readable.to_mut().replace_range(line, &spaces);
    }
    readable
}

/// The line at an offset, if the line before it is the same.
fn repeated_line(text: &str, at: usize) -> Option<std::ops::Range<usize>> {
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[at..]
        .find('\n')
        .map_or(text.len(), |newline| at + newline);
    let before = text[..start].strip_suffix('\n')?;
    let before = before.rsplit('\n').next()?;
    (before.trim_end() == text[start..end].trim_end()).then_some(start..end)
}

/// A document in which the manifest of a DeferredResource is in its place.
pub(super) fn deferred_text(old: &OldDocument<'_>, deferred: &OldDeferred) -> Option<String> {
    let tree = Tree::read(&old.readable).ok()?;
    let root = tree.root()?;
    let Value::Map(mut manifest) = value(&deferred.resource) else {
        return None;
    };
    let is_named = tree
        .read_at(root, &["metadata", "namespace"])
        .shown()
        .is_some();
    let namespace = deferred.subject.namespace.as_ref().filter(|_| is_named);
    if let Some(namespace) = namespace {
        set_namespace(&mut manifest, namespace);
    }
    let document = ObjectDocument { tree: &tree, root };
    Some(document.with_object(&manifest))
}

/// Writes the namespace of an object that names none.
fn set_namespace(manifest: &mut Vec<Member<'static>>, namespace: &str) {
    let member = ("namespace".into(), Value::Text(namespace.to_owned().into()));
    match manifest.iter_mut().find(|(key, _)| key == "metadata") {
        Some((_, Value::Map(metadata))) => {
            if !metadata.iter().any(|(key, _)| key == "namespace") {
                metadata.push(member);
            }
        }
        Some(_) => {}
        None => manifest.push(("metadata".into(), Value::Map(vec![member]))),
    }
}

/// A manifest as it is written, as a value.
pub(super) fn value(node: &OldManifest) -> Value<'static> {
    match &node.value {
        ManifestValue::Leaf(OldScalar::Token(token)) => Value::Scalar(token.clone()),
        ManifestValue::Leaf(OldScalar::Text(text, _)) => Value::Text(text.clone().into()),
        ManifestValue::List(items) => Value::List(items.iter().map(value).collect()),
        ManifestValue::Map(members) => {
            let members = members.iter();
            let members =
                members.map(|ManifestMember { key, node }| (key.clone().into(), value(node)));
            Value::Map(members.collect())
        }
    }
}
