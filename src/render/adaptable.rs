//! Gives Adapters the objects of the input: found by the scan, and read once an Adapter needs one.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::rc::Rc;

use super::lookup::Finder;
use super::names::Names;
use crate::couple::{AdaptableObjects, FoundObject, KindName, ObjectContent};
use crate::manifest::path::{self, Step};
use crate::manifest::stream::{Object, StreamObject, group, metadata};
use crate::manifest::{NodeId, Tree};

fn is_of(entry: &StreamObject<'_>, kind: KindName<'_>) -> bool {
    group(&entry.api_version) == kind.group
}

impl Names<'_, '_> {
    /// The objects of one name, which a former name may lead to.
    fn found(
        &self,
        entries: &[&StreamObject<'_>],
        kind: KindName<'_>,
        namespace: Option<&str>,
        name: &str,
    ) -> Option<FoundObject> {
        let mut of_kind = entries.iter().filter(|entry| is_of(entry, kind));
        let first = of_kind.next()?;
        let is_twice = of_kind.any(|other| other.catalogue == first.catalogue);
        let current = match self.renamed() {
            false => None,
            true => self.current_name(first.object),
        };
        Some(FoundObject {
            object: first.object,
            namespace: namespace.map(str::to_owned),
            name: current.unwrap_or_else(|| name.to_owned()),
            catalogue: first.catalogue,
            is_twice,
        })
    }

    fn current_name(&self, object: Object) -> Option<String> {
        let name = metadata(self.tree(object)?, object.node, "name").known();
        name.ok()?.map(str::to_owned)
    }
}

impl AdaptableObjects for Finder<'_, '_, '_> {
    fn has_kind(&self, kind: KindName<'_>) -> bool {
        let mut of_kind = self.names().stream.of_kind(kind.kind);
        of_kind.any(|entry| is_of(entry, kind))
    }

    fn namespaces(&self, kind: KindName<'_>) -> Vec<Option<String>> {
        let objects = self.names().kind(kind.kind);
        let owned = |name: &Cow<'_, str>| name.clone().into_owned();
        let namespaces = objects.named.keys();
        namespaces.map(|name| name.as_ref().map(owned)).collect()
    }

    fn all(&self, kind: KindName<'_>, namespace: Option<&str>) -> Rc<[FoundObject]> {
        let key = (
            kind.group.to_owned(),
            kind.kind.to_owned(),
            namespace.map(str::to_owned),
        );
        if let Some(known) = self.found_lists().lists.borrow().get(&key) {
            return Rc::clone(known);
        }
        let objects = self.names().kind(kind.kind);
        let named = objects.named.get(&namespace.map(Cow::Borrowed));
        let mut seen = BTreeSet::new();
        let mut all = Vec::new();
        for (name, entries) in named.into_iter().flatten() {
            let found = self.names().found(entries, kind, namespace, name);
            all.extend(found.filter(|found| seen.insert(found.object)));
        }
        let all: Rc<[FoundObject]> = all.into();
        let mut lists = self.found_lists().lists.borrow_mut();
        lists.insert(key, Rc::clone(&all));
        all
    }

    fn named(
        &self,
        kind: KindName<'_>,
        namespace: Option<&str>,
        name: &str,
    ) -> Option<FoundObject> {
        let objects = self.names().kind(kind.kind);
        let named = objects.named.get(&namespace.map(Cow::Borrowed))?;
        let entries = named.get(name)?;
        self.names().found(entries, kind, namespace, name)
    }

    fn content(&self, object: Object) -> Result<ObjectContent, String> {
        let names = self.names();
        let tree = names.tree(object).ok_or("it cannot be read")?;
        let read = names.as_written(tree, object, |written| written.tree().json(written.node));
        let value = read.map_err(|_| "it has an alias, a merge key or a tag")?;
        let name = tree.span(name_node(tree, object.node));
        Ok(ObjectContent {
            value,
            at: names.stream.place(object.document, name),
        })
    }
}

/// Where an object has its name.
fn name_node(tree: &Tree<'_>, object: NodeId) -> NodeId {
    let steps = ["metadata", "name"].map(|key| Step::Key(key.to_owned()));
    path::find(tree, object, &steps).unwrap_or(object)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;
    use crate::api::Settings;
    use crate::couple::{CouplingInput, adapt};
    use crate::diagnostic::Findings;
    use crate::manifest::stream::Stream;
    use crate::project::BUILT_IN;
    use crate::render::own_objects::OwnObjects;

    /// What adapting a text gives, and how many documents were read for it.
    fn adapted(text: &str) -> (CouplingInput, usize) {
        let mut stream = Stream::default();
        stream.add(0, text, false);
        let settings = Settings::default();
        let mut ours = OwnObjects::decode(&stream, &settings, &mut Findings::new()).integrations;
        let names = Names::new(&stream, None, &BUILT_IN);
        adapt(&mut ours, &Finder::new(&names), &mut Findings::new());
        (ours, stream.kept())
    }

    fn clusters(count: usize, namespace: impl Fn(usize) -> String) -> String {
        (0..count).fold(String::new(), |mut text, n| {
            let namespace = namespace(n);
            write!(
                text,
                "---\napiVersion: postgresql.cnpg.io/v1\nkind: Cluster\nmetadata:\n  name: pg{n}\n  \
                 namespace: {namespace}\nspec:\n  instances: 1\n"
            )
            .unwrap();
            text
        })
    }

    fn plug(interface: &str, namespace: &str) -> String {
        format!(
            "---\napiVersion: integration.rock8s.com/v1\nkind: Plug\nmetadata: {{name: p, namespace: {namespace}}}\n\
             spec: {{interface: {{name: {interface}}}, workloads: [{{name: w}}]}}\n"
        )
    }

    #[test]
    fn objects_that_no_plug_wants_are_not_read() {
        let all = clusters(500, |_| "data".to_owned());
        let (ours, read) = adapted(&all);
        assert_eq!((ours.sockets.len(), read), (0, 0));
        let (ours, read) = adapted(&(all.clone() + &plug("redis", "data")));
        assert_eq!((ours.sockets.len(), read), (0, 0));
        let written = "---\napiVersion: integration.rock8s.com/v1\nkind: Socket\n\
            metadata: {name: s, namespace: data}\nspec: {interface: {name: postgresql, versions: [1.0.0]}}\n";
        let (ours, read) = adapted(&(all + written + &plug("postgresql", "data")));
        assert_eq!((ours.sockets.len(), read), (1, 0));
    }

    #[test]
    fn only_the_objects_of_the_namespace_are_read() {
        let all = clusters(500, |n| format!("n{n}"));
        let (ours, read) = adapted(&(all + &plug("postgresql", "n7")));
        // the primary, and the replicas that are found by name
        assert_eq!((ours.sockets.len(), read), (3, 1));
    }
}
