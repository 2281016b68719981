//! Makes an Event that the API server accepts: with a name that is the same in every replica, and a
//! message within the size limit.
//!
//! The rules are the server's: `events.k8s.io/v1`, `pkg/apis/core/validation/events.go` of
//! Kubernetes 1.36.

mod note;
mod report;

use std::fmt;

use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::diagnostic::printable;
use crate::drift::{Drift, ObjectId};
use note::{Advice, cut, with_tail};

/// Who reports.
const CONTROLLER: &str = "integration.rock8s.com/coupler";
/// What every Event of ours has.
const ACTION: &str = "CheckCoupling";
/// Seconds by which the clock of whoever makes an Event may be ahead of the server's.
pub(super) const CLOCKS: i64 = 300;
/// Bytes of a reporting instance.
const INSTANCE: usize = 128;
/// Bytes of a name that are left to the object's own: a DNS subdomain has 253, and the hash wants
/// 17.
const NAME: usize = 230;

/// What is the same for every replica and after every restart, as long as a cause lasts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Identity(pub(super) [u8; 16]);

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Who names an Event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Naming {
    /// This many episodes came before: every replica gives the same name.
    Episode(u32),
    /// The server, so that the name cannot be taken before.
    Server,
}

/// How much an Event matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// Something differs.
    Warning,
    /// Something happened that may be meant.
    Normal,
}

impl Level {
    fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "Warning",
            Self::Normal => "Normal",
        }
    }
}

/// What an Event reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// Something differs.
    Decoupled,
    /// It is coupled again.
    Coupled,
}

impl Reason {
    fn as_str(self) -> &'static str {
        match self {
            Self::Decoupled => "Decoupled",
            Self::Coupled => "Coupled",
        }
    }
}

/// Who makes Events, and where they send their readers.
#[derive(Clone, Debug)]
pub(super) struct Reporter {
    /// The pod's name.
    pub(super) instance: String,
    /// The address of the pages on causes, if one is set: a cause is put to its end.
    pub(super) book: Option<String>,
}

/// An Event that is to be fired, and what distinguishes it from every other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Report {
    /// How much it matters.
    pub(super) level: Level,
    /// What it reports.
    pub(super) reason: Reason,
    /// What it is about.
    pub(super) regarding: ObjectId,
    /// The other side.
    pub(super) related: Option<ObjectId>,
    /// Where it is.
    pub(super) namespace: String,
    /// The word for what happened, a code where something differs: the note begins with it.
    pub(super) word: &'static str,
    /// Its record.
    pub(super) note: String,
    /// What to do about it.
    pub(super) advice: Option<Advice>,
    /// Which cause.
    pub(super) identity: Identity,
}

impl Report {
    /// The Event's name. `episode` counts what decoupled, healed, and decoupled again for the same
    /// cause.
    pub(super) fn name(&self, episode: u32) -> String {
        let hash =
            hash(&[&self.identity.to_string(), &episode.to_string(), CONTROLLER]).to_string();
        format!("{}.{}", self.object(), &hash[..16])
    }

    /// As much of the object's name as fits into the Event's.
    fn object(&self) -> &str {
        cut(&self.regarding.name, NAME).trim_end_matches(['.', '-'])
    }

    /// The Event itself.
    pub(super) fn event(&self, naming: Naming, reporter: &Reporter, now: Timestamp) -> Value {
        let advice = self.advice.as_ref().map(|advice| advice.text(reporter));
        let advice = printable::line(&advice.unwrap_or_default());
        let metadata = match naming {
            Naming::Episode(episode) => {
                json!({"name": self.name(episode), "namespace": self.namespace})
            }
            Naming::Server => {
                json!({"generateName": format!("{}-", self.object()), "namespace": self.namespace})
            }
        };
        json!({
            "apiVersion": "events.k8s.io/v1",
            "kind": "Event",
            "metadata": metadata,
            "eventTime": micro_time(now),
            "type": self.level.as_str(),
            "reason": self.reason.as_str(),
            "action": ACTION,
            "reportingController": CONTROLLER,
            "reportingInstance": cut(&reporter.instance, INSTANCE),
            "regarding": reference(&self.regarding),
            "related": self.related.as_ref().map(reference),
            "note": with_tail(&self.note, &advice),
        })
    }

    /// Whether an Event that the server made at this time says of the same object that the same
    /// cause was found.
    ///
    /// Whoever may create Events can make one that does; then the drift is reported, if not by us.
    pub(super) fn is_reported_by(&self, event: &Value, made: Timestamp) -> bool {
        let has = |key: &str, value: &str| event[key] == *value;
        let has_word = |note: &str| {
            let behind = note.strip_prefix(self.word);
            behind.is_some_and(|behind| behind.starts_with(':'))
        };
        let dated: Option<Timestamp> = event["eventTime"]
            .as_str()
            .and_then(|time| time.parse().ok());
        has("type", self.level.as_str())
            && has("reason", self.reason.as_str())
            && has("action", ACTION)
            && has("reportingController", CONTROLLER)
            && event["regarding"]["uid"].as_str().unwrap_or_default() == &*self.regarding.uid
            && event["regarding"]["kind"] == self.regarding.kind
            && event["regarding"]["name"] == *self.regarding.name
            && event["note"].as_str().is_some_and(has_word)
            && dated.is_some_and(|dated| dated.as_second() <= made.as_second() + CLOCKS)
    }
}

/// The patch that records that it still lasts.
pub(super) fn series(count: u32, now: Timestamp) -> Value {
    json!({"series": {"count": count.max(2), "lastObservedTime": micro_time(now)}})
}

/// What distinguishes a drift from every other one: objects by uid, so that what is created again
/// is another.
pub(super) fn identity(drift: &Drift) -> Identity {
    let plug = drift
        .regarding
        .as_ref()
        .map(|plug| &*plug.uid)
        .unwrap_or_default();
    let code = drift.diagnostic.code.as_str();
    hash(&[
        &drift.workload.uid,
        plug,
        &drift.owner_name(),
        code,
        &drift.socket,
        &drift.detail,
    ])
}

/// When the objects that show a drift were last changed; `None`: this is not recorded.
pub(super) fn changed(drift: &Drift) -> Option<Timestamp> {
    changed_at(&drift.changed)
}

/// A time of the server's; `None`: it is not known.
pub(super) fn changed_at(time: &str) -> Option<Timestamp> {
    time.parse().ok()
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

fn hash(parts: &[&str]) -> Identity {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let mut identity = Identity::default();
    identity.0.copy_from_slice(&hash.finalize()[..16]);
    identity
}

#[cfg(test)]
pub(super) mod tests;
