//! One Event as the API server takes it: a name that every replica would give it, a note that fits.
//!
//! The rules are the server's: `events.k8s.io/v1`, `pkg/apis/core/validation/events.go` of Kubernetes 1.36.

use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::diagnostic::printable;
use crate::render::drift::{Drift, ObjectId};

/// Who reports.
const CONTROLLER: &str = "integration.rock8s.com/coupler";
/// Bytes of a note, and of a reporting instance.
const NOTE: usize = 1024;
const INSTANCE: usize = 128;
/// Bytes of a name that are left to the object's own: a DNS subdomain has 253, and the hash wants 17.
const NAME: usize = 230;

/// An Event that is to be fired, and what tells it from every other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Report {
    /// What it is about.
    pub(super) regarding: ObjectId,
    /// The other side.
    pub(super) related: Option<ObjectId>,
    /// Where it stands.
    pub(super) namespace: String,
    /// What it says, the cause's code first.
    pub(super) note: String,
    /// What is the same for every replica and after every restart, as long as the cause lasts.
    pub(super) identity: String,
}

impl Report {
    /// Of one drift.
    pub(super) fn of(drift: &Drift) -> Self {
        let regarding = drift.regarding.clone().unwrap_or_else(|| drift.workload.clone());
        let related = drift.regarding.is_some().then(|| drift.workload.clone());
        Self {
            namespace: drift.workload.namespace.to_string(),
            regarding,
            related,
            note: note(&format!("{}: {}", drift.diagnostic.code.as_str(), drift.diagnostic.message)),
            identity: identity(drift),
        }
    }

    /// Of many Plugs of one namespace that one Socket takes down.
    pub(super) fn summary(drifts: &[&Drift]) -> Option<Self> {
        let first = drifts.first()?;
        let (namespace, name) = first.socket.split_once('/').unwrap_or((&first.workload.namespace, &first.socket));
        let regarding = ObjectId {
            api_version: crate::api::API_VERSION,
            kind: "Socket",
            namespace: namespace.into(),
            name: name.into(),
            uid: Box::default(),
        };
        let code = first.diagnostic.code.as_str();
        let plugs: Vec<&str> = drifts.iter().map(|drift| &*drift.plug).collect();
        let home = &first.workload.namespace;
        let note = note(&format!(
            "{code}: {} couplings of namespace `{home}` to Socket `{}` came apart at once: {}",
            drifts.len(),
            first.socket,
            plugs.join(", ")
        ));
        let identity = hash(&["summary", code, &first.socket, home]);
        Some(Self { regarding, related: None, namespace: home.to_string(), note, identity })
    }

    /// The Event's name. `episode` counts what decoupled, healed, and decoupled again for the same cause.
    pub(super) fn name(&self, episode: u32) -> String {
        let object = cut(&self.regarding.name, NAME).trim_end_matches(['.', '-']);
        format!("{object}.{}", &hash(&[&self.identity, &episode.to_string(), CONTROLLER])[..16])
    }

    /// The Event itself.
    pub(super) fn event(&self, episode: u32, instance: &str, now: Timestamp) -> Value {
        json!({
            "apiVersion": "events.k8s.io/v1",
            "kind": "Event",
            "metadata": {"name": self.name(episode), "namespace": self.namespace},
            "eventTime": micro_time(now),
            "type": "Warning",
            "reason": "Decoupled",
            "action": "CheckCoupling",
            "reportingController": CONTROLLER,
            "reportingInstance": cut(instance, INSTANCE),
            "regarding": reference(&self.regarding),
            "related": self.related.as_ref().map(reference),
            "note": self.note,
        })
    }
}

/// The patch that says that it still lasts.
pub(super) fn series(count: u32, now: Timestamp) -> Value {
    json!({"series": {"count": count.max(2), "lastObservedTime": micro_time(now)}})
}

