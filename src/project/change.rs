//! Changes a document: removes and inserts the entries of its objects, and proves each step.

use super::DocumentRef;
use super::insertion::bake;
use super::judge::Job;
use super::ownership::OwnedEntries;
use super::plan::plan;
use super::planned::{Plan, PlannedEntry};
use super::proof::{failed, prove_reversible, relocated, reread, too_large};
use super::removal::remove;
use super::slot::Slot;
use super::workload::WorkloadNode;
use crate::diagnostic::{Code, Diagnostic};
use crate::edit::{self, Insertion, Refusal, Removals, Value};
use crate::limits;
use crate::manifest::NodeId;

/// Removes and inserts what the jobs of one document come to, and proves it.
pub(super) fn change(
    document: DocumentRef<'_>,
    jobs: &mut [Job<'_, '_>],
) -> Result<Option<String>, Diagnostic> {
    let tree = document.tree;
    let failed = |what| failed(document.start, what);
    if let (Some(job), Err(refusal)) = (jobs.first(), edit::certain(tree)) {
        return Err(refused(job, &refusal, false));
    }
    let undone = without_old(document, jobs)?;
    let without = match &undone {
        Some(text) => Some(reread(
            document,
            text,
            "the document without the old coupling is not YAML",
        )?),
        None => None,
    };
    let base = without.as_ref().unwrap_or(tree);
    let roots: Vec<NodeId> = jobs.iter().map(|job| job.workload.root).collect();
    let roots = relocated(tree, &roots, base);
    let roots =
        roots.ok_or_else(|| failed("an object is missing after the old coupling is removed"))?;

    let from = DocumentRef {
        tree: base,
        start: document.start,
        kinds: document.kinds,
    };
    let mut insertions: Vec<Insertion<'_>> = Vec::new();
    let mut edits = edit::Edits::default();
    let mut nodes = base.root().map_or(0, |root| base.size(root));
    for (job, &root) in jobs.iter_mut().zip(&roots) {
        if job.desired.couplings.is_empty() {
            continue;
        }
        let mut again = match &undone {
            Some(_) => {
                let workload = WorkloadNode::read(from, root, job.desired.collections())
                    .map_err(|_| failed("the document without the old coupling cannot be read"))?;
                let plan = plan(
                    &workload,
                    &OwnedEntries::default(),
                    job.desired,
                    job.authorship,
                );
                Some((workload, plan))
            }
            None => None,
        };
        // the record goes into the bytes, and is not needed again
        let record = std::mem::take(match &mut again {
            Some((_, plan)) => &mut plan.record,
            None => &mut job.plan.record,
        });
        let job = &*job;
        let (workload, plan) = again
            .as_ref()
            .map_or((&job.workload, &job.plan), |(workload, plan)| {
                (workload, plan)
            });
        let refused = |refusal: Refusal| refused(job, &refusal, undone.is_some());
        let baked = bake(workload, plan, record).map_err(refused)?;
        within_limits(&job.workload, baked.written, plan)?;
        annotations_within_limits(workload, plan)?;
        nodes = baked
            .insertions
            .iter()
            .fold(nodes, |nodes, insertion| insertion.grown(base, nodes));
        if nodes > limits::NODES {
            let what = format!("a document of more than {} values", limits::NODES);
            return Err(too_large(document, &what));
        }
        edit::insert(base, &baked.insertions, &mut edits).map_err(refused)?;
        insertions.extend(baked.insertions);
    }
    if insertions.is_empty() {
        return Ok(undone);
    }
    let text = edits.apply(base.text());
    drop(edits);
    let new = reread(document, &text, "the result is not YAML")?;
    if !edit::is_inserted(base, &new, &insertions) {
        return Err(failed("the result is not what was planned"));
    }
    drop(insertions);
    let moved = relocated(base, &roots, &new)
        .ok_or_else(|| failed("an object is missing in the result"))?;
    prove_reversible(
        DocumentRef {
            tree: &new,
            start: document.start,
            kinds: document.kinds,
        },
        jobs,
        &moved,
        base.text(),
    )?;
    Ok(Some(text))
}

