//! Writes the report of an Event: one drift, several of one cause or of one workload, or couplings
//! that are correct again.

use std::collections::{BTreeMap, BTreeSet};

use super::note::{Advice, note};
use super::{Identity, Level, Reason, Report, hash};
use crate::diagnostic::Code;
use crate::drift::{Drift, ObjectId, Workload};
use crate::limits::CANDIDATES;

impl Report {
    /// Of one drift.
    pub(in crate::watch) fn of(identity: Identity, drift: &Drift) -> Self {
        let regarding = drift
            .regarding
            .clone()
            .unwrap_or_else(|| drift.workload.clone());
        let related = drift.regarding.is_some().then(|| drift.workload.clone());
        Self {
            level: Level::Warning,
            reason: Reason::Decoupled,
            namespace: drift.workload.namespace.to_string(),
            regarding,
            related,
            word: drift.diagnostic.code.as_str(),
            note: note(&format!(
                "{}: {}",
                drift.diagnostic.code.as_str(),
                drift.diagnostic.message
            )),
            advice: Some(Advice::of(&drift.diagnostic)),
            identity,
        }
    }

    /// Which Event reports all Plugs of a namespace that the cause of this drift takes down.
    pub(in crate::watch) fn cause(drift: &Drift) -> Identity {
        hash(&[
            "summary",
            drift.diagnostic.code.as_str(),
            drift.cause.as_ref().map_or("", |cause| cause.object.kind),
            drift
                .cause
                .as_ref()
                .map_or("", |cause| &cause.object.namespace),
            drift.cause.as_ref().map_or("", |cause| &cause.object.name),
            &drift.workload.namespace,
        ])
    }

    /// Of many Plugs of one namespace that one object takes down.
    pub(in crate::watch) fn of_cause(identity: Identity, drifts: &[&Drift]) -> Option<Self> {
        let first = drifts.first()?;
        let cause = first.cause.as_ref()?;
        let code = first.diagnostic.code.as_str();
        let home = &first.workload.namespace;
        // the same difference of all is written once
        let same = code == Code::WorkloadBehind.as_str()
            && drifts.iter().all(|drift| drift.detail == first.detail);
        let what = match same {
            true => format!(" ({})", first.detail),
            false => String::new(),
        };
        let note = note(&format!(
            "{code}: {} couplings of namespace `{home}` differ from their records for one cause, \
             {}{what}: Plugs {}",
            drifts.len(),
            cause.described(),
            plugs(drifts)
        ));
        Some(Self {
            level: Level::Warning,
            reason: Reason::Decoupled,
            regarding: cause.object.clone(),
            related: None,
            namespace: home.to_string(),
            word: code,
            note,
            advice: Some(Advice::of(&first.diagnostic)),
            identity,
        })
    }

    /// Which Event reports all drifts of the workload of this one.
    pub(in crate::watch) fn workload(drift: &Drift) -> Identity {
        hash(&[
            "workload",
            drift.workload.kind,
            &drift.workload.namespace,
            &drift.workload.name,
            &drift.workload.uid,
        ])
    }

    /// Of many drifts of one workload.
    pub(in crate::watch) fn of_workload(identity: Identity, drifts: &[&Drift]) -> Option<Self> {
        let workload = &drifts.first()?.workload;
        let mut codes: BTreeMap<&'static str, usize> = BTreeMap::new();
        for drift in drifts {
            *codes.entry(drift.diagnostic.code.as_str()).or_default() += 1;
        }
        let (&code, _) = codes.iter().max_by_key(|(_, count)| **count)?;
        let with_code = |drift: &&&Drift| drift.diagnostic.code.as_str() == code;
        let advice = drifts.iter().find(with_code);
        let advice = advice.map(|drift| Advice::of(&drift.diagnostic));
        let counts: Vec<String> = codes
            .iter()
            .map(|(code, count)| format!("{code} {count}"))
            .collect();
        let note = note(&format!(
            "{code}: {} differences between {} `{}` and its record ({}), of Plugs {}",
            drifts.len(),
            workload.kind,
            workload.name,
            counts.join(", "),
            plugs(drifts)
        ));
        let namespace = workload.namespace.to_string();
        Some(Self {
            level: Level::Warning,
            reason: Reason::Decoupled,
            regarding: workload.clone(),
            related: None,
            namespace,
            word: code,
            note,
            advice,
            identity,
        })
    }

