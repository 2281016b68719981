//! Tests every rule of the ledger, over a clock that the test moves.

mod forged;

use super::*;
use crate::diagnostic::Code;
use crate::watch::event::tests::drift;
use crate::watch::limit::{NAMESPACE_EVENTS_AT_ONCE, PLUG_INTERVAL};

const SETTLE: Duration = Duration::from_secs(20);
const SECOND: Duration = Duration::from_secs(1);

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The wall's clock goes as ours does.
fn wall(now: Duration) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + i64::try_from(now.as_secs()).unwrap()).unwrap()
}

/// Takes these drifts in as one judgement.
fn observe(ledger: &mut Ledger, drifts: impl IntoIterator<Item = Drift>, now: Duration) {
    let mut observation = ledger.observe(now, wall(now));
    drifts.into_iter().for_each(|drift| observation.take(drift));
    observation.end();
}

/// A ledger that found everything coupled at first.
fn ledger() -> Ledger {
    let mut ledger = Ledger::new(SETTLE);
    observe(&mut ledger, [], at(0));
    ledger
}

/// A drift of this workload.
fn of(namespace: &str, workload: &str) -> Drift {
    let mut drift = drift("mongo", Code::BakedEntryEdited, "");
    drift.workload.namespace = namespace.into();
    drift.workload.name = workload.into();
    drift.workload.uid = format!("uid-{namespace}-{workload}").into();
    drift
}

fn there(name: &str) -> PublishOutcome {
    PublishOutcome::There {
        name: name.to_owned(),
        refreshed: None,
    }
}

/// Publishes all that is due; the notes of what was fired.
fn publish(ledger: &mut Ledger, now: Duration) -> Vec<String> {
    let mut fired = Vec::new();
    for (identity, work) in ledger.due(now) {
        let (name, note) = match work {
            Work::Fire { report, .. } => (report.name(0), format!("fire {}", report.note)),
            Work::Refresh { name, .. } => (name, "refresh".to_owned()),
        };
        ledger.done(identity, PublishOutcome::Made(name), now);
        fired.push(note);
    }
    fired
}

#[test]
fn what_lasts_for_the_window_is_fired_once() {
    let mut ledger = ledger();
    let gone = || vec![drift("mongo", Code::SocketGone, "")];
    observe(&mut ledger, gone(), at(10));
    assert_eq!(ledger.wake(), Some(at(30)));
    assert_eq!(publish(&mut ledger, at(29)), [] as [String; 0]);
    assert_eq!(ledger.decoupled().count(), 0);
    assert_eq!(
        publish(&mut ledger, at(30)),
        ["fire socket-gone: something came apart"]
    );
    observe(&mut ledger, gone(), at(40));
    assert_eq!(publish(&mut ledger, at(41)), [] as [String; 0]);
    assert_eq!(ledger.decoupled().count(), 1);
}

#[test]
fn a_sync_within_the_window_says_nothing() {
    let mut ledger = ledger();
    observe(
        &mut ledger,
        vec![drift("mongo", Code::SocketGone, "")],
        at(10),
    );
    observe(
        &mut ledger,
        vec![drift("mongo", Code::WorkloadBehind, "host")],
        at(15),
    );
    observe(&mut ledger, Vec::new(), at(29));
    assert_eq!(publish(&mut ledger, at(100)), [] as [String; 0]);
    assert_eq!((ledger.wake(), ledger.suppressed), (None, 0));
}

#[test]
fn a_new_cause_is_another_event_and_the_coupling_stays_decoupled_in_between() {
    let mut ledger = ledger();
    observe(
        &mut ledger,
        vec![drift("mongo", Code::BakedEntryEdited, "A=1")],
        at(0),
    );
    assert_eq!(publish(&mut ledger, at(20)).len(), 1);
    observe(
        &mut ledger,
        vec![drift("mongo", Code::BakedEntryEdited, "A=2")],
        at(100),
    );
    assert_eq!(
        ledger.decoupled().count(),
        1,
        "a change of cause is no healing"
    );
    assert_eq!(publish(&mut ledger, at(119)).len(), 0);
    assert_eq!(publish(&mut ledger, at(120)).len(), 1);
}

#[test]
fn it_is_refreshed_every_half_hour_and_forgotten_when_it_heals() {
    let mut ledger = ledger();
    observe(
        &mut ledger,
        vec![drift("mongo", Code::SocketGone, "")],
        at(0),
    );
    assert_eq!(publish(&mut ledger, at(20)).len(), 1);
    assert_eq!(publish(&mut ledger, at(20) + REFRESH - SECOND).len(), 0);
    assert_eq!(publish(&mut ledger, at(20) + REFRESH), ["refresh"]);
    assert_eq!(publish(&mut ledger, at(20) + REFRESH * 2), ["refresh"]);
    observe(&mut ledger, Vec::new(), REFRESH * 3);
    assert_eq!((ledger.wake(), ledger.decoupled().count()), (None, 0));
}

