//! One document: judge what stands, leave it alone if it is right, else undo, bake, and prove both.

use super::bake::bake;
use super::claim::{Claims, claim};
use super::cut::Cuts;
use super::graft::{self, Graft, Refusal};
use super::plan::{Placed, Plan, plan};
use super::record::{Record, record};
use super::undo::undo;
use super::workload::{Workload, place};
use super::{DocumentRef, Projected, Wanted, env_from, lens, noop, verify};
use crate::diagnostic::{Code, Diagnostic, has_errors};
use crate::limits;
use crate::manifest::splice::Edits;
use crate::manifest::{Flaw, NodeId, ReadError, Tree};

/// A workload whose bytes are to change.
struct Job<'d, 'w> {
    workload: Workload<'d>,
    wanted: &'d Wanted<'w>,
    record: Option<Record>,
    /// What was planned; once an old coupling is undone, it is planned anew.
    plan: Plan<'d>,
}

/// The bytes of a document whose workloads are coupled as wanted, and nothing else changed.
///
/// `wanted` has one entry for each workload object of the document; those that it leaves out keep what they have.
pub fn project(document: DocumentRef<'_>, wanted: &[Wanted<'_>], discard_edits: bool) -> Projected {
    let mut out = Projected::default();
    let mut jobs = Vec::new();
    for wanted in wanted {
        if let Some(root) = wanted.node {
            jobs.extend(judge(document, root, wanted, discard_edits, &mut out.diagnostics));
        }
    }
    if jobs.is_empty() || has_errors(&out.diagnostics) {
        return out;
    }
    match change(document, &jobs, discard_edits) {
        Ok(text) => out.text = text.filter(|text| text != document.tree.text()),
        Err(error) => out.diagnostics.push(error),
    }
    out
}

