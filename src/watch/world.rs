//! The cluster as the feed tells it: which kinds are listed, which objects a new listing leaves
//! out, which workloads lost their label.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::feed::{Change, Failure, WatchedObject};
use super::look::Found;
use super::named::LookUps;
use super::object::{WatchedKind, What};
use crate::drift::{Cluster, Key, Selector, Workload, WorkloadNaming};

/// How long a kind that was listed may fail before the watcher reports that it is not ready.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is known of a kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Known {
    /// Nothing yet.
    #[default]
    Nothing,
    /// That it cannot be listed: the server does not know it, or does not let us see it.
    Unlisted,
    /// Its objects, as they were when the server last answered. An error changes nothing of that.
    Objects,
}

/// The watch of a kind.
#[derive(Debug, Default)]
struct Store {
    known: Known,
    /// The objects of the listing that is under way.
    listing: Option<BTreeSet<Key>>,
    failing: Option<Failing>,
}

/// A watch that fails.
#[derive(Debug)]
struct Failing {
    since: Duration,
    why: String,
}

/// What a change comes to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Effect {
    /// Whether the couplings are to be judged again.
    pub(super) changed: bool,
    /// Workloads that do not have the label any more, or are gone: a look-up of each finds out
    /// which.
    pub(super) left: Vec<WorkloadNaming>,
    /// What became of a kind's watch.
    pub(super) watch: Option<Watched>,
}

/// What became of the watch of a kind.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Watched {
    /// It failed; `news`: it had not failed before.
    Failed {
        /// The kind.
        kind: &'static str,
        /// Why.
        failure: Failure,
        /// Whether it is to be logged.
        news: bool,
    },
    /// It is there again.
    Back(&'static str),
}

/// What a look-up comes to.
#[derive(Debug, Default)]
pub(super) struct LookUpOutcome {
    /// Whether the couplings are to be judged again.
    pub(super) changed: bool,
    /// A workload that is still there and has lost its record: as it was before, changed when it
    /// lost it.
    pub(super) unrecorded: Option<Workload>,
}

/// Everything that is known.
#[derive(Debug)]
pub(super) struct World {
    pub(super) cluster: Cluster,
    stores: BTreeMap<WatchedKind, Store>,
    /// Workloads that are looked up. One that the watch tells of meanwhile is not what the look-up
    /// saw.
    left: BTreeSet<Key>,
    /// What is looked up since Plugs name it.
    pub(super) named: LookUps,
}

impl World {
    /// A world in which nothing was listed yet.
    pub(super) fn new() -> Self {
        let stores = WatchedKind::all()
            .map(|kind| (kind, Store::default()))
            .collect();
        Self {
            cluster: Cluster::default(),
            stores,
            left: BTreeSet::new(),
            named: LookUps::default(),
        }
    }

    /// Takes one change in.
    pub(super) fn apply(&mut self, change: Change, now: Duration) -> Effect {
        let mut effect = Effect::default();
        match change {
            Change::Listing(kind) => self.store(kind).listing = Some(BTreeSet::new()),
            Change::Put(kind, key, object) => {
                self.left.remove(&key);
                if let Some(listing) = &mut self.store(kind).listing {
                    listing.insert(key);
                }
                effect.changed = self.put(kind, object);
            }
            Change::Gone(kind, key) => self.gone(kind, key, &mut effect),
            Change::Listed(kind) => {
                let store = self.store(kind);
                let listed = store.listing.take().unwrap_or_default();
                store.known = Known::Objects;
                self.cluster.list(kind.kind, true);
                effect.changed = true;
                for key in self
                    .keys(kind)
                    .into_iter()
                    .filter(|key| !listed.contains(key))
                {
                    self.gone(kind, key, &mut effect);
                }
            }
            Change::Watching(kind) => {
                let back = self.store(kind).failing.take();
                effect.watch = back.map(|_| Watched::Back(kind.kind));
            }
            Change::Failed(kind, failure) => self.failed(kind, failure, now, &mut effect),
        }
        effect
    }