#[test]
fn a_second_time_tells_when_it_began_so_that_an_old_event_is_not_taken_for_it() {
    let since = |ledger: &mut Ledger, now| match &ledger.due(now)[..] {
        [(_, Work::Fire { since, .. })] => *since,
        other => panic!("{other:?}"),
    };
    let gone = || vec![drift("mongo", Code::SocketGone, "")];
    let mut fresh = Ledger::new(SETTLE);
    observe(&mut fresh, gone(), at(0));
    assert_eq!(
        since(&mut fresh, at(20)),
        None,
        "it was there before we came"
    );
    let mut again = ledger();
    observe(&mut again, gone(), at(5));
    observe(&mut again, Vec::new(), at(6));
    observe(&mut again, gone(), at(7));
    assert_eq!(since(&mut again, at(30)), Some(wall(at(7))));
}

#[test]
fn an_episode_begins_when_the_objects_say_so_whoever_looks_and_when() {
    let changed = |time: &str| Drift {
        changed: time.into(),
        ..drift("mongo", Code::BakedEntryEdited, "")
    };
    let since = |ledger: &mut Ledger, now| match &ledger.due(now)[..] {
        [(_, Work::Fire { since, .. })] => *since,
        other => panic!("{other:?}"),
    };
    let time = "2023-11-14T22:13:15Z";
    // one that comes, one that watches, one that lags behind it
    for (mut ledger, late) in [(Ledger::new(SETTLE), 0), (ledger(), 10), (ledger(), 500)] {
        observe(&mut ledger, [changed(time)], at(late));
        assert_eq!(
            since(&mut ledger, at(late + 20)),
            time.parse().ok(),
            "seen at {late}"
        );
    }
}

#[test]
fn what_went_away_twice_is_two_episodes_although_no_object_changed() {
    let gone = || {
        [Drift {
            changed: "2023-11-01T00:00:00Z".into(),
            ..drift("mongo", Code::SocketGone, "")
        }]
    };
    let since = |ledger: &mut Ledger, now| match &ledger.due(now)[..] {
        [(identity, Work::Fire { since, .. })] => (*identity, *since),
        other => panic!("{other:?}"),
    };
    // it was there before we came, it healed, and it came again
    let mut ledger = Ledger::new(SETTLE);
    observe(&mut ledger, gone(), at(0));
    let (identity, first) = since(&mut ledger, at(20));
    assert_eq!(first, "2023-11-01T00:00:00Z".parse().ok());
    ledger.done(identity, there("x"), at(21));
    observe(&mut ledger, [], at(30));
    observe(&mut ledger, gone(), at(40));
    assert_eq!(since(&mut ledger, at(90)).1, Some(wall(at(40))));
    assert_eq!(ledger.healed.len(), 1);
    observe(&mut ledger, [], at(40) + EVENT_LIFE);
    assert_eq!(
        ledger.healed.len(),
        0,
        "what no Event can be of is forgotten"
    );
}

#[test]
fn what_is_changed_and_still_apart_is_refreshed_at_once() {
    let changed = |time: &str| {
        [Drift {
            changed: time.into(),
            ..drift("mongo", Code::BakedEntryEdited, "")
        }]
    };
    let mut ledger = ledger();
    observe(&mut ledger, changed("2023-11-14T22:00:00Z"), at(0));
    assert_eq!(publish(&mut ledger, at(20)).len(), 1);
    observe(&mut ledger, changed("2023-11-14T22:00:00Z"), at(30));
    assert_eq!(publish(&mut ledger, at(30)), [] as [&str; 0]);
    observe(&mut ledger, changed("2023-11-14T22:00:40Z"), at(40));
    assert_eq!(publish(&mut ledger, at(40)), ["refresh"]);
}

#[test]
fn many_plugs_of_one_socket_are_one_event() {
    let many = |n: usize| {
        (0..n)
            .map(|i| drift(&format!("plug-{i}"), Code::SocketGone, ""))
            .collect::<Vec<_>>()
    };
    let mut few = ledger();
    observe(&mut few, many(SUMMARY - 1), at(0));
    assert_eq!(publish(&mut few, at(20)).len(), SUMMARY - 1);
    let mut all = ledger();
    observe(&mut all, many(300), at(0));
    let fired = publish(&mut all, at(20));
    assert_eq!(fired.len(), 1);
    assert!(
        fired[0].contains("300 couplings of namespace `shop`") && fired[0].contains("plug-0"),
        "{fired:?}"
    );
    assert_eq!(all.decoupled().count(), 300, "the metric counts each");
}

