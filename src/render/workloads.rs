//! Changes the workloads of a run, those that a Plug names and those that were coupled before: each
//! is read once, changed, and dropped.

use std::collections::{BTreeMap, BTreeSet};

use super::absent::Absent;
use super::authors::AuthorsObject;
use super::bound_by::{BoundBy, bound_by};
use super::config_maps::{BoundConfig, ChangedConfigMap, ConfigDigests};
use super::followed_names::WrittenNames;
use super::hooks::{self, HookRef};
use super::names::Names;
use super::own_objects::OwnObjects;
use super::remarks::RunRemarks;
use super::{fields, followed_names, lookup, select, service_bindings, workload_remedy};
use crate::api::{Binder, ContainerBindings, ObjectForm, Settings, TooManyLooks, WorkloadRef};
use crate::couple::{
    BinderId, Bindings, CouplingResult, Directory, FieldEntry, FilesEntry, KeyExtent, Objects,
    Target,
};
use crate::diagnostic::{Code, Diagnostic, Findings};
use crate::limits;
use crate::manifest::stream::{DocumentSearch, Object, metadata, type_of};
use crate::manifest::{NodeId, Place, Reading, Tree, emit};
use crate::project::{
    self, BroughtNames, Chosen, ContainerNames, ContainerTarget, Desired, DesiredCoupling,
    DocumentRef, Entry, EnvFromObject, EnvFromVars, Sources,
};

/// A Plug or a Socket, and what of it names the object.
#[derive(Clone)]
pub(super) struct Pick<'c> {
    binder: BinderId,
    by: PickedBy<'c>,
}

/// What of a Plug or a Socket names an object.
#[derive(Clone)]
enum PickedBy<'c> {
    /// An entry of its `workloads`.
    Workload(&'c WorkloadRef),
    /// Entries of its `bind.fields`, by position.
    Fields(Vec<usize>),
}

impl<'c> Pick<'c> {
    /// The entry of `workloads`, if it is one.
    fn workload(&self) -> Option<&'c WorkloadRef> {
        match self.by {
            PickedBy::Workload(wanted) => Some(wanted),
            PickedBy::Fields(_) => None,
        }
    }

    /// Whether it is by an entry of `bind.fields` of this Plug or Socket that writes a
    /// ConfigMap.
    fn is_config_map(&self, binder: Binder<'_>) -> bool {
        match &self.by {
            PickedBy::Workload(_) => false,
            PickedBy::Fields(positions) => positions
                .iter()
                .any(|&position| binder.fields[position].form == ObjectForm::ConfigMap),
        }
    }

    /// Whether it is by this entry of `bind.fields`.
    fn has_field(&self, binding: usize) -> bool {
        match &self.by {
            PickedBy::Workload(_) => false,
            PickedBy::Fields(positions) => positions.contains(&binding),
        }
    }
}

/// Who names the workloads of every touched document, by the document's position in the run, then
/// by node.
pub(super) type Touched<'c> = BTreeMap<usize, BTreeMap<NodeId, Vec<Pick<'c>>>>;

/// Chooses the workloads of every Plug and Socket, and those that may carry the record of an earlier run.
pub(super) fn choose<'c>(
    names: &Names<'_, '_>,
    ours: &'c OwnObjects,
    out: &mut Findings,
) -> Touched<'c> {
    let mut touched = match picked(names, ours, out) {
        Ok(picked) => picked,
        Err(too_many) => {
            // nothing is emitted, so nothing needs to be projected
            out.report(too_many);
            return Touched::new();
        }
    };
    let mut coupled = DocumentSearch::new(&[project::COUPLED]);
    let entries = names.stream.entries().iter();
    for entry in entries.filter(|entry| !entry.catalogue) {
        if coupled.has(names.stream, entry.object.document) {
            touch(&mut touched, entry.object);
        }
    }
    touched
}