    /// What was known stays, unless nothing is: then a kind that cannot be listed is none of ours.
    fn failed(&mut self, kind: WatchedKind, failure: Failure, now: Duration, effect: &mut Effect) {
        let uninstalled = matches!(failure, Failure::Absent(_)) && self.keys(kind).is_empty();
        let store = self.store(kind);
        let refused = matches!(failure, Failure::Absent(_) | Failure::Forbidden(_));
        let before = store.failing.take();
        let since = before.as_ref().map_or(now, |failing| failing.since);
        store.failing = Some(Failing {
            since,
            why: failure.why().to_owned(),
        });
        if refused && store.known != Known::Objects || uninstalled {
            let news = std::mem::replace(&mut store.known, Known::Unlisted) != Known::Unlisted;
            effect.changed = self.cluster.list(kind.kind, false) || news;
        }
        effect.watch = Some(Watched::Failed {
            kind: kind.kind,
            failure,
            news: before.is_none(),
        });
    }

    fn store(&mut self, kind: WatchedKind) -> &mut Store {
        self.stores.entry(kind).or_default()
    }

    fn put(&mut self, kind: WatchedKind, object: WatchedObject) -> bool {
        match object {
            WatchedObject::Integration(value) => self.cluster.put_integration(kind.kind, &value),
            WatchedObject::Service(value) => self.cluster.put_service(&value),
            WatchedObject::Workload(workload) => return self.cluster.put_workload(workload),
        }
        true
    }

    fn gone(&mut self, kind: WatchedKind, key: Key, effect: &mut Effect) {
        match kind.what {
            What::Integration => self.cluster.drop_integration(&key),
            What::Service => self.cluster.drop_service(key.1, key.2),
            What::Workload => {
                self.left.insert(key.clone());
                let WatchedKind {
                    api_version, kind, ..
                } = kind;
                let selector = Selector::Name(key.2.into());
                return effect.left.push(WorkloadNaming {
                    api_version,
                    kind,
                    namespace: key.1.into(),
                    selector,
                });
            }
        }
        effect.changed = true;
    }

    /// What a look-up found.
    pub(super) fn found(
        &mut self,
        naming: &WorkloadNaming,
        found: Found,
        now: Duration,
    ) -> LookUpOutcome {
        let mut outcome = LookUpOutcome::default();
        if let Selector::Name(name) = &naming.selector {
            let key = (naming.kind, naming.namespace.to_string(), name.to_string());
            if found != Found::Labelled && self.left.remove(&key) {
                outcome.changed = true;
                let workload = self.cluster.drop_workload(&key);
                if let (Some(workload), Found::Unrecorded(now)) = (workload, &found) {
                    let changed = now.first().map(|now| now.changed.clone());
                    outcome.unrecorded = Some(Workload {
                        changed: changed.unwrap_or_default(),
                        ..workload
                    });
                }
                self.named.left(&key, now);
            }
        }
        outcome.changed |= self.named.found(naming, found, &mut self.cluster, now);
        outcome
    }

    fn keys(&self, kind: WatchedKind) -> Vec<Key> {
        match kind.what {
            What::Integration => self
                .cluster
                .integrations()
                .filter(|key| key.0 == kind.kind)
                .cloned()
                .collect(),
            What::Service => {
                let services = self.cluster.service_keys();
                services
                    .map(|(namespace, name)| (kind.kind, namespace.clone(), name.clone()))
                    .collect()
            }
            What::Workload => self
                .cluster
                .workloads()
                .map(|(key, _)| key)
                .filter(|key| key.0 == kind.kind)
                .cloned()
                .collect(),
        }
    }

    /// Whether every kind is listed, or known not to be: before that nothing is judged.
    pub(super) fn is_synced(&self) -> bool {
        self.stores
            .values()
            .all(|store| store.known != Known::Nothing)
    }

