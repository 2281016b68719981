//! One Event as the API server takes it: a name that every replica would give it, a note that fits.
//!
//! The rules are the server's: `events.k8s.io/v1`, `pkg/apis/core/validation/events.go` of
//! Kubernetes 1.36.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::diagnostic::{Code, Diagnostic, printable};
use crate::drift::{Drift, ObjectId, Workload};
use crate::limits::CANDIDATES;

/// Who reports.
const CONTROLLER: &str = "integration.rock8s.com/coupler";
/// What every Event of ours has.
const ACTION: &str = "CheckCoupling";
/// Seconds by which the clock of whoever makes an Event may be ahead of the server's.
pub(super) const CLOCKS: i64 = 300;
/// Bytes of a note, and of a reporting instance.
const NOTE: usize = 1024;
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
    /// The server, so that nobody can take the name before.
    Server,
}

/// How much an Event matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// Something came apart.
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
    /// Something came apart.
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

/// What to do about a cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Advice {
    code: Code,
    /// The first line of its help.
    help: Option<String>,
}

impl Advice {
    fn of(diagnostic: &Diagnostic) -> Self {
        let help = diagnostic
            .help
            .as_ref()
            .and_then(|help| help.lines().next());
        Self {
            code: diagnostic.code,
            help: help.map(|line| line.trim_end_matches(':').to_owned()),
        }
    }

    /// For the end of a note.
    fn text(&self, reporter: &Reporter) -> String {
        let code = self.code.as_str();
        let help = self.help.as_ref().map(|help| format!(". To do: {help}"));
        let book = reporter.book.as_ref().map(|book| format!(", {book}{code}"));
        format!(
            "{}. See `coupler explain {code}`{}",
            help.unwrap_or_default(),
            book.unwrap_or_default()
        )
    }
}

/// An Event that is to be fired, and what tells it from every other.
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
    /// Where it stands.
    pub(super) namespace: String,
    /// What it says, the cause's code first.
    pub(super) note: String,
    /// What to do about it.
    pub(super) advice: Option<Advice>,
    /// Which cause.
    pub(super) identity: Identity,
}

impl Report {
    /// Of one drift.
    pub(super) fn of(identity: Identity, drift: &Drift) -> Self {
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
    pub(super) fn cause(drift: &Drift) -> Identity {
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
    pub(super) fn of_cause(identity: Identity, drifts: &[&Drift]) -> Option<Self> {
        let first = drifts.first()?;
        let cause = first.cause.as_ref()?;
        let code = first.diagnostic.code.as_str();
        let home = &first.workload.namespace;
        // of the same difference everywhere it is said once
        let same = code == Code::WorkloadBehind.as_str()
            && drifts.iter().all(|drift| drift.detail == first.detail);
        let what = match same {
            true => format!(" ({})", first.detail),
            false => String::new(),
        };
        let note = note(&format!(
            "{code}: {} couplings of namespace `{home}` came apart by one cause, {}{what}: Plugs {}",
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
            note,
            advice: Some(Advice::of(&first.diagnostic)),
            identity,
        })
    }

    /// Which Event reports all drifts of the workload of this one.
    pub(super) fn workload(drift: &Drift) -> Identity {
        hash(&[
            "workload",
            drift.workload.kind,
            &drift.workload.namespace,
            &drift.workload.name,
            &drift.workload.uid,
        ])
    }

    /// Of many drifts of one workload.
    pub(super) fn of_workload(identity: Identity, drifts: &[&Drift]) -> Option<Self> {
        let workload = &drifts.first()?.workload;
        let mut codes: BTreeMap<&str, usize> = BTreeMap::new();
        for drift in drifts {
            *codes.entry(drift.diagnostic.code.as_str()).or_default() += 1;
        }
        let (code, _) = codes.iter().max_by_key(|(_, count)| **count)?;
        let with_code = |drift: &&&Drift| drift.diagnostic.code.as_str() == *code;
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
            note,
            advice,
            identity,
        })
    }

