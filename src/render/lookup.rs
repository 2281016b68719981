//! Looks up other objects of the input for coupling: Services, ConfigMaps, the key names of
//! Secrets. They are read when a path names them.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::authors::AuthorsObject;
use super::found_lists::FoundLists;
use super::kustomize_hash::without_hash;
use super::names::{NameQuery, Names};
use super::service_ports::{self, ContainerPorts};
use crate::api::{COMPLETE_ANNOTATION, suggest};
use crate::couple::{
    AdaptableObjects, KeyExtent, KeyNames, Lookup, Objects, PortLookup, SimilarName, Target,
    TargetNamespace,
};
use crate::diagnostic::{Code, Diagnostic};
use crate::limits;
use crate::manifest::path::{self, Missed, Step};
use crate::manifest::stream::{Object, StreamObject, group, metadata};
use crate::manifest::{Kind, NodeId, Place, Span, Tree};
use crate::project;

/// Answers `couple` from the documents.
#[derive(Debug)]
pub(super) struct Finder<'n, 'r, 'a> {
    names: &'n Names<'r, 'a>,
    twice: RefCell<BTreeMap<(Object, Object), Diagnostic>>,
    /// What was found where many objects of one kind, namespace and name are in the input.
    crowds: RefCell<BTreeMap<Crowd, Rc<BTreeMap<String, Referent>>>>,
    key_names: RefCell<BTreeMap<Object, Option<Rc<KeyNames>>>>,
    ports: RefCell<BTreeMap<Object, PortLookup>>,
    /// The ports that containers name, once a headless Service leads to one.
    container_ports: OnceCell<ContainerPorts>,
    /// The objects that Adapters asked for.
    found_lists: FoundLists,
    /// How many more paths that lead nowhere get all the names that they could have led to.
    near: Cell<usize>,
    /// How many more names that nothing has are compared with those that there are.
    similar: Cell<usize>,
}

/// Kind, namespace and name.
type Crowd = (String, Option<String>, String);

/// The object that a reference means, and another one that it could mean as well.
#[derive(Clone, Copy, Debug)]
struct Referent {
    first: Object,
    catalogue: bool,
    second: Option<Object>,
}

/// Objects of one kind, namespace and name that are looked through each time.
const FEW: usize = 4;

impl<'n, 'r, 'a> Finder<'n, 'r, 'a> {
    /// A finder over this index.
    pub(super) fn new(names: &'n Names<'r, 'a>) -> Self {
        Self {
            names,
            twice: RefCell::default(),
            crowds: RefCell::default(),
            key_names: RefCell::default(),
            ports: RefCell::default(),
            container_ports: OnceCell::new(),
            found_lists: FoundLists::default(),
            near: Cell::new(limits::NEAR_MISSES),
            similar: Cell::new(limits::NEAR_MISSES),
        }
    }

