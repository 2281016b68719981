//! Tests what a world learns from scripted changes.

use serde_json::json;

use super::*;
use crate::drift::Live;

fn kind(name: &str) -> WatchedKind {
    let mut kinds = WatchedKind::all(&[]).into_iter();
    kinds.find(|kind| kind.kind == name).unwrap()
}

fn deployments() -> &'static LiveKind {
    let mut kinds = LiveKind::always();
    kinds.find(|kind| kind.kind == "Deployment").unwrap()
}

fn key(kind: WatchedKind, name: &str) -> ObjectKey {
    ObjectKey::new(kind.group_kind(), "shop", name)
}

fn naming(name: &str) -> WorkloadNaming {
    let selector = Selector::Name(name.into());
    WorkloadNaming {
        kind: deployments(),
        namespace: "shop".into(),
        selector,
    }
}

fn workload(name: &str) -> WatchedObject {
    let live: Live =
        serde_json::from_value(json!({"metadata": {"namespace": "shop", "name": name}})).unwrap();
    WatchedObject::Workload(Workload::read(deployments(), &live))
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
    let mut world = World::new(&[]);
    for kind in WatchedKind::all(&[]) {
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
    let mut world = World::new(&[]);
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
    let mut world = World::new(&[]);
    let deployment = kind("Deployment");
    let gone = || Change::Gone(deployment, key(deployment, "a"));
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
    let mut world = World::new(&[]);
    for kind in WatchedKind::all(&[]) {
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
    for kind in WatchedKind::all(&[]) {
        for failure in [
            Failure::Forbidden(why()),
            Failure::Absent(why()),
            Failure::Passing(why()),
        ] {
            let mut world = watched();
            if matches!(failure, Failure::Absent(_)) && !["Plug", "Deployment"].contains(&kind.kind)
            {
                continue; // none is there: it is uninstalled
            }
            let before = world.objects();
            let failed =
                |world: &mut World, now| world.apply(Change::Failed(kind, failure.clone()), now);
            let effect = failed(&mut world, Duration::ZERO);
            let said = |news| {
                Some(Watched::Failed {
                    kind,
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
            assert!(world.cluster.can_list(kind.group_kind()));
            let back = world.apply(Change::Watching(kind), PATIENCE * 2).watch;
            assert_eq!(back, Some(Watched::Back(kind)));
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
            world.cluster.can_list(plug.group_kind())
        ),
        ("", false)
    );
}

#[test]
fn who_may_list_no_workload_is_not_ready() {
    let mut world = World::new(&[]);
    for kind in WatchedKind::all(&[]) {
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
    let mut world = World::new(&[]);
    assert!(put(&mut world, "a").changed);
    assert!(!put(&mut world, "a").changed);
}