    /// Of a workload whose record went away, where no Plug of the cluster names it: it may be
    /// meant.
    pub(in crate::watch) fn departed(workload: &Workload) -> Self {
        let owners: Vec<String> = workload
            .plugs()
            .iter()
            .map(|coupled| coupled.owner.short())
            .collect();
        let mut parts = vec!["departed", &*workload.id.uid];
        parts.extend(owners.iter().map(String::as_str));
        let shown = owners.iter().take(CANDIDATES);
        let shown = shown.map(String::as_str).collect::<Vec<_>>().join(", ");
        let note = note(&format!(
            "{}: {} `{}` has no record of its couplings any more (Plugs {shown}): either its Plugs were removed and it was \
             rendered without them, or a manifest that was not rendered was applied over the rendered one",
            Code::RecordStripped.as_str(),
            workload.id.kind,
            workload.id.name
        ));
        Self {
            level: Level::Normal,
            reason: Reason::Decoupled,
            regarding: workload.id.clone(),
            related: None,
            namespace: workload.id.namespace.to_string(),
            word: Code::RecordStripped.as_str(),
            note,
            advice: Some(Advice {
                code: Code::RecordStripped,
                help: None,
            }),
            identity: hash(&parts),
        }
    }

    /// That what this one reported is coupled again; `event` is the name that it had.
    pub(in crate::watch) fn coupled(&self, event: &str) -> Self {
        let cause = self.word;
        let ObjectId { kind, name, .. } = &self.regarding;
        let note = note(&format!(
            "coupled: what {kind} `{}/{name}` was reported for is coupled again ({cause}, Event `{event}`)",
            self.namespace
        ));
        Self {
            level: Level::Normal,
            reason: Reason::Coupled,
            word: "coupled",
            note,
            advice: None,
            identity: hash(&["coupled", &self.identity.to_string(), event]),
            ..self.clone()
        }
    }

    /// Which Event reports what a namespace has beyond its limit.
    pub(in crate::watch) fn rest(namespace: &str) -> Identity {
        hash(&["rest", namespace])
    }

    /// Of what a namespace has beyond its limit.
    pub(in crate::watch) fn of_rest(identity: Identity, namespace: &str, drifts: usize) -> Self {
        // the server wants an Event in the namespace of what it is about, even where that is the
        // namespace itself
        let regarding = ObjectId {
            api_version: "v1",
            kind: "Namespace",
            namespace: namespace.into(),
            name: namespace.into(),
            uid: Box::default(),
        };
        let word = Code::LimitExceeded.as_str();
        let note = note(&format!(
            "{word}: namespace `{namespace}` has {drifts} more differences, which are not \
             reported one by one; `coupler watch --once -n {namespace}` lists them"
        ));
        Self {
            level: Level::Warning,
            reason: Reason::Decoupled,
            regarding,
            related: None,
            namespace: namespace.to_owned(),
            word,
            note,
            advice: None,
            identity,
        }
    }
}

/// The first Plugs by name, and how many more there are.
fn plugs(drifts: &[&Drift]) -> String {
    let plugs: BTreeSet<String> = drifts.iter().map(|drift| drift.owner_name()).collect();
    let more = plugs.len().saturating_sub(CANDIDATES);
    let shown: Vec<String> = plugs.into_iter().take(CANDIDATES).collect();
    if more > 0 {
        format!("{} and {more} more", shown.join(", "))
    } else {
        shown.join(", ")
    }
}