    /// The index that it looks in.
    pub(super) fn names(&self) -> &'n Names<'r, 'a> {
        self.names
    }

    /// The objects that Adapters asked for.
    pub(super) fn found_lists(&self) -> &FoundLists {
        &self.found_lists
    }

    /// The errors about objects that were looked for and are defined twice in the input.
    pub(super) fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.twice.into_inner().into_values().collect()
    }

    fn find(&self, target: &Target<'_>) -> Option<(&'r Tree<'a>, Object)> {
        let kind = self.names.kind(target.kind);
        let entries = kind
            .named
            .get(&target.namespace.map(Cow::Borrowed))?
            .get(target.name)?;
        let Referent { first, second, .. } = match entries.len() {
            ..=FEW => self.choose(
                entries
                    .iter()
                    .filter(|entry| entry.api_version == target.api_version),
            )?,
            _ => *self.crowd(target, entries).get(target.api_version)?,
        };
        if let Some(second) = second {
            self.report_twice(target, first, second);
        }
        Some((self.names.tree(first)?, first))
    }

    /// An object that is in the stream, and not in the catalogue alone.
    pub(super) fn of_stream(&self, target: &Target<'_>) -> Option<(&'r Tree<'a>, Object)> {
        self.find(target)
            .filter(|(_, object)| !self.names.stream.is_catalogue(object.document))
    }

    /// The first of some objects that can be read; what cannot be read is not there, and that is
    /// reported elsewhere.
    fn choose<'e>(
        &self,
        entries: impl Iterator<Item = &'e &'r StreamObject<'a>>,
    ) -> Option<Referent>
    where
        'r: 'e,
        'a: 'e,
    {
        let mut readable = entries.filter(|entry| self.names.tree(entry.object).is_some());
        let first = readable.next()?;
        let second = readable
            .find(|entry| entry.catalogue == first.catalogue)
            .map(|entry| entry.object);
        Some(Referent {
            first: first.object,
            catalogue: first.catalogue,
            second,
        })
    }

    /// The same of very many, by `apiVersion`: they are looked through once.
    fn crowd(
        &self,
        target: &Target<'_>,
        entries: &[&'r StreamObject<'a>],
    ) -> Rc<BTreeMap<String, Referent>> {
        let key = (
            target.kind.to_owned(),
            target.namespace.map(str::to_owned),
            target.name.to_owned(),
        );
        if let Some(known) = self.crowds.borrow().get(&key) {
            return Rc::clone(known);
        }
        let mut found: BTreeMap<String, Referent> = BTreeMap::new();
        for entry in entries
            .iter()
            .filter(|entry| self.names.tree(entry.object).is_some())
        {
            match found.get_mut(&*entry.api_version) {
                Some(known) if known.second.is_none() && known.catalogue == entry.catalogue => {
                    known.second = Some(entry.object);
                }
                Some(_) => {}
                None => {
                    let new = Referent {
                        first: entry.object,
                        catalogue: entry.catalogue,
                        second: None,
                    };
                    found.insert(entry.api_version.to_string(), new);
                }
            }
        }
        let found = Rc::new(found);
        self.crowds.borrow_mut().insert(key, Rc::clone(&found));
        found
    }

    /// The value at a path of the object at `root`; `at` gives the place of a node.
    fn value(
        &self,
        tree: &Tree<'_>,
        root: NodeId,
        steps: &[Step],
        at: impl Fn(Span) -> Place,
    ) -> Lookup {
        match path::find(tree, root, steps) {
            // an alias of a scalar is read through
            Ok(node) => match tree.json(tree.scalar(node).unwrap_or(node)) {
                Ok(value) => Lookup::Value(value, at(tree.span(node))),
                Err(_) => Lookup::BadPath("it ends in an alias, a merge key or a tag".to_owned()),
            },
            Err(Missed {
                not_readable: Some(why),
                ..
            }) => Lookup::NotReadable(Box::new(Diagnostic::not_readable(
                "the value at this path",
                &why,
                at,
            ))),
            Err(Missed {
                matched, deepest, ..
            }) => {
                let left = self.near.get();
                self.near.set(left.saturating_sub(1));
                let most = if left > 0 {
                    usize::MAX
                } else {
                    limits::CANDIDATES
                };
                Lookup::NoPath(names(tree, deepest, steps.get(matched), most))
            }
        }
    }

    fn report_twice(&self, target: &Target<'_>, first: Object, second: Object) {
        if self.twice.borrow().contains_key(&(first, second)) {
            return;
        }
        let message = format!(
            "{} `{}` is defined twice in the input, and a Socket or Plug refers to it",
            target.kind, target.name
        );
        let diagnostic = Diagnostic::error(Code::DuplicateObject, message)
            .at(self.names.place(second), "again here")
            .at(self.names.place(first), "first here")
            .help("remove one of them, or give each a name or namespace of its own");
        self.twice.borrow_mut().insert((first, second), diagnostic);
    }
}