#[test]
fn many_drifts_of_one_workload_are_one_event_and_what_joins_them_is_no_other() {
    let many =
        |n: usize| (0..n).map(|i| drift(&format!("plug-{i:04}"), Code::BakedEntryEdited, ""));
    let mut ledger = ledger();
    observe(&mut ledger, many(900), at(0));
    let fired = publish(&mut ledger, at(20));
    let said = "fire baked-entry-edited: 900 differences between Deployment `web` and its record (baked-entry-edited 900), \
                of Plugs plug-0000, plug-0001";
    assert_eq!(fired.len(), 1);
    assert!(
        fired[0].starts_with(said) && fired[0].ends_with("plug-0007 and 892 more"),
        "{fired:?}"
    );
    observe(&mut ledger, many(901), at(30));
    assert_eq!(publish(&mut ledger, at(300)), [] as [&str; 0]);
    observe(&mut ledger, [], at(301));
    assert_eq!((ledger.wake(), ledger.suppressed), (None, 0));
}

#[test]
fn what_is_there_already_costs_no_place_in_the_limit() {
    let mut ledger = ledger();
    observe(
        &mut ledger,
        (0..400).map(|i| of("shop", &format!("known-{i}"))),
        at(0),
    );
    let mut known = 0;
    while let Some((identity, _)) = ledger.due(at(20)).pop() {
        ledger.done(identity, there("x"), at(20));
        known += 1;
        // the others of this turn
        let under_way: Vec<_> = ledger
            .told
            .iter()
            .filter(|(_, told)| told.waiting.is_none())
            .map(|(identity, _)| *identity)
            .collect();
        for identity in under_way {
            ledger.done(identity, there("x"), at(20));
            known += 1;
        }
    }
    assert_eq!(known, 400, "all in one moment");
    observe(
        &mut ledger,
        (0..400)
            .map(|i| of("shop", &format!("known-{i}")))
            .chain([of("shop", "new")]),
        at(21),
    );
    assert_eq!(publish(&mut ledger, at(41)).len(), 1);
}

#[test]
fn none_is_lost_however_many_there_are_and_none_is_fired_twice() {
    let mut ledger = ledger();
    observe(
        &mut ledger,
        (0..1_000).map(|i| of("shop", &format!("web-{i}"))),
        at(0),
    );
    let mut fired = 0;
    let mut now = at(20);
    while now < at(20 + 300) {
        let these = publish(&mut ledger, now).len();
        assert!(these <= NAMESPACE_EVENTS_AT_ONCE as usize);
        fired += these;
        now = ledger.wake().unwrap().max(now + SECOND);
    }
    assert_eq!((fired, ledger.suppressed), (1_000, 0));
}

#[test]
fn one_plug_gets_one_event_a_minute_and_what_healed_meanwhile_is_counted() {
    let mut ledger = ledger();
    observe(
        &mut ledger,
        vec![drift("mongo", Code::BakedEntryEdited, "A")],
        at(0),
    );
    assert_eq!(publish(&mut ledger, at(20)).len(), 1);
    observe(
        &mut ledger,
        vec![drift("mongo", Code::BakedEntryEdited, "B")],
        at(25),
    );
    assert_eq!(publish(&mut ledger, at(45)).len(), 0);
    assert_eq!(ledger.wake(), Some(at(20) + PLUG_INTERVAL));
    observe(&mut ledger, Vec::new(), at(50));
    assert_eq!(ledger.suppressed, 1);
}

#[test]
fn what_fails_is_tried_again_and_what_is_refused_is_not() {
    let mut ledger = ledger();
    observe(
        &mut ledger,
        vec![drift("mongo", Code::SocketGone, "")],
        at(0),
    );
    let (identity, _) = ledger.due(at(20)).remove(0);
    assert_eq!(ledger.due(at(21)), [], "it is under way");
    ledger.done(identity, PublishOutcome::Failed, at(22));
    assert_eq!(ledger.wake(), Some(at(23)));
    let later = at(22) + PLUG_INTERVAL;
    let (identity, work) = ledger.due(later).remove(0);
    assert!(matches!(work, Work::Fire { .. }));
    ledger.done(identity, PublishOutcome::Refused, later);
    assert_eq!(ledger.due(later + REFRESH * 9), []);
}