/// The workloads that Plugs and Sockets name, up to [`limits::WORKLOADS`] together.
fn picked<'c>(
    names: &Names<'_, '_>,
    ours: &'c OwnObjects,
    out: &mut Findings,
) -> Result<Touched<'c>, Diagnostic> {
    let mut touched = Touched::new();
    let mut room = limits::WORKLOADS;
    for (id, binder) in ours.integrations.binders() {
        for wanted in binder.workloads {
            let found = select::workloads(names, binder, wanted, out);
            let found = found.map_err(|TooManyLooks| too_many_workloads(binder, wanted))?;
            room = room
                .checked_sub(found.len())
                .ok_or_else(|| too_many_workloads(binder, wanted))?;
            for object in found {
                let by = PickedBy::Workload(wanted);
                touch(&mut touched, object).push(Pick { binder: id, by });
            }
        }
        let found = fields::objects(names, binder, out);
        let found = found.map_err(|TooManyLooks| too_many_fields(binder))?;
        for (object, positions) in found {
            let by = PickedBy::Fields(positions);
            touch(&mut touched, object).push(Pick { binder: id, by });
        }
    }
    Ok(touched)
}

/// Who names an object, which is touched from now on.
fn touch<'t, 'c>(touched: &'t mut Touched<'c>, object: Object) -> &'t mut Vec<Pick<'c>> {
    let Object { document, node } = object;
    let nodes = touched.entry(document).or_default();
    nodes.entry(node).or_default()
}

fn too_many_workloads(binder: Binder<'_>, wanted: &WorkloadRef) -> Diagnostic {
    let message = "the Plugs of this run select from too many workloads";
    Diagnostic::error(Code::LimitExceeded, message)
        .at(wanted.at, "the first one beyond the limit")
        .help("name the workloads, use labels that fewer workloads have, or render fewer at a time")
        .on(binder.subject())
}

fn too_many_fields(binder: Binder<'_>) -> Diagnostic {
    let message = "the Plugs of this run select from too many objects";
    Diagnostic::error(Code::LimitExceeded, message)
        .at(binder.meta.name.at, "the first one beyond the limit")
        .help("render fewer at a time")
        .on(binder.subject())
}

/// Projects onto every touched document; the new texts, by the document's position in the run.
pub(super) fn project(
    names: &Names<'_, '_>,
    ours: &OwnObjects,
    coupled: &CouplingResult,
    touched: Touched<'_>,
    settings: &Settings,
    sources: Sources,
    out: &mut Findings,
) -> BTreeMap<usize, String> {
    // an object that is defined twice is no concern of ours as long as no Plug refers to it
    let objects = lookup::Finder::new(names);
    let absent = Absent::new(ours, names.stream, settings);
    let mut run = Projection {
        config_digests: ConfigDigests::new(),
        names,
        ours,
        bound: bound_by(ours, coupled, sources),
        absent,
        objects,
        sources,
    };
    run.config_digests = run.config_digests(&touched, out);
    let mut texts = BTreeMap::new();
    let mut remarks = RunRemarks::default();
    for (document, workloads) in touched {
        let projected = names.once(document, |tree| {
            let mut desired = Vec::new();
            for (&node, picks) in &workloads {
                desired.extend(run.desired(tree, Object { document, node }, picks, out));
            }
            project::project(
                names.document(document, tree),
                &desired,
                settings.discard_edits,
            )
        });
        let Some(projected) = projected else { continue };
        out.extend(projected.diagnostics);
        remarks.add(projected.remarks);
        texts.extend(projected.text.map(|text| (document, text)));
    }
    remarks.report(&ours.integrations, out);
    texts
}

/// What is known of a run by the time its workloads are read.
struct Projection<'o, 'n, 'r, 'a> {
    names: &'n Names<'r, 'a>,
    ours: &'o OwnObjects,
    bound: BTreeMap<BinderId, BoundBy<'o>>,
    absent: Absent<'o>,
    objects: lookup::Finder<'n, 'r, 'a>,
    sources: Sources,
    config_digests: ConfigDigests,
}