impl Objects for Finder<'_, '_, '_> {
    fn read(&self, target: &Target<'_>, path: &str) -> Lookup {
        let steps = match path::parse(path) {
            Ok(steps) => steps,
            Err(why) => return Lookup::BadPath(why),
        };
        let Some((tree, object)) = self.find(target) else {
            return Lookup::NoObject;
        };
        let at = |span| self.names.stream.place(object.document, span);
        let Some(Ok(record)) = project::record(tree, object.node) else {
            return self.value(tree, object.node, &steps, at);
        };
        // what coupler wrote is not read: the value would be another at each render
        let document = self.names.document(object.document, tree);
        let here = path::find(tree, object.node, &steps).unwrap_or(object.node);
        let place = at(tree.span(here));
        let read = |written: &Tree<'_>, node| self.value(written, node, &steps, |_| place);
        let found = project::as_written(document, object.node, &record, read);
        found.unwrap_or_else(|| {
            Lookup::BadPath("what coupler wrote there cannot be separated from the rest".to_owned())
        })
    }

    fn target_namespace(&self, target: &Target<'_>, path: &[&str]) -> TargetNamespace {
        let asked = group(target.api_version);
        let named = NameQuery {
            kind: target.kind,
            namespace: target.namespace,
            name: target.name,
            asked: Some(asked),
        };
        let is_wanted =
            |entry: &StreamObject<'_>| !entry.catalogue && group(&entry.api_version) == asked;
        // that it is not there, or twice, is reported where it is chosen
        let found = self.names.namesakes(named, is_wanted).ok();
        let object = found.and_then(|found| found.objects.first().copied());
        let seen = object.and_then(|object| Some((self.names.tree(object)?, object)));
        let Some((tree, object)) = seen else {
            return TargetNamespace::Own;
        };
        let at = |span| self.names.stream.place(object.document, span);
        let written = self.names.as_written(tree, object, |written| {
            let text = written.tree().read_text(written.node, path).known();
            text.map(|text| text.filter(|text| !text.is_empty()).map(str::to_owned))
        });
        match written {
            Ok(None) => TargetNamespace::Own,
            Ok(Some(namespace)) => {
                let here = tree.read_at(object.node, path).shown();
                TargetNamespace::Written(namespace, at(tree.span(here.unwrap_or(object.node))))
            }
            Err(why) => {
                let what = format!(
                    "the namespace that {} `{}` deploys into",
                    target.kind, target.name
                );
                let error = Diagnostic::not_readable(&what, &why, at);
                TargetNamespace::NotReadable(Box::new(error))
            }
        }
    }

    fn key_names(&self, target: &Target<'_>) -> Option<Rc<KeyNames>> {
        let (tree, object) = self.find(target)?;
        if let Some(known) = self.key_names.borrow().get(&object) {
            return known.clone();
        }
        let names = self.names.as_written(tree, object, key_names).map(Rc::new);
        self.key_names.borrow_mut().insert(object, names.clone());
        names
    }

    fn current_name(&self, target: &Target<'_>) -> Option<String> {
        if !self.names.renamed() {
            return None; // as nearly always: nothing is read for it
        }
        let (tree, object) = self.find(target)?;
        metadata(tree, object.node, "name")
            .known()
            .ok()?
            .map(str::to_owned)
    }

    fn similar_name(&self, target: &Target<'_>) -> Option<SimilarName> {
        let kind = self.names.kind(target.kind);
        let named = kind.named.get(&target.namespace.map(Cow::Borrowed))?;
        if named.contains_key(target.name) || self.find(target).is_some() {
            return None;
        }
        let left = self.similar.get().checked_sub(1)?;
        self.similar.set(left);
        // `db-1` and `db-2` are two on purpose
        let names = named.keys().map(|name| &**name);
        let names = names.filter(|name| !differs_in_digits(name, target.name));
        if let Some(near) = suggest(target.name, names.clone()) {
            return Some(SimilarName::Misspelt(near.to_owned()));
        }
        let mut renamed = names.filter(|name| is_renamed(name, target.name));
        renamed
            .next()
            .map(|name| SimilarName::Renamed(name.to_owned()))
    }

    fn adaptable(&self) -> Option<&dyn AdaptableObjects> {
        Some(self)
    }

    fn ports(&self, namespace: Option<&str>, name: &str) -> PortLookup {
        let target = Target {
            api_version: "v1",
            kind: "Service",
            namespace,
            name,
        };
        let Some((tree, object)) = self.find(&target) else {
            return PortLookup::NoService;
        };
        if let Some(known) = self.ports.borrow().get(&object) {
            return known.clone();
        }
        let number = |port: &str| {
            let pods = self
                .container_ports
                .get_or_init(|| ContainerPorts::read(self.names));
            let selector = self.names.as_written(tree, object, |written| {
                service_ports::selector(written.tree(), written.node)
            })?;
            pods.number(self.names, namespace, port, &selector)
        };
        let ports = self.names.as_written(tree, object, |written| {
            match service_ports::read(written.tree(), written.node, number) {
                Ok(ports) => PortLookup::Ports(Rc::new(ports)),
                Err(why) => {
                    let what = format!("which ports Service `{name}` has");
                    let at = |span| self.names.stream.place(object.document, written.span(span));
                    PortLookup::NotReadable(Box::new(Diagnostic::not_readable(&what, &why, at)))
                }
            }
        });
        self.ports.borrow_mut().insert(object, ports.clone());
        ports
    }
}

