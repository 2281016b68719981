//! Bake: a plan into grafts, and the record of it.

use super::graft::{Graft, Refusal, reachable};
use super::lens::content;
use super::meant::Meant;
use super::plan::{ContainerPlan, Placed, Plan, Spot};
use super::record::{COUPLED, PlugRecord, Record, is_content, plug_key};
use super::workload::Workload;
use super::{Wanted, WantedCoupling, cut, digest, lines};
use crate::manifest::{Kind, NodeId, Style, Tree};

/// What a workload gets, and the record of it.
#[derive(Debug, Default)]
pub(super) struct Baked<'w> {
    pub(super) grafts: Vec<Graft<'w>>,
    pub(super) record: Record,
    /// Bytes of the record as written.
    pub(super) written: usize,
}

/// The grafts of one workload that holds nothing of ours.
pub(super) fn bake<'w>(workload: &Workload<'_>, plan: &Plan<'w>, wanted: &Wanted<'_>) -> Result<Baked<'w>, Refusal> {
    let mut baked = Baked { grafts: Vec::new(), record: listed(workload, plan, &wanted.couplings), written: 0 };
    baked.record.omitted = wanted.omitted;
    for container in &plan.containers {
        baked.container(workload, container)?;
    }
    baked.metadata(workload.tree, workload.root)?;
    Ok(baked)
}