impl<'o> Projection<'o, '_, '_, '_> {
    /// What Plugs and Sockets write into ConfigMaps, which is known before any workload is projected onto: the
    /// pods that read them have a digest of it.
    fn config_digests(&self, touched: &Touched<'_>, out: &mut Findings) -> ConfigDigests {
        let mut by_binder: BTreeMap<BinderId, BoundConfig> = BTreeMap::new();
        for (&document, objects) in touched {
            for (&node, picks) in objects {
                let is_config = |pick: &Pick<'_>| {
                    pick.is_config_map(self.ours.integrations.binder(pick.binder))
                };
                if picks.iter().any(is_config) {
                    let object = Object { document, node };
                    self.names.once(document, |tree| {
                        self.config_of(tree, object, picks, &mut by_binder);
                    });
                }
            }
        }
        let mut digests = ConfigDigests::new();
        for (id, config) in by_binder {
            config.judge(self.ours.integrations.binder(id), out);
            digests.extend(config.digest().map(|digest| (id, digest)));
        }
        digests
    }

    /// What is written into one ConfigMap.
    fn config_of(
        &self,
        tree: &Tree<'_>,
        object: Object,
        picks: &[Pick<'_>],
        by_binder: &mut BTreeMap<BinderId, BoundConfig>,
    ) {
        // it is reported when the ConfigMap is projected onto
        let mut unreported = Findings::new();
        let Some(desired) = self.desired(tree, object, picks, &mut unreported) else {
            return;
        };
        let document = self.names.document(object.document, tree);
        let written = project::written_fields(document, &desired);
        for pick in picks {
            let Some(bound) = self.bound.get(&pick.binder) else {
                continue;
            };
            let of_binder = written
                .iter()
                .filter(|field| field.owner == bound.owner && field.is_data());
            let of_binder: Vec<_> = of_binder.cloned().collect();
            let at = |node| self.names.stream.place(object.document, tree.span(node));
            let map = ChangedConfigMap::read(tree, object.node, at);
            let config = by_binder.entry(pick.binder).or_default();
            config.add(map, &of_binder);
        }
    }

    /// What a workload is to look like; `None`: as it does.
    fn desired(
        &self,
        tree: &Tree<'_>,
        object: Object,
        picks: &[Pick<'_>],
        out: &mut Findings,
    ) -> Option<Desired<'o>> {
        let mut couplings = Vec::new();
        let document = self.names.document(object.document, tree);
        let containers = match ContainerNames::read(document, object.node) {
            Ok(containers) => containers,
            // whether it was coupled before, and so must be read, project knows
            Err(_) if picks.iter().all(|pick| pick.workload().is_none()) => {
                ContainerNames::default()
            }
            Err(error) => {
                let at = self.names.place_in(tree, object);
                let error = error.at(at, "this workload");
                out.report(
                    picks
                        .iter()
                        .filter_map(Pick::workload)
                        .take(1)
                        .fold(error, |error, wanted| error.at(wanted.at, "named here")),
                );
                return None;
            }
        };
        let mut variables = 0;
        let mut referred = Vec::new();
        let known = document.kinds.of_object(tree, object.node);
        for picks in picks.chunk_by(|a, b| a.binder == b.binder) {
            let chosen = self.containers(&containers, tree, object, picks, out);
            let chosen = chosen.names(&containers);
            let Some(bound) = self.bound.get(&picks[0].binder) else {
                continue;
            };
            let is_asked =
                |field: &&FieldEntry| picks.iter().any(|pick| pick.has_field(field.binding));
            let fields: Vec<&FieldEntry> = bound.written.fields.iter().filter(is_asked).collect();
            let written = WrittenNames {
                binder: self.binder(picks),
                written: bound.written,
                object,
                tree,
                into_pods: !chosen.is_empty(),
                fields: fields.clone(),
            };
            followed_names::judge(&self.objects, self.names, &written, out);
            let mut fields = project::lower_fields(fields.into_iter(), known);
            let digest = self.config_digests.get(&picks[0].binder);
            let by_workload = picks.iter().find_map(Pick::workload);
            if let (Some(digest), Some(wanted)) = (digest, by_workload) {
                fields.push(project::config_digest_entry(bound.owner, digest, wanted.at));
            }
            // a workload that gets nothing into its containers has a record too
            let is_recorded =
                by_workload.is_some() && self.binder(picks).containers == ContainerBindings::None;
            if !chosen.is_empty() || !fields.is_empty() || is_recorded {
                let files = bound.written.directories().map(|files| files.files.len());
                variables += chosen.len() * bound.written.variables().count().max(1) + fields.len();
                variables += files.sum::<usize>();
                if couplings.len() == limits::WORKLOAD_PLUGS
                    || variables > limits::WORKLOAD_VARIABLES
                {
                    out.report(too_much(self.names.place_in(tree, object)));
                    return None;
                }
                let binder = self.binder(picks);
                match targets(document, object.node, bound.written, chosen, binder) {
                    Ok(targets) => couplings.push(coupled(bound, &targets, fields)),
                    Err(error) => {
                        out.report(*error);
                    }
                }
                if !chosen.is_empty() {
                    referred.extend(bound.written.objects());
                }
            }
        }
        couplings.sort_by_key(|coupling| coupling.owner);
        let namespace = match self.names.namespace_of(tree, object.node) {
            Ok(namespace) => namespace,
            Err(why) => {
                let at = |span| self.names.stream.place(object.document, span);
                out.report(Diagnostic::not_readable(
                    "the namespace of a coupled workload",
                    &why,
                    at,
                ));
                return None;
            }
        };
        let kind = type_of(tree, object.node).map_or("object".into(), |found| found.kind);
        let name = metadata(tree, object.node, "name").known().ok().flatten();
        let workload = HookRef {
            tree,
            object,
            namespace: namespace.as_deref(),
            called: &format!("{kind} `{}`", name.unwrap_or_default()),
        };
        hooks::judge(
            &self.objects,
            self.names,
            workload,
            referred.into_iter(),
            out,
        );
        let record = project::record(tree, object.node);
        match &record {
            None if couplings.is_empty() => return None,
            Some(Ok(record)) => {
                let at = self.names.place_in(tree, object);
                if self
                    .absent
                    .leave(record, namespace.as_ref(), couplings.is_empty(), at, out)
                {
                    return None;
                }
            }
            None | Some(Err(_)) => {} // project reports what is wrong with it
        }
        let brought = match couplings.is_empty() {
            true => Vec::new(),
            false => self.names.as_written(tree, object, |written| {
                self.brought(written, namespace.as_deref())
            }),
        };
        Some(Desired {
            object: object.node,
            record,
            couplings,
            brought,
            sources: self.sources,
        })
    }

    /// The containers that one Plug or Socket chooses.
    fn containers<'t>(
        &self,
        containers: &ContainerNames<'t>,
        tree: &Tree<'_>,
        object: Object,
        picks: &[Pick<'_>],
        out: &mut Findings,
    ) -> Chosen<'t> {
        let mut all = false;
        let mut named = BTreeSet::new();
        out.extend(service_bindings::unknown_containers(
            self.binder(picks),
            containers,
            || self.names.place_in(tree, object),
        ));
        let binder = self.binder(picks);
        let needs_none = |wanted: &&WorkloadRef| {
            binder.containers == ContainerBindings::None && wanted.containers.is_empty()
        };
        let by_workload = picks.iter().filter_map(Pick::workload);
        for wanted in by_workload.filter(|wanted| !needs_none(wanted)) {
            let paste = |names: Vec<String>| {
                let names: Vec<_> = names.iter().map(|name| emit::flow_string(name)).collect();
                let line = format!("containers: [{}]", names.join(", "));
                workload_remedy::with_members(binder, wanted, line.into())
            };
            match project::choose(containers, &wanted.containers, binder.kind, paste) {
                Ok(Chosen::All) => all = true,
                Ok(Chosen::Named(names)) => named.extend(names),
                Err(error) => {
                    let at = self.names.place_in(tree, object);
                    out.report((*error).at(at, "this workload").at(wanted.at, "named here"));
                }
            }
        }
        if all {
            Chosen::All
        } else {
            Chosen::Named(named.into_iter().collect())
        }
    }

    /// The Plug or the Socket of some picks, which all have the same.
    fn binder(&self, picks: &[Pick<'_>]) -> Binder<'_> {
        self.ours.integrations.binder(picks[0].binder)
    }

    /// Finds out which variables the `envFrom` of a workload defines: only key names are looked at.
    fn brought(&self, object: &AuthorsObject<'_>, namespace: Option<&str>) -> Vec<EnvFromVars> {
        let known = |object: EnvFromObject<'_>| {
            let EnvFromObject { kind, name, prefix } = object;
            let keys = self.objects.key_names(&Target {
                api_version: "v1",
                kind: kind.object(),
                namespace,
                name,
            });
            let Some(keys) = keys else {
                return vec![BroughtNames::Unseen];
            };
            let unseen = (keys.extent == KeyExtent::Some).then_some(BroughtNames::Unseen);
            let names = BroughtNames::Known {
                prefix: prefix.to_owned(),
                keys,
            };
            [names].into_iter().chain(unseen).collect()
        };
        let mut brought = Vec::new();
        // where the containers cannot be read, project reports it
        let (tree, kinds) = (object.tree(), self.names.workload_kinds);
        for from in project::env_from(tree, object.node, kinds).unwrap_or_default() {
            let all = match from.object {
                Reading::Value(object) => known(object),
                Reading::Absent => vec![BroughtNames::Unseen],
                Reading::NotReadable(why) => vec![BroughtNames::NotReadable(why)],
            };
            brought.extend(all.into_iter().map(|names| EnvFromVars {
                container: from.container.to_owned(),
                span: object.span(tree.span(from.node)),
                names,
            }));
        }
        brought
    }
}