/// What there is to do in one workload, if anything; and everything that is to be said about it.
fn judge<'d, 'w>(
    document: DocumentRef<'d>,
    root: NodeId,
    wanted: &'d Wanted<'w>,
    discard_edits: bool,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Job<'d, 'w>> {
    let found = record(document.tree, root);
    if found.is_none() && wanted.couplings.is_empty() {
        return None;
    }
    let workload = Workload::read(document, root);
    let record = match found.transpose() {
        Ok(record) => record,
        Err(invalid) => {
            let error = Diagnostic::error(Code::ProvenanceInvalid, invalid.message)
                .at(workload.place(invalid.span), "written by coupler, or copied from what it wrote")
                .help(
                    "restore the line as coupler wrote it; or delete every `coupled` annotation of the object with the \
                     variables that they list, and render again",
                );
            diagnostics.push(workload.about(error));
            return None;
        }
    };
    if let Some(coupling) = wanted.couplings.first() {
        if lens::pod_spec(document.tree, root).is_none() {
            let message = format!("{} has no pod template that coupler knows", workload.called());
            let error = Diagnostic::error(Code::UnsupportedWorkload, message).at(coupling.at, "asked for here").help(
                "workloads are of the kinds Deployment, StatefulSet, DaemonSet, ReplicaSet (apps/v1), Job, CronJob \
                 (batch/v1) and Pod (v1)",
            );
            diagnostics.push(workload.about(error));
            return None;
        }
        diagnostics.extend(immutable(&workload, coupling.at));
    }
    let claims = match &record {
        Some(record) => claim(&workload, record, &wanted.couplings, discard_edits),
        None => Claims::default(),
    };
    let mut plan = plan(&workload, &claims, &wanted.couplings, &wanted.brought);
    diagnostics.extend(plan.containers.iter().flat_map(|c| env_from::judge(&workload, c, &wanted.brought)));
    let settled = record
        .as_ref()
        .is_some_and(|record| noop::settled(&workload, record, &claims, &plan, &wanted.couplings, wanted.omitted));
    diagnostics.extend(claims.diagnostics);
    diagnostics.append(&mut plan.diagnostics);
    (!settled).then_some(Job { workload, wanted, record, plan })
}

/// Undoes and bakes the jobs of one document, and proves it.
fn change(document: DocumentRef<'_>, jobs: &[Job<'_, '_>], discard_edits: bool) -> Result<Option<String>, Diagnostic> {
    let tree = document.tree;
    let failed = |what: &str| {
        let whole = crate::manifest::Span { start: 0, end: 0 };
        Diagnostic::error(Code::VerifyFailed, format!("coupler's own check failed: {what}"))
            .at(place(document.start, whole), "this document")
            .help("nothing was written; please report it with this document: it is a bug of coupler")
    };
    let beyond = |error: &ReadError, what: &str| match error.flaw {
        Flaw::Limit => too_large(document, error),
        Flaw::Syntax | Flaw::DuplicateKey | Flaw::Tag => failed(what),
    };
    let certain = graft::certain(tree);
    if let (Some(job), Err(refusal)) = (jobs.first(), certain) {
        return Err(refused(job, &refusal, false));
    }
    let mut cuts = Cuts::new(tree);
    for job in jobs {
        if let Some(record) = &job.record {
            let claims = claim(&job.workload, record, &job.wanted.couplings, discard_edits);
            undo(&job.workload, record, &claims, &mut cuts);
        }
    }
    let (cuts, gone) = cuts.finish();
    if let (Some(job), Err(refusal)) = (jobs.first(), gone.alone(tree)) {
        return Err(refused(job, &refusal, false));
    }
    let undone = (!cuts.is_empty()).then(|| cuts.apply(tree.text()));
    let reread = match &undone {
        Some(text) => Some(
            Tree::read(text).map_err(|error| beyond(&error, "what is left without the old coupling is not YAML"))?,
        ),
        None => None,
    };
    if reread.as_ref().is_some_and(|new| !verify::cut(tree, new, &gone)) {
        return Err(failed("what is left without the old coupling is not all the rest"));
    }
    let base = reread.as_ref().unwrap_or(tree);
    let roots: Vec<NodeId> = jobs.iter().map(|job| job.workload.root).collect();
    let roots = relocated(tree, &roots, base);
    let roots = roots.ok_or_else(|| failed("an object is lost without the old coupling"))?;
    if roots.iter().any(|&root| record(base, root).is_some()) {
        return Err(failed("the old coupling is still there"));
    }

    let from = DocumentRef { tree: base, start: document.start };
    let mut grafts: Vec<Graft<'_>> = Vec::new();
    let mut edits = Edits::default();
    for (job, &root) in jobs.iter().zip(&roots) {
        if job.wanted.couplings.is_empty() {
            continue;
        }
        let again = undone.as_ref().map(|_| {
            let workload = Workload::read(from, root);
            let plan = plan(&workload, &Claims::default(), &job.wanted.couplings, &job.wanted.brought);
            (workload, plan)
        });
        let (workload, plan) = again.as_ref().map_or((&job.workload, &job.plan), |(workload, plan)| (workload, plan));
        let refused = |refusal: Refusal| refused(job, &refusal, undone.is_some());
        let baked = bake(workload, plan, job.wanted).map_err(refused)?;
        within_limits(&job.workload, baked.written, plan)?;
        graft::write(base, &baked.grafts, &mut edits).map_err(refused)?;
        grafts.extend(baked.grafts);
    }
    if grafts.is_empty() {
        return Ok(undone);
    }
    let text = edits.apply(base.text());
    let new = Tree::read(&text).map_err(|error| beyond(&error, "the result is not YAML"))?;
    if !verify::grafted(base, &new, &grafts) {
        return Err(failed("the result does not say what was meant"));
    }
    let mut cuts = Cuts::new(&new);
    let moved = relocated(base, &roots, &new).ok_or_else(|| failed("an object is lost in the result"))?;
    for (job, &root) in jobs.iter().zip(&moved) {
        if let Some(Ok(record)) = record(&new, root) {
            let workload = Workload::read(DocumentRef { tree: &new, start: document.start }, root);
            let claims = claim(&workload, &record, &[], false);
            undo(&workload, &record, &claims, &mut cuts);
        } else if !job.wanted.couplings.is_empty() {
            return Err(failed("the result has no record"));
        }
    }
    if cuts.finish().0.apply(&text) != base.text() {
        return Err(failed("the result, undone, is not what was read"));
    }
    Ok(Some(text))
}

/// The nodes at the same places in another tree, by positions: the root, or items of one list in their order.
fn relocated(tree: &Tree<'_>, ids: &[NodeId], other: &Tree<'_>) -> Option<Vec<NodeId>> {
    let Some(parent) = ids.first().and_then(|&id| tree.parent(id)) else {
        return ids.iter().map(|_| other.root()).collect();
    };
    let theirs = *relocated(tree, &[parent], other)?.first()?;
    let mut wanted = ids.iter().peekable();
    let pairs = tree.children(parent).zip(other.children(theirs));
    let found: Vec<_> =
        pairs.filter(|(here, _)| wanted.next_if(|&id| id == here).is_some()).map(|(_, there)| there).collect();
    (found.len() == ids.len()).then_some(found)
}

fn refused(job: &Job<'_, '_>, refusal: &Refusal, moved: bool) -> Diagnostic {
    let workload = &job.workload;
    let message = format!("{} cannot be edited safely: {}", workload.called(), refusal.message);
    // offsets of a text that has been undone are not those of the file
    let at = if moved { workload.at(workload.root) } else { workload.place(refusal.span) };
    let error = Diagnostic::error(Code::CannotEdit, message).at(at, "here").help(refusal.help.clone());
    let coupling = job.wanted.couplings.first();
    workload.about(coupling.into_iter().fold(error, |error, coupling| error.at(coupling.at, "the Plug")))
}

/// The document is within the limits as it was read, and would not be with what is baked into it.
fn too_large(document: DocumentRef<'_>, error: &ReadError) -> Diagnostic {
    let first = document.tree.root().map_or_else(crate::manifest::Span::default, |root| document.tree.span(root));
    let message = format!("with what is baked, this would be {}", error.message);
    Diagnostic::error(Code::LimitExceeded, message)
        .at(place(document.start, crate::manifest::Span { end: first.start, ..first }), "this document")
        .help("split the document: of a List, each part of its items is a List of its own")
}

fn within_limits(workload: &Workload<'_>, written: usize, plan: &Plan<'_>) -> Result<(), Diagnostic> {
    let added: usize = plan.containers.iter().flat_map(|c| &c.new).map(Placed::size).sum();
    let (what, size, limit) = if written > limits::RECORD_BYTES {
        ("the record of what was baked", written, limits::RECORD_BYTES)
    } else if added > limits::WORKLOAD_BYTES {
        ("what is baked", added, limits::WORKLOAD_BYTES)
    } else {
        return Ok(());
    };
    let message = format!("{what} into {} has {size} bytes; {limit} are the limit", workload.called());
    let error = Diagnostic::error(Code::LimitExceeded, message).at(workload.at(workload.root), "this workload");
    Err(workload.about(error.help("bind fewer variables, or couple fewer containers")))
}

/// A Job's template and a Pod's variables cannot be updated; a hook is made anew each time.
fn immutable(workload: &Workload<'_>, at: crate::manifest::Place) -> Option<Diagnostic> {
    let subject = workload.subject();
    let annotations = workload.tree.at(workload.root, &["metadata", "annotations"]);
    let hook = |key| annotations.and_then(|a| workload.tree.get(a, key)).is_some();
    if !matches!(subject.kind.as_str(), "Job" | "Pod") || hook("helm.sh/hook") || hook("argocd.argoproj.io/hook") {
        return None;
    }
    let message = format!("the variables of {} cannot be changed once it is in the cluster", workload.called());
    let warning = Diagnostic::warning(Code::ImmutableTemplate, message).at(at, "coupled here").help(format!(
        "when the coupling changes, delete the {} before applying, or let a Deployment, a CronJob or a hook make it",
        subject.kind
    ));
    Some(workload.about(warning))
}