/// The document without what old records list, proved; `None`: there is nothing to remove.
fn without_old(
    document: DocumentRef<'_>,
    jobs: &[Job<'_, '_>],
) -> Result<Option<String>, Diagnostic> {
    let tree = document.tree;
    let failed = |what| failed(document.start, what);
    let mut removals = Removals::new(tree);
    for job in jobs {
        if let Some(record) = job.record {
            remove(&job.workload, record, &job.owned, &mut removals);
        }
    }
    let (edits, removed) = removals.finish();
    if let (Some(job), Err(refusal)) = (jobs.first(), removed.alone(tree)) {
        return Err(refused(job, &refusal, false));
    }
    if edits.is_empty() {
        return Ok(None);
    }
    let text = edits.apply(tree.text());
    let new = reread(
        document,
        &text,
        "the document without the old coupling is not YAML",
    )?;
    if !edit::is_removed(tree, &new, &removed) {
        return Err(failed("more than the old coupling is removed, or less"));
    }
    Ok(Some(text))
}

fn refused(job: &Job<'_, '_>, refusal: &Refusal, moved: bool) -> Diagnostic {
    let workload = &job.workload;
    let message = format!(
        "{} cannot be edited safely: {}",
        workload.called(),
        refusal.message
    );
    // offsets of a text that has been undone are not those of the file
    let at = if moved {
        workload.at(workload.root)
    } else {
        workload.place(refusal.span)
    };
    let error = Diagnostic::error(Code::CannotEdit, message)
        .at(at, "here")
        .help(refusal.help.clone());
    let alias = refusal.alias.filter(|_| !moved);
    let error = alias.into_iter().fold(error, |error, alias| {
        error.at(workload.place(alias), "repeated here")
    });
    let coupling = job.desired.couplings.first();
    workload.about(coupling.into_iter().fold(error, |error, coupling| {
        error.at(coupling.at, coupling.owner.kind.the())
    }))
}

fn within_limits(
    workload: &WorkloadNode<'_>,
    written: usize,
    plan: &Plan<'_>,
) -> Result<(), Diagnostic> {
    let new = plan
        .collections
        .iter()
        .flat_map(|collection| &collection.new);
    let added: usize = new.filter(|planned| !planned.is_kept()).map(size).sum();
    let (what, size, limit) = if written > limits::RECORD_BYTES {
        ("the record of the couplings", written, limits::RECORD_BYTES)
    } else if added > limits::WORKLOAD_BYTES {
        ("the content that is written", added, limits::WORKLOAD_BYTES)
    } else {
        return Ok(());
    };
    let message = format!(
        "{what} into {} has {size} bytes; the limit is {limit}",
        workload.called()
    );
    let error = Diagnostic::error(Code::LimitExceeded, message)
        .at(workload.at(workload.root), "this workload");
    Err(workload.about(error.help("bind fewer variables, or couple fewer containers")))
}

/// The API server refuses an object with larger annotations, and a controller's pods with them.
fn annotations_within_limits(
    workload: &WorkloadNode<'_>,
    plan: &Plan<'_>,
) -> Result<(), Diagnostic> {
    for plan in &plan.collections {
        let collection = &workload.collections[plan.collection];
        if !matches!(collection.slot, Slot::PodAnnotations | Slot::Annotations) {
            continue;
        }
        let own = collection.entries.iter().flatten().map(|entry| {
            let value = workload.tree.str(entry.node).unwrap_or_default();
            entry.key.len() + value.len()
        });
        let new = plan.new.iter().filter(|planned| !planned.is_kept());
        let bytes = own.sum::<usize>() + new.clone().map(size).sum::<usize>();
        let first = new.clone().next();
        if bytes > limits::POD_ANNOTATION_BYTES {
            let message = format!(
                "the annotations of the pods of {} would have {bytes} bytes; the limit is {}",
                workload.called(),
                limits::POD_ANNOTATION_BYTES
            );
            let error = Diagnostic::error(Code::LimitExceeded, message)
                .at(workload.at(workload.root), "this workload");
            let error = first.into_iter().fold(error, |error, first| {
                error.at(first.entry.at, "these files")
            });
            return Err(workload.about(error.help(
                "a file with plain text is an annotation of the pods: for a large one, use a \
                 ConfigMap, with `configFrom` of the Socket",
            )));
        }
    }
    Ok(())
}

/// Bytes of the texts that an entry adds.
fn size(planned: &PlannedEntry<'_>) -> usize {
    fn texts(value: &Value<'_>) -> usize {
        match value {
            Value::Text(text) => text.len(),
            Value::Json(text) | Value::Scalar(text) => text.len(),
            Value::Map(members) => members.iter().map(|(_, value)| texts(value)).sum(),
            Value::List(items) => items.iter().map(texts).sum(),
        }
    }
    planned.entry.key.len() + texts(planned.content())
}
