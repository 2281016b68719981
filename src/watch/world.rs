//! The cluster as the feed tells it: which kinds are listed, which objects a new listing leaves out, which workloads lost their label.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::feed::{Change, Failure, Object};
use super::look::Found;
use super::object::{Kind, What};
use crate::render::drift::{Cluster, Key, Record};

/// How long a kind may fail before the watcher says that it is not ready.
const PATIENCE: Duration = Duration::from_secs(60);
/// A watch that fails is tried again within 30 s or so, and says nothing when it succeeds: after this long without a failure it
/// has.
const RECOVERED: Duration = Duration::from_secs(90);

/// Where the watch of a kind stands.
#[derive(Debug, Default)]
struct Store {
    /// Whether it was listed, or is known not to be.
    synced: bool,
    /// The objects of the listing that is under way.
    listing: Option<BTreeSet<Key>>,
    failing: Option<Failing>,
}

/// A watch that fails.
#[derive(Debug)]
struct Failing {
    since: Duration,
    last: Duration,
    why: String,
}

impl Failing {
    fn is_over(&self, now: Duration) -> bool {
        now.saturating_sub(self.last) > RECOVERED
    }
}

/// What a change comes to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Effect {
    /// Whether the couplings are to be judged again.
    pub(super) changed: bool,
    /// Workloads that do not bear the label any more, or are gone: who looks each up once knows which.
    pub(super) left: Vec<(Kind, Key)>,
    /// A new failure, to be said: the kind, why, and whether it stays.
    pub(super) failed: Option<(&'static str, Failure)>,
}

/// Everything that is known.
#[derive(Debug)]
pub(super) struct World {
    pub(super) cluster: Cluster,
    stores: BTreeMap<Kind, Store>,
    /// Workloads that are looked up. One that the watch tells of meanwhile is not what the look-up saw.
    left: BTreeSet<Key>,
}

impl World {
    /// A world in which nothing was listed yet.
    pub(super) fn new() -> Self {
        let stores = Kind::all().map(|kind| (kind, Store::default())).collect();
        Self { cluster: Cluster::default(), stores, left: BTreeSet::new() }
    }

    /// Takes one change in.
    pub(super) fn apply(&mut self, change: Change, now: Duration) -> Effect {
        let mut effect = Effect::default();
        match change {
            Change::Listing(kind) => self.store(kind).listing = Some(BTreeSet::new()),
            Change::Put(kind, key, object) => {
                self.left.remove(&key);
                let store = self.store(kind);
                match &mut store.listing {
                    Some(listing) => _ = listing.insert(key),
                    None => store.failing = None,
                }
                effect.changed = self.put(kind, object);
            }
            Change::Gone(kind, key) => {
                self.store(kind).failing = None;
                self.gone(kind, key, &mut effect);
            }
            Change::Listed(kind) => {
                let store = self.store(kind);
                let listed = store.listing.take().unwrap_or_default();
                store.synced = true;
                store.failing = None;
                self.cluster.list(kind.kind, true);
                effect.changed = true;
                for key in self.keys(kind).into_iter().filter(|key| !listed.contains(key)) {
                    self.gone(kind, key, &mut effect);
                }
            }
            Change::Failed(kind, failure) => {
                let store = self.store(kind);
                let before = store.failing.take().filter(|failing| !failing.is_over(now));
                let since = before.as_ref().map_or(now, |failing| failing.since);
                let why = match &failure {
                    Failure::Unlisted(why) | Failure::Passing(why) => why.clone(),
                };
                store.failing = Some(Failing { since, last: now, why });
                if let Failure::Unlisted(_) = failure {
                    let news = !std::mem::replace(&mut store.synced, true);
                    effect.changed = self.cluster.list(kind.kind, false) || news;
                }
                effect.failed = before.is_none().then_some((kind.kind, failure));
            }
        }
        effect
    }

    fn store(&mut self, kind: Kind) -> &mut Store {
        self.stores.entry(kind).or_default()
    }

    fn put(&mut self, kind: Kind, object: Object) -> bool {
        match object {
            Object::Integration(value) => self.cluster.put_integration(kind.kind, &value),
            Object::Service(value) => self.cluster.put_service(&value),
            Object::Workload(workload) => return self.cluster.put_workload(workload),
        }
        true
    }

    fn gone(&mut self, kind: Kind, key: Key, effect: &mut Effect) {
        match kind.what {
            What::Integration => self.cluster.drop_integration(&key),
            What::Service => self.cluster.drop_service(key.1, key.2),
            What::Workload => {
                self.left.insert(key.clone());
                return effect.left.push((kind, key));
            }
        }
        effect.changed = true;
    }

    /// What a look-up found; whether the couplings are to be judged again.
    pub(super) fn found(&mut self, key: &Key, found: Found) -> bool {
        if !self.left.remove(key) {
            return false;
        }
        match found {
            Found::Gone => self.cluster.drop_workload(key),
            Found::Stripped => self.cluster.strip_workload(key),
            Found::Labelled | Found::Unknown => return false,
        }
        true
    }

    /// The workloads without a record, to be looked up again: nothing else tells when they go.
    pub(super) fn look_again(&mut self) -> Vec<(Kind, Key)> {
        let stripped = self.cluster.workloads().filter(|(_, workload)| workload.record == Record::Stripped);
        let stripped: Vec<_> =
            stripped.filter_map(|(key, _)| Some((Kind::all().find(|kind| kind.kind == key.0)?, key.clone()))).collect();
        self.left.extend(stripped.iter().map(|(_, key)| key.clone()));
        stripped
    }

