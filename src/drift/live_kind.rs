//! Defines the kinds of workload that a cluster is asked for: those that are always watched, and
//! those that are named.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::LazyLock;

use super::object_key::GroupKind;
use crate::manifest::stream::group;
use crate::project::{BUILT_IN, Mapping, WatchedWhen, WorkloadKind, WorkloadKinds, plural};

/// A kind of workload, as a cluster serves it. There is one of each for the whole process.
#[derive(Debug)]
pub struct LiveKind {
    /// `apiVersion`
    pub api_version: &'static str,
    /// `kind`
    pub kind: &'static str,
    /// The plural, by which the API server has it.
    pub plural: Cow<'static, str>,
    /// How much is read of an object.
    pub extent: ReadExtent,
    /// Where its parts are.
    pub(super) mapping: &'static Mapping,
    /// The kinds of workload that are known beside it.
    pub(super) kinds: &'static WorkloadKinds,
    /// The row of the table that it is.
    built_in: Option<&'static WorkloadKind>,
}

/// How much is read of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadExtent {
    /// Only what the kinds that are built in have of pods: all else is skipped while it is read.
    Pods,
    /// All of it, to find what a mapping leads to; no more of it is kept.
    Whole,
}

static ALWAYS: LazyLock<Vec<LiveKind>> =
    LazyLock::new(|| WorkloadKind::watched().map(LiveKind::built_in).collect());

impl LiveKind {
    /// Those that are always watched.
    pub fn always() -> impl Iterator<Item = &'static Self> {
        ALWAYS.iter()
    }

    /// A kind that is built in.
    pub fn built_in(known: &'static WorkloadKind) -> Self {
        Self {
            api_version: known.api_version(),
            kind: known.kind,
            plural: plural(known.kind).into(),
            extent: ReadExtent::Pods,
            mapping: known.mapping,
            kinds: &BUILT_IN,
            built_in: Some(known),
        }
    }

    /// A kind that has a mapping among these, or else is built in; `None`: neither.
    pub fn known(
        api_version: &'static str,
        kind: &'static str,
        kinds: &'static WorkloadKinds,
    ) -> Option<Self> {
        let Some(resource) = kinds.mapped_resource(api_version, kind) else {
            return WorkloadKind::of(api_version, kind).map(Self::built_in);
        };
        let plural = resource.split('.').next().unwrap_or_default();
        Some(Self {
            api_version,
            kind,
            plural: plural.to_owned().into(),
            extent: ReadExtent::Whole,
            mapping: kinds.of(api_version, kind)?.mapping,
            kinds,
            built_in: WorkloadKind::of(api_version, kind),
        })
    }

    /// Kind and group.
    pub fn group_kind(&self) -> GroupKind {
        GroupKind::new(self.api_version, self.kind)
    }

    /// Whether a Plug means it by a `kind` and, where it writes one, an `apiVersion`.
    pub fn is_of(&self, api_version: Option<&str>, kind: &str) -> bool {
        let is_of_group = |wanted: &str| {
            group(wanted) == group(self.api_version)
                || (self.built_in).is_some_and(|known| known.is_of(Some(wanted), kind))
        };
        self.kind == kind && api_version.is_none_or(is_of_group)
    }
}

/// What a kind of workload is called in logs and metrics: one that is always watched by its name
/// alone.
pub fn kind_label(api_version: &'static str, kind: &'static str) -> String {
    let known = WorkloadKind::of(api_version, kind);
    match known.map(|known| known.watch) {
        Some(WatchedWhen::Always) => kind.to_owned(),
        Some(WatchedWhen::WhenNamed | WatchedWhen::Never) | None => {
            GroupKind::new(api_version, kind).to_string()
        }
    }
}

// one of each: it is what it is called
impl PartialEq for LiveKind {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for LiveKind {}

impl PartialOrd for LiveKind {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for LiveKind {
    fn cmp(&self, other: &Self) -> Ordering {
        self.group_kind().cmp(&other.group_kind())
    }
}
