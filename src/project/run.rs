//! Projects onto one document: judges what is there, leaves it alone if it is right, else removes,
//! inserts, and proves both.

use super::desired::Desired;
use super::insertion::bake;
use super::ownership::{Edits, OwnedEntries};
use super::plan::plan;
use super::planned::{Authorship, Plan, PlannedEntry};
use super::record::{COUPLED, Record};
use super::record_annotations::record;
use super::removal::remove;
use super::up_to_date::is_up_to_date;
use super::workload::{Workload, place};
use super::workload_kind::{Update, WorkloadKind};
use super::{DocumentRef, Projected, env_from, pod_template};
use crate::diagnostic::{Code, Diagnostic, has_errors};
use crate::edit::{self, Insertion, Refusal, Removals, Value};
use crate::limits;
use crate::manifest::stream::objects;
use crate::manifest::{Flaw, NodeId, Place, Span, Tree};

/// An object whose bytes are to change.
struct Job<'d, 'w> {
    workload: Workload<'d>,
    desired: &'d Desired<'w>,
    record: Option<&'d Record>,
    owned: OwnedEntries<'d>,
    authorship: Authorship,
    /// What was planned; once an old coupling is removed, it is planned anew.
    plan: Plan<'d>,
}

/// The bytes of a document whose objects are coupled as desired, and nothing else changed.
///
/// `desired` has one entry for each such object of the document; those that it leaves out keep what
/// they have.
pub fn project(
    document: DocumentRef<'_>,
    desired: &[Desired<'_>],
    discard_edits: bool,
) -> Projected {
    let edits = if discard_edits {
        Edits::Discarded
    } else {
        Edits::Refused
    };
    let mut out = Projected::default();
    let mut jobs = Vec::new();
    for desired in desired {
        jobs.extend(judge(document, desired, edits, &mut out.diagnostics));
    }
    if jobs.is_empty() || has_errors(&out.diagnostics) {
        return out;
    }
    match change(document, &mut jobs) {
        Ok(text) => out.text = text.filter(|text| text != document.tree.text()),
        Err(error) => out.diagnostics.push(error),
    }
    out
}

/// Reads an object as its author wrote it, without what its record lists; `None`: what is left is
/// no YAML any more.
pub fn as_written<T>(
    document: DocumentRef<'_>,
    root: NodeId,
    record: &Record,
    read: impl FnOnce(&Tree<'_>, NodeId) -> T,
) -> Option<T> {
    let workload = Workload::read(document, root).ok()?;
    let owned = OwnedEntries::find(&workload, record, &[], Edits::Discarded);
    let mut removals = Removals::new(document.tree);
    remove(&workload, record, &owned, &mut removals);
    let (edits, removed) = removals.finish();
    let text = edits.apply(document.tree.text());
    let new = Tree::read(&text)
        .ok()
        .filter(|new| edit::is_removed(document.tree, new, &removed))?;
    let root = *relocated(document.tree, &[root], &new)?.first()?;
    Some(read(&new, root))
}

/// What there is to do in one object, if anything; and everything that is wrong with it.
fn judge<'d, 'w>(
    document: DocumentRef<'d>,
    desired: &'d Desired<'w>,
    edits: Edits,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Job<'d, 'w>> {
    if desired.record.is_none() && desired.couplings.is_empty() {
        return None;
    }
    let workload = match Workload::read(document, desired.object) {
        Ok(workload) => workload,
        Err(why) => {
            let at = |span| place(document.start, span);
            let error = Diagnostic::not_readable("which containers the workload has", &why, at);
            diagnostics.push(
                desired
                    .couplings
                    .iter()
                    .fold(error, |error, coupling| error.at(coupling.at, "the Plug")),
            );
            return None;
        }
    };
    let record = match &desired.record {
        None => None,
        Some(Ok(record)) => Some(record),
        Some(Err(invalid)) => {
            let error = Diagnostic::error(Code::ProvenanceInvalid, invalid.message.clone())
                .at(workload.place(invalid.span), "written by coupler, or copied from what it wrote")
                .help(
                    "restore the line as coupler wrote it; or delete every `coupled` annotation of the object with the \
                     variables that they list, and render again",
                );
            diagnostics.push(workload.about(error));
            return None;
        }
    };
    if let Some(coupling) = desired.couplings.first() {
        if !pod_template::has_pods(document.tree, desired.object) {
            let message = format!(
                "{} has no pod template that coupler knows",
                workload.called()
            );
            let error = Diagnostic::error(Code::UnsupportedWorkload, message)
                .at(coupling.at, "asked for here")
                .help(format!(
                    "workloads are of the kinds {}",
                    WorkloadKind::list()
                ));
            diagnostics.push(workload.about(error));
            return None;
        }
        diagnostics.extend(immutable(&workload, coupling.at));
    }
    let mut owned = record
        .map(|record| OwnedEntries::find(&workload, record, &desired.couplings, edits))
        .unwrap_or_default();
    let authorship = authorship(&workload, record);
    let mut plan = plan(&workload, &owned, desired, authorship);
    for collection in &plan.collections {
        diagnostics.extend(env_from::judge(&workload, collection, &desired.brought));
    }
    let up_to_date = record.is_some_and(|record| is_up_to_date(&workload, record, &owned, &plan));
    diagnostics.append(&mut owned.diagnostics);
    diagnostics.append(&mut plan.diagnostics);
    (!up_to_date).then_some(Job {
        workload,
        desired,
        record,
        owned,
        authorship,
        plan,
    })
}

/// Whether the entries that no record lists are known to be the author's.
fn authorship(workload: &Workload<'_>, record: Option<&Record>) -> Authorship {
    let label = workload
        .tree
        .at(workload.root, &["metadata", "labels", COUPLED]);
    match (label, record) {
        (Some(_), None) => Authorship::Unknown,
        _ => Authorship::Known,
    }
}

/// Removes and inserts what the jobs of one document come to, and proves it.
fn change(
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
            "what is left without the old coupling is not YAML",
        )?),
        None => None,
    };
    let base = without.as_ref().unwrap_or(tree);
    let roots: Vec<NodeId> = jobs.iter().map(|job| job.workload.root).collect();
    let roots = relocated(tree, &roots, base);
    let roots = roots.ok_or_else(|| failed("an object is lost without the old coupling"))?;

    let from = DocumentRef {
        tree: base,
        start: document.start,
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
                let workload = Workload::read(from, root)
                    .map_err(|_| failed("what is left without the old coupling cannot be read"))?;
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
        // the record goes into the bytes, and nobody asks for it again
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
    let new = reread(document, &text, "the result is not YAML")?;
    if !edit::is_inserted(base, &new, &insertions) {
        return Err(failed("the result does not say what was meant"));
    }
    let moved =
        relocated(base, &roots, &new).ok_or_else(|| failed("an object is lost in the result"))?;
    prove_reversible(
        DocumentRef {
            tree: &new,
            start: document.start,
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
        "what is left without the old coupling is not YAML",
    )?;
    if !edit::is_removed(tree, &new, &removed) {
        return Err(failed(
            "what is left without the old coupling is not all the rest",
        ));
    }
    Ok(Some(text))
}

/// Proves that what was inserted, removed again by its record, is the bytes that were read.
fn prove_reversible(
    document: DocumentRef<'_>,
    jobs: &[Job<'_, '_>],
    roots: &[NodeId],
    before: &str,
) -> Result<(), Diagnostic> {
    let failed = |what| failed(document.start, what);
    let mut records = Vec::new();
    for (job, &root) in jobs.iter().zip(roots) {
        match record(document.tree, root) {
            Some(Ok(record)) => records.push((root, record)),
            _ if job.desired.couplings.is_empty() => {}
            _ => return Err(failed("the result has no record")),
        }
    }
    let mut removals = Removals::new(document.tree);
    for (root, record) in &records {
        let workload =
            Workload::read(document, *root).map_err(|_| failed("the result cannot be read"))?;
        let owned = OwnedEntries::find(&workload, record, &[], Edits::Refused);
        remove(&workload, record, &owned, &mut removals);
    }
    if removals.finish().0.apply(document.tree.text()) != before {
        return Err(failed("the result, undone, is not what was read"));
    }
    Ok(())
}

/// What an edit gives, read again; it may be larger than a limit allows.
fn reread<'t>(
    document: DocumentRef<'_>,
    text: &'t str,
    what: &str,
) -> Result<Tree<'t>, Diagnostic> {
    Tree::read(text).map_err(|error| match error.flaw {
        Flaw::Limit => too_large(document, &error.message),
        Flaw::Syntax | Flaw::ByteOrderMark | Flaw::Directive | Flaw::DuplicateKey | Flaw::Tag => {
            failed(document.start, what)
        }
    })
}