/// Whether kustomize may have made a name of another one: by a prefix, and by a hash.
fn is_renamed(name: &str, original: &str) -> bool {
    let prefix = without_hash(name).strip_suffix(original);
    name != original && prefix.is_some_and(|prefix| prefix.is_empty() || prefix.ends_with('-'))
}

/// Whether two names are the same but for a number.
fn differs_in_digits(name: &str, other: &str) -> bool {
    letters(name).eq(letters(other))
}

/// A name without its digits, and without what separates the last of them.
fn letters(name: &str) -> impl Iterator<Item = char> {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-');
    stem.chars().filter(|c| !c.is_ascii_digit())
}

/// The key names of a Secret or ConfigMap, if they can be known from it alone.
fn key_names(object: &AuthorsObject<'_>) -> Option<KeyNames> {
    let (tree, node) = (object.tree(), object.node);
    let text = |path: &[&str]| tree.read_text(node, path).known();
    if text(&["type"]).ok()? == Some("kubernetes.io/service-account-token") {
        return None; // a controller fills it: https://kubernetes.io/docs/concepts/configuration/secret/
    }
    let complete = text(&["metadata", "annotations", COMPLETE_ANNOTATION]);
    let extent = match complete {
        Ok(None | Some("true")) => KeyExtent::All,
        Ok(Some(_)) | Err(_) => KeyExtent::Some,
    };
    let members = |key| tree.read_members(node, &[key]).known().ok();
    let mut names = BTreeSet::new();
    for key in ["data", "stringData"] {
        names.extend(
            members(key)?
                .unwrap_or_default()
                .into_iter()
                .filter_map(|member| tree.key(member).map(str::to_owned)),
        );
    }
    // `binaryData` of a ConfigMap gives files and no variables
    let is_binary = members("binaryData")?.is_some_and(|members| !members.is_empty());
    // one without keys is a placeholder that somebody else fills
    (!names.is_empty() || is_binary).then_some(KeyNames { names, extent })
}

/// The names that exist at a node where a step of a path has no result.
fn names(tree: &Tree<'_>, node: NodeId, step: Option<&Step>, most: usize) -> Vec<String> {
    match step {
        Some(Step::Match { key, .. }) => tree
            .children(node)
            .filter_map(|item| Some(format!("[{key}={}]", tree.read_text(item, &[key]).shown()?)))
            .take(most)
            .collect(),
        _ => keys(tree, node, most),
    }
}

fn keys(tree: &Tree<'_>, node: NodeId, most: usize) -> Vec<String> {
    if tree.kind(node) != Kind::Mapping {
        return Vec::new();
    }
    tree.children(node)
        .filter_map(|child| tree.key(child).map(str::to_owned))
        .take(most)
        .collect()
}