/// What a plan comes to, as the record lists it: Plugs, containers, variables, digests.
pub(super) fn listed(workload: &Workload<'_>, plan: &Plan<'_>, couplings: &[WantedCoupling<'_>]) -> Record {
    let mut record = Record::default();
    for coupling in couplings {
        let plug = record.plugs.entry(plug_key(coupling.plug)).or_default();
        plug.socket.clone_from(&coupling.socket);
        plug.interface.clone_from(&coupling.interface);
    }
    for container in &plan.containers {
        let name = workload.containers[container.container].name;
        for placed in &container.new {
            let plug = record.plugs.entry(plug_key(placed.plug)).or_default();
            let variables = plug.env.entry(name.to_owned()).or_default();
            variables.insert(placed.entry.name.clone(), digest::of_source(&placed.entry.source));
        }
    }
    record
}

impl<'w> Baked<'w> {
    fn container(&mut self, workload: &Workload<'_>, plan: &ContainerPlan<'w>) -> Result<(), Refusal> {
        let tree = workload.tree;
        let held = &workload.containers[plan.container];
        let mut runs: Vec<(Option<NodeId>, Vec<Meant<'w>>)> = Vec::new();
        for placed in &plan.new {
            let before = match placed.spot {
                Spot::Swap { entry, .. } => {
                    self.swap(tree, held.name, entry, placed)?;
                    continue;
                }
                Spot::Before(entry) => Some(entry),
                Spot::Last => None,
            };
            match runs.last_mut() {
                Some((spot, items)) if *spot == before => items.push(Meant::entry(placed.entry)),
                _ => runs.push((before, vec![Meant::entry(placed.entry)])),
            }
        }
        if runs.is_empty() {
            return Ok(());
        }
        let place = format!("env/{}", held.name);
        let Some(env) = tree.get(held.node, "env") else {
            let items = runs.into_iter().flat_map(|(_, items)| items).collect();
            self.record.made.push(place);
            self.grafts.push(Graft::Members { mapping: held.node, members: vec![("env".into(), Meant::List(items))] });
            return Ok(());
        };
        if tree.kind(env) == Kind::Sequence {
            if let Some(unnamed) =
                tree.children(env).find(|&item| tree.kind(item) != Kind::Mapping || merges(tree, item))
            {
                return reachable(tree, unnamed).and(Err(refusal(
                    tree,
                    unnamed,
                    "an entry of `env` has no name of its own",
                )));
            }
            self.grafts.extend(runs.into_iter().map(|(before, items)| Graft::Items { list: env, before, items }));
            return Ok(());
        }
        let items = runs.into_iter().flat_map(|(_, items)| items).collect();
        self.fill(tree, env, place, Meant::List(items))
    }

    fn swap(&mut self, tree: &Tree<'_>, container: &str, entry: NodeId, placed: &Placed<'w>) -> Result<(), Refusal> {
        let new = Meant::content(&placed.entry.source);
        let members: Vec<NodeId> = content(tree, entry).collect();
        let was = match members[..] {
            [] => {
                self.grafts.push(Graft::Members { mapping: entry, members: vec![new] });
                String::new()
            }
            [member] => {
                let node = tree.node(member);
                let start = node.key.unwrap_or_default().start as usize;
                let margin = " ".repeat(lines::column(tree.text(), start));
                let was = cut::dedented(&tree.text()[start..node.span.end as usize], &margin);
                self.grafts.push(Graft::Swap { member, new });
                was.ok_or_else(|| refusal(tree, entry, "the value to be replaced is indented irregularly"))?
            }
            _ => return Err(refusal(tree, entry, "the entry to be replaced has more than one value")),
        };
        if !is_content(&was) {
            return Err(refusal(tree, entry, "the entry to be replaced holds something else than a value"));
        }
        let plug = self.record.plugs.entry(plug_key(placed.plug)).or_default();
        plug.was.insert(format!("env/{container}/{}", placed.entry.name), was);
        Ok(())
    }

    /// Puts a collection where nothing stands, or null.
    fn fill(&mut self, tree: &Tree<'_>, node: NodeId, place: String, value: Meant<'w>) -> Result<(), Refusal> {
        let end = tree.span(node).end as usize;
        if !is_nothing(tree, node) {
            reachable(tree, node)?;
            let kind = if matches!(value, Meant::List(_)) { "list" } else { "mapping" };
            let key = tree.key(node).unwrap_or_default();
            let help = match value {
                Meant::List(_) => {
                    format!("write it as a list:\n  {key}:\n    - name: A_NAME\n      value: \"a value\"")
                }
                _ => format!("write it as a mapping of texts:\n  {key}:\n    a-name: \"a value\""),
            };
            return Err(Refusal { help, ..refusal(tree, node, &format!("`{key}` is not a {kind}")) });
        }
        if !lines::has_colon(tree, node) {
            return Err(refusal(tree, node, "a key stands without a colon"));
        }
        let token = &tree.text()[lines::after_colon(tree, node)..end];
        let flow = tree.parent(node).is_some_and(|p| tree.node(p).style == Style::Flow);
        if !token.is_empty() || flow {
            self.record.was.insert(place, token.to_owned());
        }
        self.grafts.push(Graft::Fill { node, value });
        Ok(())
    }

    /// The label and the annotations. The record is finished first, since it is what they hold.
    fn metadata(&mut self, tree: &Tree<'_>, root: NodeId) -> Result<(), Refusal> {
        let Some(metadata) = tree.get(root, "metadata").filter(|&m| tree.kind(m) == Kind::Mapping) else {
            return Err(refusal(tree, root, "the object has no `metadata`"));
        };
        let places = ["labels", "annotations"].map(|key| (key, tree.get(metadata, key), format!("metadata.{key}")));
        let mut missing = Vec::new();
        for (key, node, place) in places.clone() {
            match node {
                None => {
                    self.record.made.push(place);
                    missing.push(key);
                }
                Some(node) if tree.kind(node) == Kind::Mapping => {}
                // only for what it writes into the record: the graft itself comes below
                Some(node) => {
                    self.fill(tree, node, place, Meant::Map(Vec::new()))?;
                    self.grafts.pop();
                }
            }
        }
        let label = tree.at(metadata, &["labels", COUPLED]);
        if let Some(label) = label {
            if !super::meant::is_text(tree, label, "true") {
                return Err(refusal(tree, label, &format!("the label `{COUPLED}` is coupler's own")));
            }
            self.record.was.insert(format!("metadata.labels/{COUPLED}"), " \"true\"".to_owned());
        }
        let labels = if label.is_some() { Vec::new() } else { vec![(COUPLED.into(), Meant::Text("true".into()))] };
        let annotations = self.record.write();
        self.written = annotations.iter().map(|(key, value)| key.len() + value.len()).sum();
        let annotations = annotations.into_iter().map(|(key, value)| (key.into(), Meant::Json(value))).collect();
        let mut made = Vec::new();
        for ((key, node, _), members) in places.into_iter().zip([labels, annotations]) {
            match node {
                _ if members.is_empty() => {}
                None => made.push((key.into(), Meant::Map(members))),
                Some(node) if tree.kind(node) == Kind::Mapping => {
                    self.grafts.push(Graft::Members { mapping: node, members });
                }
                Some(node) => self.grafts.push(Graft::Fill { node, value: Meant::Map(members) }),
            }
        }
        if !made.is_empty() {
            self.grafts.push(Graft::Members { mapping: metadata, members: made });
        }
        Ok(())
    }
}

/// Whether nothing stands there, or null.
pub(super) fn is_nothing(tree: &Tree<'_>, id: NodeId) -> bool {
    let node = tree.node(id);
    let null = matches!(tree.slice(node.span), "" | "~" | "null" | "Null" | "NULL");
    node.kind == Kind::Scalar && node.style == Style::Plain && null
}

fn merges(tree: &Tree<'_>, mapping: NodeId) -> bool {
    tree.children(mapping).any(|member| tree.is_merge(member))
}

fn refusal(tree: &Tree<'_>, id: NodeId, message: &str) -> Refusal {
    let help = "write it out in the usual form".to_owned();
    Refusal { span: tree.span(id), message: message.to_owned(), help }
}

impl PlugRecord {
    /// Whether it says the same about what was baked, whatever had stood there before.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        (&self.socket, &self.interface, &self.env) == (&other.socket, &other.interface, &other.env)
    }
}