/// What tells a drift from every other one: objects by uid, so that what is made anew is another.
pub(super) fn identity(drift: &Drift) -> String {
    let plug = drift.regarding.as_ref().map(|plug| &*plug.uid).unwrap_or_default();
    let code = drift.diagnostic.code.as_str();
    hash(&[&drift.workload.uid, plug, &drift.plug, code, &drift.socket, &drift.detail])
}

/// A MicroTime: exactly six digits behind the second.
fn micro_time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}

fn reference(id: &ObjectId) -> Value {
    let mut reference = json!({
        "apiVersion": id.api_version, "kind": id.kind, "namespace": id.namespace, "name": id.name,
    });
    if !id.uid.is_empty() {
        reference["uid"] = (*id.uid).into();
    }
    reference
}

fn hash(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A text as a terminal may show it, in a note's size.
fn note(text: &str) -> String {
    let text = &printable::line(text);
    if text.len() <= NOTE {
        return text.to_owned();
    }
    format!("{}…", cut(text, NOTE - '…'.len_utf8()))
}

/// The first bytes of a text, whole characters only.
fn cut(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rev().find(|&at| text.is_char_boundary(at));
    &text[..end.unwrap_or_default()]
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::diagnostic::{Code, Diagnostic};

    /// A drift of one Plug, level with the cluster where it has a uid.
    pub(crate) fn drift(plug: &str, code: Code, detail: &str) -> Drift {
        let id = |kind, name: &str| ObjectId {
            api_version: "v1",
            kind,
            namespace: "shop".into(),
            name: name.into(),
            uid: format!("uid-{name}").into(),
        };
        Drift {
            diagnostic: Diagnostic::error(code, "something came apart"),
            workload: id("Deployment", "web"),
            plug: plug.into(),
            regarding: Some(id("Plug", plug)),
            socket: "data/mongo".into(),
            detail: detail.to_owned(),
            shared: code == Code::SocketGone,
        }
    }

    #[test]
    fn a_name_is_the_same_for_one_cause_and_another_for_the_next() {
        let one = Report::of(&drift("mongo", Code::SocketGone, ""));
        assert_eq!(one.name(0), Report::of(&drift("mongo", Code::SocketGone, "")).name(0));
        let others = [
            one.name(1),
            Report::of(&drift("mongo", Code::SocketGone, "x")).name(0),
            Report::of(&drift("mongo", Code::PlugGone, "")).name(0),
            Report::of(&drift("orders", Code::SocketGone, "")).name(0),
        ];
        assert!(others.iter().all(|other| *other != one.name(0)), "{others:?}");
        assert!(one.name(0).starts_with("mongo."));
    }

    #[test]
    fn a_long_name_and_a_long_note_are_cut_at_a_character() {
        let mut drift = drift(&format!("{}.-{}", "a".repeat(228), "b".repeat(20)), Code::SocketGone, "");
        drift.diagnostic.message = "é".repeat(1000);
        let report = Report::of(&drift);
        assert!(report.name(0).len() <= 253, "{}", report.name(0));
        assert!(!report.name(0).contains("-.") && !report.name(0).contains(".."), "{}", report.name(0));
        assert!(report.note.len() <= 1024 && report.note.ends_with("é…"), "{}", report.note.len());
    }

    #[test]
    fn the_event_has_what_the_server_demands() {
        let now = "2026-11-25T10:00:00.5Z".parse().unwrap();
        let event = Report::of(&drift("mongo", Code::SocketGone, "")).event(0, "pod-1", now);
        assert_eq!(event["eventTime"], "2026-11-25T10:00:00.500000Z");
        assert_eq!(event["regarding"]["kind"], "Plug");
        assert_eq!(event["related"]["kind"], "Deployment");
        assert!(event["note"].as_str().unwrap().starts_with("socket-gone: "));
        assert_eq!(series(1, now)["series"]["count"], 2);
    }

    #[test]
    fn without_a_plug_in_the_cluster_it_is_about_the_workload() {
        let drift = Drift { regarding: None, ..drift("mongo", Code::BakedEntryEdited, "") };
        let report = Report::of(&drift);
        assert_eq!((report.regarding.kind, report.related), ("Deployment", None));
    }
}
