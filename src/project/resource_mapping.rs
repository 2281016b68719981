//! Decodes a `ClusterWorkloadResourceMapping` of servicebinding.io: the places of the pods in
//! workloads of other kinds.

use std::borrow::Cow;

use super::json_path::{self, JsonPathStep};
use super::key_path::KeyPath;
use super::place::place;
use super::workload_kind::{ContainerPath, Mapping};
use crate::diagnostic::{Code, Diagnostic, Subject, list_all};
use crate::limits;
use crate::manifest::stream::type_of;
use crate::manifest::{Kind, NodeId, Place, Reading, Span, Tree};

/// The kind of such an object.
pub(super) const KIND: &str = "ClusterWorkloadResourceMapping";
/// Its group, in any version.
pub(super) const GROUP: &str = "servicebinding.io";

/// Fields of an object that no pod is in.
const OWN_FIELDS: [&str; 4] = ["apiVersion", "kind", "metadata", "status"];

/// Where one kind of workload has its pods, by version.
#[derive(Debug)]
pub(super) struct ResourceMapping {
    /// `<plural>.<group>`
    pub(super) name: String,
    /// Where that is written.
    pub(super) at: Place,
    /// By version, `*` for any other; or what is wrong with it.
    pub(super) versions: Result<Vec<VersionMapping>, Vec<Diagnostic>>,
}

/// Where a version of the kind has its pods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct VersionMapping {
    version: String,
    mapping: Mapping,
}

impl ResourceMapping {
    /// Reads the object at `root`; `None`: it has no name that can be read.
    pub(super) fn read(tree: &Tree<'_>, root: NodeId, start: Place) -> Option<Self> {
        let name = tree.read_at(root, &["metadata", "name"]).shown()?;
        let mut reader = Reader {
            tree,
            root,
            start,
            errors: Vec::new(),
        };
        let versions = reader.versions();
        Some(Self {
            name: tree.str(name)?.to_owned(),
            at: reader.place(name),
            versions: match reader.errors.is_empty() {
                true => Ok(versions),
                false => Err(reader.errors),
            },
        })
    }

    /// Where a version has its pods: one that is named wins over `*`.
    pub(super) fn of_version(&self, version: &str) -> Option<&Mapping> {
        let versions = self.versions.as_deref().ok()?;
        let of = |wanted: &str| versions.iter().find(|one| one.version == wanted);
        of(version).or_else(|| of("*")).map(|one| &one.mapping)
    }
}

/// One object while it is read.
struct Reader<'t> {
    tree: &'t Tree<'t>,
    root: NodeId,
    start: Place,
    errors: Vec<Diagnostic>,
}

/// A path, and where it is written.
struct Written<T> {
    path: T,
    node: NodeId,
}

impl<'t> Reader<'t> {
    fn versions(&mut self) -> Vec<VersionMapping> {
        let tree = self.tree;
        let spec = tree.read_at(self.root, &["spec"]);
        let list = spec
            .clone()
            .then(|spec| tree.read_items(spec, &["versions"]));
        let items = match list {
            Reading::Value(items) if !items.is_empty() => items,
            Reading::NotReadable(why) => {
                self.wrong(why.span, "cannot be read behind an alias or a merge key");
                return Vec::new();
            }
            Reading::Value(_) | Reading::Absent => {
                let at = spec.shown().unwrap_or(self.root);
                self.wrong(tree.span(at), "`spec.versions` has no version");
                return Vec::new();
            }
        };
        if items.len() > limits::MAPPING_ENTRIES {
            self.too_many(items[limits::MAPPING_ENTRIES], "versions");
            return Vec::new();
        }
        let mut versions: Vec<VersionMapping> = Vec::with_capacity(items.len());
        for item in items {
            let Some(version) = self.text(item, "version") else {
                self.wrong(tree.span(item), "`version` is missing");
                continue;
            };
            let is_twice = versions.iter().any(|one| one.version == version);
            if is_twice {
                self.wrong(tree.span(item), "the version is in the list already");
                continue;
            }
            let mapping = self.mapping(item);
            versions.push(VersionMapping {
                version: version.to_owned(),
                mapping,
            });
        }
        versions
    }