/// The document is within the limits as it was read, and would not be with what is baked into it.
fn too_large(document: DocumentRef<'_>, what: &str) -> Diagnostic {
    let first = document
        .tree
        .root()
        .map_or_else(Span::default, |root| document.tree.span(root));
    let message = format!("with what is baked, this would be {what}");
    Diagnostic::error(Code::LimitExceeded, message)
        .at(
            place(
                document.start,
                Span {
                    end: first.start,
                    ..first
                },
            ),
            "this document",
        )
        .help("split the document: of a List, each part of its items is a List of its own")
}

fn failed(start: Place, what: &str) -> Diagnostic {
    Diagnostic::error(
        Code::VerifyFailed,
        format!("coupler's own check failed: {what}"),
    )
    .at(place(start, Span { start: 0, end: 0 }), "this document")
    .help("nothing was written; please report it with this document: it is a bug of coupler")
}

/// The same objects in another tree of the same document: an edit moves none.
fn relocated(tree: &Tree<'_>, ids: &[NodeId], other: &Tree<'_>) -> Option<Vec<NodeId>> {
    let mut wanted = ids.iter().peekable();
    let pairs = objects(tree).into_iter().zip(objects(other));
    let found: Vec<_> = pairs
        .filter(|(here, _)| wanted.next_if(|&id| id == here).is_some())
        .map(|(_, there)| there)
        .collect();
    (found.len() == ids.len()).then_some(found)
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
    workload.about(
        coupling
            .into_iter()
            .fold(error, |error, coupling| error.at(coupling.at, "the Plug")),
    )
}