    fn keys(&self, kind: Kind) -> Vec<Key> {
        match kind.what {
            What::Integration => self.cluster.integrations().filter(|key| key.0 == kind.kind).cloned().collect(),
            What::Service => {
                let services = self.cluster.service_keys();
                services.map(|(namespace, name)| (kind.kind, namespace.clone(), name.clone())).collect()
            }
            What::Workload => {
                self.cluster.workloads().map(|(key, _)| key).filter(|key| key.0 == kind.kind).cloned().collect()
            }
        }
    }

    /// Whether every kind is listed, or known not to be: before that nothing is judged.
    pub(super) fn is_synced(&self) -> bool {
        self.stores.values().all(|store| store.synced)
    }

    /// What keeps the watcher from being ready; empty: nothing.
    pub(super) fn not_ready(&self, now: Duration) -> String {
        let reasons = self.stores.iter().filter(|(kind, store)| !(kind.is_optional() && store.synced));
        let reasons = reasons.filter_map(|(kind, store)| {
            let failing = store.failing.as_ref().filter(|failing| !failing.is_over(now));
            let long = |failing: &&Failing| now.saturating_sub(failing.since) > PATIENCE;
            let listed = store.synced && self.cluster.can_list(kind.kind);
            match failing.filter(|failing| !listed || long(failing)) {
                Some(failing) => Some(format!("{}: {}", kind.kind, failing.why)),
                None => (!listed).then(|| format!("{}: not listed yet", kind.kind)),
            }
        });
        reasons.collect::<Vec<_>>().join("\n")
    }

    /// How many objects of each kind are known.
    pub(super) fn objects(&self) -> BTreeMap<&'static str, usize> {
        let mut objects: BTreeMap<_, _> = self.stores.keys().map(|kind| (kind.kind, 0)).collect();
        let keys = self.cluster.integrations().chain(self.cluster.workloads().map(|(key, _)| key));
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
    use crate::render::drift::{Live, Workload};

    fn kind(name: &str) -> Kind {
        Kind::all().find(|kind| kind.kind == name).unwrap()
    }

    fn key(kind: Kind, name: &str) -> Key {
        (kind.kind, "shop".to_owned(), name.to_owned())
    }

    fn workload(name: &str) -> Object {
        let live: Live = serde_json::from_value(json!({"metadata": {"namespace": "shop", "name": name}})).unwrap();
        Object::Workload(Workload::read("apps/v1", "Deployment", &live))
    }

    fn put(world: &mut World, name: &str) -> Effect {
        let deployment = kind("Deployment");
        world.apply(Change::Put(deployment, key(deployment, name), workload(name)), Duration::ZERO)
    }

    #[test]
    fn nothing_is_judged_before_every_kind_is_listed_or_known_not_to_be() {
        let mut world = World::new();
        for kind in Kind::all() {
            assert!(!world.is_synced());
            match kind.what {
                What::Integration => {
                    let failure = Failure::Unlisted("404".to_owned());
                    world.apply(Change::Failed(kind, failure), Duration::ZERO);
                }
                _ => {
                    world.apply(Change::Listing(kind), Duration::ZERO);
                    world.apply(Change::Listed(kind), Duration::ZERO);
                }
            }
        }
        assert!(world.is_synced());
        assert_eq!(world.not_ready(PATIENCE * 9), "", "a cluster without our kinds is none the worse");
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
        assert_eq!(effect.left, [(deployment, key(deployment, "a"))]);
        assert_eq!(world.objects()["Deployment"], 2, "until it is known what became of it");
    }

    #[test]
    fn what_was_looked_up_before_it_came_back_is_out_of_date() {
        let mut world = World::new();
        let deployment = kind("Deployment");
        let key = key(deployment, "a");
        let gone = || Change::Gone(deployment, (deployment.kind, "shop".to_owned(), "a".to_owned()));
        put(&mut world, "a");
        world.apply(gone(), Duration::ZERO);
        put(&mut world, "a");
        assert!(!world.found(&key, Found::Gone), "it was made anew meanwhile");
        assert_eq!(world.objects()["Deployment"], 1);
        world.apply(gone(), Duration::ZERO);
        assert!(world.found(&key, Found::Gone));
        assert_eq!(world.objects()["Deployment"], 0);
    }

    #[test]
    fn what_fails_for_long_is_said_once_and_makes_it_unready() {
        let mut world = World::new();
        for kind in Kind::all() {
            world.apply(Change::Listed(kind), Duration::ZERO);
        }
        let pod = kind("Pod");
        let failed = || Change::Failed(pod, Failure::Passing("refused".to_owned()));
        assert!(world.apply(failed(), Duration::ZERO).failed.is_some());
        assert!(world.apply(failed(), Duration::from_secs(1)).failed.is_none());
        assert_eq!(world.not_ready(PATIENCE), "");
        let late = PATIENCE + Duration::from_secs(1);
        assert_eq!(world.not_ready(late), "Pod: refused");
        assert_eq!(world.not_ready(late + RECOVERED), "", "it is not tried, so it goes");
        assert!(world.apply(failed(), late).failed.is_none());
        world.apply(Change::Listed(pod), late);
        assert_eq!(world.not_ready(late), "");
    }

    #[test]
    fn who_may_list_no_workload_is_not_ready() {
        let mut world = World::new();
        for kind in Kind::all() {
            let failure = Failure::Unlisted("forbidden".to_owned());
            world.apply(Change::Failed(kind, failure), Duration::ZERO);
        }
        assert!(world.is_synced(), "what can be judged is");
        assert!(world.not_ready(Duration::ZERO).contains("Deployment: forbidden"));
        assert!(!world.not_ready(Duration::ZERO).contains("Plug"), "nobody needs to have our kinds");
    }

    #[test]
    fn what_did_not_change_is_not_judged_again() {
        let mut world = World::new();
        assert!(put(&mut world, "a").changed);
        assert!(!put(&mut world, "a").changed);
    }
}