    fn mapping(&mut self, item: NodeId) -> Mapping {
        let usual = Mapping::default();
        let annotations = self.fixed(item, "annotations");
        let volumes = self.fixed(item, "volumes");
        let containers = self.containers(item);
        let own = |path: &KeyPath| {
            path.keys()
                .next()
                .is_some_and(|key| OWN_FIELDS.contains(&key))
        };
        for written in annotations.iter().chain(&volumes) {
            // the annotations of a workload that is its own pod
            if own(&written.path) && !written.path.is(&["metadata", "annotations"]) {
                self.no_pods(written.node);
            }
        }
        for written in &containers {
            let first = written.path.lists.first().unwrap_or(&written.path.inner);
            if own(first) {
                self.no_pods(written.node);
            }
        }
        let mapping = Mapping {
            annotations: annotations.map_or(usual.annotations, |written| written.path),
            volumes: volumes.map_or(usual.volumes, |written| written.path),
            containers: match containers.is_empty() {
                true => usual.containers,
                false => containers.into_iter().map(|written| written.path).collect(),
            },
            workload_ref: None,
        };
        if let Some([one, other]) = overlap(&mapping) {
            let message = format!(
                "{one} and {other} are the same place, or one is inside of the \
             other"
            );
            self.wrong(self.tree.span(item), &message);
        }
        mapping
    }

    fn containers(&mut self, item: NodeId) -> Vec<Written<ContainerPath>> {
        let items = match self.tree.read_items(item, &["containers"]) {
            Reading::Value(items) => items,
            Reading::Absent => return Vec::new(),
            Reading::NotReadable(why) => {
                self.wrong(why.span, "cannot be read behind an alias or a merge key");
                return Vec::new();
            }
        };
        if items.len() > limits::MAPPING_ENTRIES {
            self.too_many(items[limits::MAPPING_ENTRIES], "containers");
            return Vec::new();
        }
        items
            .into_iter()
            .filter_map(|item| self.container(item))
            .collect()
    }

    fn container(&mut self, item: NodeId) -> Option<Written<ContainerPath>> {
        let Some(Written { path: steps, node }) = self.steps(item, "path") else {
            if self.tree.read_member(item, "path") == Reading::Absent {
                self.wrong(self.tree.span(item), "`path` is missing");
            }
            return None;
        };
        let name = self.fixed(item, "name").map(|written| written.path);
        let env = self.fixed(item, "env");
        let mounts = self.fixed(item, "volumeMounts");
        let mut lists = Vec::new();
        let mut keys = Vec::new();
        for step in steps {
            match step {
                JsonPathStep::Key(key) => keys.push(key),
                JsonPathStep::Each if keys.is_empty() => {
                    self.wrong(self.tree.span(node), "`[*]` needs a field before it");
                    return None;
                }
                JsonPathStep::Each => lists.push(KeyPath::Given(std::mem::take(&mut keys))),
            }
        }
        let called = keys.last().map(String::as_str);
        let called = called.or_else(|| lists.last().and_then(KeyPath::last));
        let path = ContainerPath {
            default_name: match name {
                None => called.map(|called| Cow::Owned(called.to_owned())),
                Some(_) => None,
            },
            init: called == Some("initContainers"),
            name,
            env: env.map_or(KeyPath::Fixed(&["env"]), |written| written.path),
            mounts: mounts.map_or(KeyPath::Fixed(&["volumeMounts"]), |written| written.path),
            inner: KeyPath::Given(keys),
            lists: lists.into(),
        };
        Some(Written { path, node })
    }

    /// A path of fields alone.
    fn fixed(&mut self, item: NodeId, key: &str) -> Option<Written<KeyPath>> {
        let Written { path: steps, node } = self.steps(item, key)?;
        let mut keys = Vec::with_capacity(steps.len());
        for step in steps {
            match step {
                JsonPathStep::Key(key) => keys.push(key),
                JsonPathStep::Each => {
                    let message = format!("`{key}` must be a path of fields, without `[*]`");
                    self.wrong(self.tree.span(node), &message);
                    return None;
                }
            }
        }
        Some(Written {
            path: KeyPath::Given(keys),
            node,
        })
    }