    /// What keeps the watcher from being ready; empty: nothing.
    pub(super) fn not_ready(&self, now: Duration) -> String {
        let reasons = self.stores.iter().filter_map(|(kind, store)| {
            let why = store.failing.as_ref().map(|failing| failing.why.as_str());
            let reason = match store.known {
                Known::Nothing => why.unwrap_or("not listed yet"),
                Known::Unlisted if kind.is_optional() => return None,
                Known::Unlisted => why.unwrap_or("cannot be listed"),
                Known::Objects => {
                    let failing = store.failing.as_ref()?;
                    (now.saturating_sub(failing.since) >= PATIENCE)
                        .then_some(failing.why.as_str())?
                }
            };
            Some(format!("{}: {reason}", kind.kind))
        });
        reasons.collect::<Vec<_>>().join("\n")
    }

    /// How many objects of each kind are known.
    pub(super) fn objects(&self) -> BTreeMap<&'static str, usize> {
        let mut objects: BTreeMap<_, _> = self.stores.keys().map(|kind| (kind.kind, 0)).collect();
        let keys = self
            .cluster
            .integrations()
            .chain(self.cluster.workloads().map(|(key, _)| key));
        for (kind, ..) in keys {
            *objects.entry(kind).or_default() += 1;
        }
        objects.insert("Service", self.cluster.services());
        objects
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::drift::Live;

    fn kind(name: &str) -> WatchedKind {
        WatchedKind::all().find(|kind| kind.kind == name).unwrap()
    }

    fn key(kind: WatchedKind, name: &str) -> Key {
        (kind.kind, "shop".to_owned(), name.to_owned())
    }

    fn naming(name: &str) -> WorkloadNaming {
        let selector = Selector::Name(name.into());
        WorkloadNaming {
            api_version: "apps/v1",
            kind: "Deployment",
            namespace: "shop".into(),
            selector,
        }
    }

    fn workload(name: &str) -> WatchedObject {
        let live: Live =
            serde_json::from_value(json!({"metadata": {"namespace": "shop", "name": name}}))
                .unwrap();
        WatchedObject::Workload(Workload::read("apps/v1", "Deployment", &live))
    }

    fn put(world: &mut World, name: &str) -> Effect {
        let deployment = kind("Deployment");
        world.apply(
            Change::Put(deployment, key(deployment, name), workload(name)),
            Duration::ZERO,
        )
    }

    #[test]
    fn nothing_is_judged_before_every_kind_is_listed_or_known_not_to_be() {
        let mut world = World::new();
        for kind in WatchedKind::all() {
            assert!(!world.is_synced());
            match kind.what {
                What::Integration => {
                    let failure = Failure::Absent("404".to_owned());
                    world.apply(Change::Failed(kind, failure), Duration::ZERO);
                }
                _ => {
                    world.apply(Change::Listing(kind), Duration::ZERO);
                    world.apply(Change::Listed(kind), Duration::ZERO);
                }
            }
        }
        assert!(world.is_synced());
        assert_eq!(
            world.not_ready(PATIENCE * 9),
            "",
            "a cluster without our kinds is none the worse"
        );
    }

    #[test]
    fn a_listing_tells_what_left_while_nobody_watched() {
        let mut world = World::new();
        let deployment = kind("Deployment");
        put(&mut world, "a");
        put(&mut world, "b");
        world.apply(Change::Listing(deployment), Duration::ZERO);
        put(&mut world, "b");
        let effect = world.apply(Change::Listed(deployment), Duration::ZERO);
        assert_eq!(effect.left, [naming("a")]);
        assert_eq!(
            world.objects()["Deployment"],
            2,
            "until it is known what became of it"
        );
    }

    #[test]
    fn what_was_looked_up_before_it_came_back_is_out_of_date() {
        let mut world = World::new();
        let deployment = kind("Deployment");
        let gone = || {
            Change::Gone(
                deployment,
                (deployment.kind, "shop".to_owned(), "a".to_owned()),
            )
        };
        put(&mut world, "a");
        world.apply(gone(), Duration::ZERO);
        put(&mut world, "a");
        assert!(
            !world
                .found(&naming("a"), Found::Gone, Duration::ZERO)
                .changed,
            "it was made anew meanwhile"
        );
        assert_eq!(world.objects()["Deployment"], 1);
        world.apply(gone(), Duration::ZERO);
        assert!(
            world
                .found(&naming("a"), Found::Gone, Duration::ZERO)
                .changed
        );
        assert_eq!(world.objects()["Deployment"], 0);
    }

