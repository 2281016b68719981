//! Decides what must be changed in one object, if anything, and collects its errors.

use super::asked_replacement::asked_replacements;
use super::desired::Desired;
use super::left_out::left_out;
use super::ownership::{EditPolicy, OwnedEntries};
use super::place::place;
use super::plan::plan;
use super::planned::{Authorship, Plan};
use super::record::{COUPLED, Record};
use super::up_to_date::is_up_to_date;
use super::workload::WorkloadNode;
use super::workload_kind::{Update, WorkloadKind};
use super::{DocumentRef, Projected, hidden_env, knative, mounts, paths, pod_lists, pod_template};
use crate::diagnostic::{Code, Diagnostic, lines};
use crate::manifest::{Place, Reading};

/// An object whose bytes are to change.
pub(super) struct Job<'d, 'w> {
    pub(super) workload: WorkloadNode<'d>,
    pub(super) desired: &'d Desired<'w>,
    pub(super) record: Option<&'d Record>,
    pub(super) owned: OwnedEntries<'d>,
    pub(super) authorship: Authorship,
    /// What was planned; once an old coupling is removed, it is planned again.
    pub(super) plan: Plan<'d>,
}

/// What there is to do in one object, if anything; and everything that is wrong with it.
pub(super) fn judge<'d, 'w>(
    document: DocumentRef<'d>,
    desired: &'d Desired<'w>,
    edits: EditPolicy,
    out: &mut Projected,
) -> Option<Job<'d, 'w>> {
    let Projected {
        diagnostics,
        remarks,
        ..
    } = out;
    if desired.record.is_none() && desired.couplings.is_empty() {
        return None;
    }
    let workload = match WorkloadNode::read(document, desired.object, desired.collections()) {
        Ok(workload) => workload,
        Err(why) => {
            let at = |span| place(document.start, span);
            let error = Diagnostic::not_readable("which containers the workload has", &why, at);
            diagnostics.report(desired.couplings.iter().fold(error, |error, coupling| {
                error.at(coupling.at, coupling.owner.kind.the())
            }));
            return None;
        }
    };
    let record =
        match &desired.record {
            None => None,
            Some(Ok(record)) => Some(record),
            Some(Err(invalid)) => {
                let error = Diagnostic::error(Code::ProvenanceInvalid, invalid.message.clone())
                .at(workload.place(invalid.span), "written by coupler, or copied from its output")
                .help(
                    "restore the line as coupler wrote it; or delete every `coupled` annotation \
                     of the object and the variables that these list, and render again",
                );
                diagnostics.report(workload.about(error));
                return None;
            }
        };
    if let Some(coupling) = desired
        .couplings
        .iter()
        .find(|coupling| coupling.wants_pods())
    {
        let has_pods = workload.known.is_some_and(|known| {
            pod_template::has_pods(document.tree, desired.object, known.mapping)
        });
        if !has_pods {
            let message = format!("coupler finds no pod template in {}", workload.called());
            let error = Diagnostic::error(Code::UnsupportedWorkload, message)
                .at(coupling.at, "asked for here")
                .help(lines![
                    ("workloads are of the kinds {}", WorkloadKind::list()),
                    ("a `ClusterWorkloadResourceMapping` in the stream or in the catalogue adds a kind")
                ]);
            diagnostics.report(workload.about(error));
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
        diagnostics.extend(hidden_env::judge(
            &workload,
            collection,
            &desired.brought,
            &desired.couplings,
        ));
        diagnostics.extend(mounts::judge(&workload, &owned, collection));
        diagnostics.extend(knative::judge(&workload, collection));
    }
    diagnostics.extend(pod_lists::judge(&workload, desired));
    diagnostics.extend(paths::judge(&workload, &owned, desired));
    let asked = asked_replacements(&workload, &owned, &plan, desired);
    remarks.asked_replacements.extend(asked);
    remarks
        .left_out
        .extend(left_out(&workload, &owned, &plan, desired));
    let up_to_date = record.is_some_and(|record| is_up_to_date(&workload, record, &owned, &plan));
    diagnostics.extend(std::mem::take(&mut owned.diagnostics));
    diagnostics.extend(std::mem::take(&mut plan.diagnostics));
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
fn authorship(workload: &WorkloadNode<'_>, record: Option<&Record>) -> Authorship {
    let label = workload
        .tree
        .read_at(workload.root, &["metadata", "labels", COUPLED]);
    match (label, record) {
        (Reading::Value(_) | Reading::NotReadable(_), None) => Authorship::Unknown,
        (_, _) => Authorship::Known,
    }
}

/// A Job's template, a Pod's variables and a revision with a fixed name cannot be updated; a hook
/// is created again each time.
fn immutable(workload: &WorkloadNode<'_>, at: Place) -> Option<Diagnostic> {
    let known = workload.known?;
    if known.update == Update::NewRevision {
        return named_revision(workload, at);
    }
    let hook = |key| {
        let annotation = workload
            .tree
            .read_at(workload.root, &["metadata", "annotations", key]);
        annotation != Reading::Absent
    };
    if known.update != Update::Immutable || hook("helm.sh/hook") || hook("argocd.argoproj.io/hook")
    {
        return None;
    }
    let message = format!(
        "the variables of {} cannot be changed when it is in the cluster",
        workload.called()
    );
    let warning = Diagnostic::warning(Code::ImmutableTemplate, message).with_topic([]);
    let warning = warning.at(at, "coupled here").help(format!(
        "when the coupling changes, delete the {} before you apply; or use a Deployment, a CronJob or a hook",
        workload.subject().kind
    ));
    Some(workload.about(warning))
}

/// A revision of Knative that has a name cannot be changed under this name.
fn named_revision(workload: &WorkloadNode<'_>, at: Place) -> Option<Diagnostic> {
    if !pod_template::names_its_revision(workload.tree, workload.root) {
        return None;
    }
    let message = format!(
        "the revision of {} has a fixed name, and the cluster refuses other variables under the \
         same name",
        workload.called()
    );
    let warning = Diagnostic::warning(Code::ImmutableTemplate, message)
        .at(at, "coupled here")
        .help("remove `spec.template.metadata.name`: the cluster then names each revision itself");
    Some(workload.about(warning))
}