    fn steps(&mut self, item: NodeId, key: &str) -> Option<Written<Vec<JsonPathStep>>> {
        let node = match self.tree.read_member(item, key) {
            Reading::Value(node) => node,
            Reading::Absent => return None,
            Reading::NotReadable(why) => {
                self.wrong(why.span, "cannot be read behind an alias or a merge key");
                return None;
            }
        };
        let span = self.tree.span(node);
        let Some(text) = self.text(item, key) else {
            self.wrong(span, &format!("`{key}` must be a text with a JSONPath"));
            return None;
        };
        match json_path::parse(text) {
            Ok(path) => Some(Written { path, node }),
            Err(not_read) => {
                let message = format!("coupler does not read {not_read} of this JSONPath");
                let error = self
                    .error(span, &message)
                    .help("a path has fields (`.spec.template`, `['a.b']`) and `[*]` only");
                self.errors.push(error);
                None
            }
        }
    }

    fn text(&self, item: NodeId, key: &str) -> Option<&'t str> {
        let node = self.tree.read_member(item, key).shown()?;
        (self.tree.kind(node) != Kind::Mapping).then(|| self.tree.str(node))?
    }

    fn no_pods(&mut self, node: NodeId) {
        let fields = OWN_FIELDS.map(|field| format!("`{field}`"));
        let message = format!("{} cannot contain pods", list_all(&fields));
        self.wrong(self.tree.span(node), &message);
    }

    fn too_many(&mut self, node: NodeId, what: &str) {
        let most = limits::MAPPING_ENTRIES;
        let message = format!("a mapping has at most {most} {what}");
        let error = Diagnostic::error(Code::LimitExceeded, message)
            .at(self.place(node), "the first one beyond the limit")
            .help("remove those that no workload of the run uses")
            .on(self.subject());
        self.errors.push(error);
    }

    fn wrong(&mut self, span: Span, message: &str) {
        let error = self.error(span, message);
        self.errors.push(error);
    }

    fn error(&self, span: Span, message: &str) -> Diagnostic {
        let at = self.place_of(span);
        Diagnostic::error(Code::InvalidField, message.to_owned())
            .at(at, "in this mapping")
            .on(self.subject())
    }

    fn subject(&self) -> Subject {
        let text = |path: &[&str]| self.tree.read_text(self.root, path).shown();
        let found = type_of(self.tree, self.root);
        Subject {
            api_version: found.map_or(String::new(), |found| found.api_version.into_owned()),
            kind: KIND.to_owned(),
            namespace: None,
            name: text(&["metadata", "name"]).unwrap_or_default().to_owned(),
        }
    }

    fn place(&self, node: NodeId) -> Place {
        self.place_of(self.tree.span(node))
    }

    fn place_of(&self, span: Span) -> Place {
        place(self.start, span)
    }
}

/// A collection of a mapping, by what it is called and where it is.
struct MappedPart<'m> {
    called: String,
    keys: Vec<&'m str>,
}

/// Two collections that are one, or one in the other, as far as keys show.
fn overlap(mapping: &Mapping) -> Option<[String; 2]> {
    let mut all = vec![
        MappedPart {
            called: "`annotations`".to_owned(),
            keys: mapping.annotations.keys().collect(),
        },
        MappedPart {
            called: "`volumes`".to_owned(),
            keys: mapping.volumes.keys().collect(),
        },
    ];
    for (index, path) in mapping.containers.iter().enumerate() {
        let called = |what: &str| format!("`containers[{index}].{what}`");
        match path.lists.first() {
            Some(list) => {
                all.push(MappedPart {
                    called: called("path"),
                    keys: list.keys().collect(),
                });
                if path.env.starts_with(&path.mounts) || path.mounts.starts_with(&path.env) {
                    return Some([called("env"), called("volumeMounts")]);
                }
            }
            None => {
                for (what, part) in [("env", &path.env), ("volumeMounts", &path.mounts)] {
                    all.push(MappedPart {
                        called: called(what),
                        keys: path.inner.keys().chain(part.keys()).collect(),
                    });
                }
            }
        }
    }
    all.sort_by(|one, other| one.keys.cmp(&other.keys));
    // several lists of containers may begin with one
    let is_list = |one: &MappedPart<'_>| one.called.ends_with("path`");
    for (index, outer) in all.iter().enumerate() {
        let inside = all[index + 1..]
            .iter()
            .take_while(|inner| inner.keys.starts_with(&outer.keys))
            .find(|inner| !(is_list(outer) && is_list(inner)));
        if let Some(inner) = inside {
            return Some([outer.called.clone(), inner.called.clone()]);
        }
    }
    None
}

#[cfg(test)]
mod tests;