    /// A world in which every kind was listed and is watched, with a Plug and a Deployment in it.
    fn watched() -> World {
        let mut world = World::new();
        for kind in WatchedKind::all() {
            world.apply(Change::Listing(kind), Duration::ZERO);
            if kind.kind == "Plug" {
                let plug = json!({"metadata": {"namespace": "shop", "name": "p"}, "spec": {}});
                world.apply(
                    Change::Put(kind, key(kind, "p"), WatchedObject::Integration(plug)),
                    Duration::ZERO,
                );
            }
            if kind.kind == "Deployment" {
                put(&mut world, "a");
            }
            world.apply(Change::Listed(kind), Duration::ZERO);
            world.apply(Change::Watching(kind), Duration::ZERO);
        }
        world
    }

    #[test]
    fn an_error_is_no_absence_and_makes_every_kind_unready_until_it_is_watched_again() {
        let why = || "why".to_owned();
        for kind in WatchedKind::all() {
            for failure in [
                Failure::Forbidden(why()),
                Failure::Absent(why()),
                Failure::Passing(why()),
            ] {
                let mut world = watched();
                if matches!(failure, Failure::Absent(_))
                    && !["Plug", "Deployment"].contains(&kind.kind)
                {
                    continue; // none is there: it is uninstalled
                }
                let before = world.objects();
                let failed = |world: &mut World, now| {
                    world.apply(Change::Failed(kind, failure.clone()), now)
                };
                let effect = failed(&mut world, Duration::ZERO);
                let said = |news| {
                    Some(Watched::Failed {
                        kind: kind.kind,
                        failure: failure.clone(),
                        news,
                    })
                };
                assert_eq!(
                    (effect.changed, effect.left.len(), effect.watch),
                    (false, 0, said(true))
                );
                assert_eq!(
                    failed(&mut world, PATIENCE / 2).watch,
                    said(false),
                    "it is logged once, and counted each time"
                );
                assert_eq!(world.not_ready(PATIENCE / 2), "");
                assert_eq!(world.not_ready(PATIENCE), format!("{}: why", kind.kind));
                assert_eq!(world.objects(), before);
                assert!(world.cluster.can_list(kind.kind));
                let back = world.apply(Change::Watching(kind), PATIENCE * 2).watch;
                assert_eq!(back, Some(Watched::Back(kind.kind)));
                assert_eq!(world.not_ready(PATIENCE * 2), "");
                assert_eq!(
                    world.apply(Change::Watching(kind), PATIENCE * 2).watch,
                    None
                );
            }
        }
    }

    #[test]
    fn kinds_that_are_uninstalled_make_nothing_unready() {
        let mut world = watched();
        let plug = kind("Plug");
        world.apply(Change::Gone(plug, key(plug, "p")), Duration::ZERO);
        assert!(
            world
                .apply(
                    Change::Failed(plug, Failure::Absent("404".to_owned())),
                    Duration::ZERO
                )
                .changed
        );
        assert_eq!(
            (
                world.not_ready(PATIENCE * 9).as_str(),
                world.cluster.can_list("Plug")
            ),
            ("", false)
        );
    }

    #[test]
    fn who_may_list_no_workload_is_not_ready() {
        let mut world = World::new();
        for kind in WatchedKind::all() {
            let failure = Failure::Forbidden("forbidden".to_owned());
            world.apply(Change::Failed(kind, failure), Duration::ZERO);
        }
        assert!(world.is_synced(), "what can be judged is");
        assert!(
            world
                .not_ready(Duration::ZERO)
                .contains("Deployment: forbidden")
        );
        assert!(
            !world.not_ready(Duration::ZERO).contains("Plug"),
            "nobody needs to have our kinds"
        );
    }

    #[test]
    fn what_did_not_change_is_not_judged_again() {
        let mut world = World::new();
        assert!(put(&mut world, "a").changed);
        assert!(!put(&mut world, "a").changed);
    }
}

#[cfg(test)]
mod restarts;