fn within_limits(
    workload: &Workload<'_>,
    written: usize,
    plan: &Plan<'_>,
) -> Result<(), Diagnostic> {
    let new = plan
        .collections
        .iter()
        .flat_map(|collection| &collection.new);
    let added: usize = new.filter(|planned| !planned.is_kept()).map(size).sum();
    let (what, size, limit) = if written > limits::RECORD_BYTES {
        (
            "the record of what was baked",
            written,
            limits::RECORD_BYTES,
        )
    } else if added > limits::WORKLOAD_BYTES {
        ("what is baked", added, limits::WORKLOAD_BYTES)
    } else {
        return Ok(());
    };
    let message = format!(
        "{what} into {} has {size} bytes; {limit} are the limit",
        workload.called()
    );
    let error = Diagnostic::error(Code::LimitExceeded, message)
        .at(workload.at(workload.root), "this workload");
    Err(workload.about(error.help("bind fewer variables, or couple fewer containers")))
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

/// A Job's template and a Pod's variables cannot be updated; a hook is made anew each time.
fn immutable(workload: &Workload<'_>, at: Place) -> Option<Diagnostic> {
    let known = WorkloadKind::of_object(workload.tree, workload.root)?;
    let annotations = workload
        .tree
        .at(workload.root, &["metadata", "annotations"]);
    let hook = |key| {
        annotations
            .and_then(|a| workload.tree.get(a, key))
            .is_some()
    };
    if known.update != Update::Immutable || hook("helm.sh/hook") || hook("argocd.argoproj.io/hook")
    {
        return None;
    }
    let message = format!(
        "the variables of {} cannot be changed once it is in the cluster",
        workload.called()
    );
    let warning = Diagnostic::warning(Code::ImmutableTemplate, message).at(at, "coupled here").help(format!(
        "when the coupling changes, delete the {} before applying, or let a Deployment, a CronJob or a hook make it",
        known.kind
    ));
    Some(workload.about(warning))
}