    /// Of a workload whose record went away, where no Plug of the cluster names it: it may be
    /// meant.
    pub(super) fn departed(workload: &Workload) -> Self {
        let plugs: Vec<&str> = workload
            .plugs()
            .iter()
            .map(|coupled| &*coupled.plug)
            .collect();
        let shown = plugs
            .iter()
            .take(CANDIDATES)
            .copied()
            .collect::<Vec<_>>()
            .join(", ");
        let mut parts = vec!["departed", &*workload.id.uid];
        parts.extend(&plugs);
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
            note,
            advice: Some(Advice {
                code: Code::RecordStripped,
                help: None,
            }),
            identity: hash(&parts),
        }
    }

    /// That what this one reported is coupled again; `event` is the name that it had.
    pub(super) fn coupled(&self, event: &str) -> Self {
        let cause = self.note.split(':').next().unwrap_or_default();
        let ObjectId { kind, name, .. } = &self.regarding;
        let note = note(&format!(
            "coupled: what {kind} `{}/{name}` was reported for is coupled again ({cause}, Event `{event}`)",
            self.namespace
        ));
        Self {
            level: Level::Normal,
            reason: Reason::Coupled,
            note,
            advice: None,
            identity: hash(&["coupled", &self.identity.to_string(), event]),
            ..self.clone()
        }
    }

    /// Which Event reports what a namespace has beyond its limit.
    pub(super) fn rest(namespace: &str) -> Identity {
        hash(&["rest", namespace])
    }

    /// Of what a namespace has beyond its limit.
    pub(super) fn of_rest(identity: Identity, namespace: &str, drifts: usize) -> Self {
        // the server wants an Event in the namespace of what it is about, even where that is the
        // namespace itself
        let regarding = ObjectId {
            api_version: "v1",
            kind: "Namespace",
            namespace: namespace.into(),
            name: namespace.into(),
            uid: Box::default(),
        };
        let note = note(&format!(
            "limit-exceeded: namespace `{namespace}` has {drifts} more differences than are reported one by one; \
             `coupler watch --once -n {namespace}` lists them"
        ));
        Self {
            level: Level::Warning,
            reason: Reason::Decoupled,
            regarding,
            related: None,
            namespace: namespace.to_owned(),
            note,
            advice: None,
            identity,
        }
    }

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
        let cause = |note: &str| note.split(':').next().unwrap_or_default().to_owned();
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
            && event["note"]
                .as_str()
                .is_some_and(|note| cause(note) == cause(&self.note))
            && dated.is_some_and(|dated| dated.as_second() <= made.as_second() + CLOCKS)
    }
}

/// The patch that says that it still lasts.
pub(super) fn series(count: u32, now: Timestamp) -> Value {
    json!({"series": {"count": count.max(2), "lastObservedTime": micro_time(now)}})
}

/// What tells a drift from every other one: objects by uid, so that what is made anew is another.
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
        &drift.plug,
        code,
        &drift.socket,
        &drift.detail,
    ])
}

/// When the objects that show a drift were last changed; `None`: they do not say.
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

/// The first Plugs by name, and how many more there are.
fn plugs(drifts: &[&Drift]) -> String {
    let plugs: BTreeSet<&str> = drifts.iter().map(|drift| &*drift.plug).collect();
    let more = plugs.len().saturating_sub(CANDIDATES);
    let shown: Vec<&str> = plugs.into_iter().take(CANDIDATES).collect();
    if more > 0 {
        format!("{} and {more} more", shown.join(", "))
    } else {
        shown.join(", ")
    }
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

/// A text as a terminal may show it, in a note's size.
fn note(text: &str) -> String {
    let text = &printable::line(text);
    if text.len() <= NOTE {
        return text.to_owned();
    }
    format!("{}…", cut(text, NOTE - '…'.len_utf8()))
}

/// A note and what comes after it: where both are too long, the note is cut.
fn with_tail(note: &str, tail: &str) -> String {
    let tail = cut(tail, NOTE / 2);
    let room = NOTE - tail.len();
    if note.len() <= room {
        return format!("{note}{tail}");
    }
    format!("{}…{tail}", cut(note, room - '…'.len_utf8()))
}

/// The first bytes of a text, whole characters only.
fn cut(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len()))
        .rev()
        .find(|&at| text.is_char_boundary(at));
    &text[..end.unwrap_or_default()]
}

#[cfg(test)]
pub(super) mod tests;