/// What is written for one Plug or Socket into the containers of a workload, and into its fields.
fn coupled<'o>(
    bound: &BoundBy<'o>,
    containers: &[ContainerTarget<'_>],
    fields: Vec<Entry<'o>>,
) -> DesiredCoupling<'o> {
    let mut entries = match containers {
        [] => Vec::new(),
        containers => project::lower(&bound.written.deliveries, containers),
    };
    entries.extend(fields);
    DesiredCoupling {
        owner: bound.owner,
        socket: bound.names.socket.clone(),
        interface: bound.names.interface.clone(),
        catalogue: bound.supplied.clone(),
        entries,
        default_env: bound.names.default_env.as_ref(),
        at: bound.names.at,
    }
}

/// The containers that get what is written, each with the directory of its bindings where
/// that counts.
fn targets<'c>(
    document: DocumentRef<'_>,
    object: NodeId,
    written: &Bindings,
    containers: &[&'c str],
    binder: Binder<'_>,
) -> Result<Vec<ContainerTarget<'c>>, Box<Diagnostic>> {
    let is_below_root = |files: &&FilesEntry| matches!(*files.directory, Directory::BelowRoot(_));
    let roots = match written.directories().find(is_below_root) {
        Some(files) => project::binding_roots(document, object, containers, binder)
            .map_err(|error| Box::new(error.at(files.at, "asks for files")))?,
        None => vec![String::new(); containers.len()],
    };
    let targets = containers.iter().zip(roots);
    Ok(targets
        .map(|(&name, root)| ContainerTarget { name, root })
        .collect())
}

fn too_much(at: Place) -> Diagnostic {
    let (plugs, variables) = (limits::WORKLOAD_PLUGS, limits::WORKLOAD_VARIABLES);
    let message = format!(
        "one workload is coupled by at most {plugs} Plugs, and gets at most {variables} variables and files"
    );
    Diagnostic::error(Code::LimitExceeded, message)
        .at(at, "this workload")
        .help("bind fewer variables, or couple fewer containers")
}
