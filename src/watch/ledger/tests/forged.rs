//! Tests one namespace with any number of forged records: it delays no other namespace.

use std::collections::BTreeMap;

use super::*;
use crate::limits::NAMESPACE_DRIFTS;

const FORGED: usize = 50_000;
/// Namespaces in which one workload differs.
const OTHERS: usize = 100;
/// What may come on top of the settle window.
const GRACE: Duration = Duration::from_secs(10);

/// Forged records of this many workloads; another `turn`, other records.
fn forged(workloads: usize, turn: usize) -> impl Iterator<Item = Drift> {
    (0..FORGED).map(move |i| {
        let mut drift = of("evil", &format!("web-{}", i % workloads));
        drift.owner = Some(OwnerKey::plug(&format!("plug-{i}")));
        drift.detail = turn.to_string();
        drift
    })
}

/// When each namespace is reported first, and how many Events the forged records get, while the
/// others differ one by one.
fn reported(workloads: usize) -> (BTreeMap<String, Duration>, usize) {
    let mut ledger = ledger();
    let (mut reported, mut evil) = (BTreeMap::new(), 0);
    let apart = |now: u64| {
        (0..OTHERS)
            .filter(move |i| 10 + (*i as u64) / 2 <= now)
            .map(|i| of(&format!("ns-{i}"), "web"))
    };
    let mut judge = at(0);
    let mut now = at(0);
    while now < at(100) {
        if now >= judge {
            let turn = usize::try_from(now.as_secs() / 30).unwrap();
            observe(
                &mut ledger,
                forged(workloads, turn).chain(apart(now.as_secs())),
                now,
            );
            judge = now + at(10);
        }
        for (identity, work) in ledger.due(now) {
            let Work::Fire { report, .. } = work else {
                panic!("{work:?}")
            };
            match report.namespace.as_str() {
                "evil" => evil += 1,
                other => _ = reported.entry(other.to_owned()).or_insert(now),
            }
            ledger.done(identity, PublishOutcome::Made(report.name(0)), now);
        }
        let held = ledger.open.len() + ledger.told.len();
        assert!(
            held <= 2 * (NAMESPACE_DRIFTS + OTHERS) + 1,
            "{held} are held"
        );
        now = ledger
            .wake()
            .map_or(judge, |wake| wake.min(judge))
            .max(now + Duration::from_millis(1));
    }
    (reported, evil)
}

#[test]
fn fifty_thousand_forged_records_keep_no_other_namespace_waiting() {
    for workloads in [28, FORGED] {
        let (reported, evil) = reported(workloads);
        for i in 0..OTHERS {
            // judged every ten seconds
            let seen = at((10 + (i as u64) / 2).div_ceil(10) * 10);
            let when = reported
                .get(&format!("ns-{i}"))
                .unwrap_or_else(|| panic!("ns-{i} is not reported"));
            assert!(
                *when <= seen + SETTLE + GRACE,
                "ns-{i} came apart at {seen:?} and is reported at {when:?}"
            );
        }
        let most = NAMESPACE_EVENTS_AT_ONCE as usize + 100 * 5;
        assert!(
            0 < evil && evil <= most,
            "{evil} Events of forged records in {workloads} workloads"
        );
    }
}

#[test]
fn the_memory_of_forged_records_does_not_grow_with_their_number() {
    let held = |forgeries: usize| {
        let mut ledger = ledger();
        let used = allocation_counter::measure(|| {
            observe(&mut ledger, forged(FORGED, 0).take(forgeries), at(0));
            ledger.settled(at(20));
        });
        assert_eq!(
            ledger.beyond_the_limit().collect::<Vec<_>>(),
            [("evil", forgeries - NAMESPACE_DRIFTS)]
        );
        used.bytes_max
    };
    let (few, many) = (held(FORGED / 10), held(FORGED));
    assert!(
        many <= few + few / 10 && many < 4 << 20,
        "{few} bytes for a tenth, {many} for all"
    );
}

#[test]
fn what_is_beyond_the_limit_is_counted_in_one_event_and_gets_its_turn_when_there_is_room() {
    let mut ledger = ledger();
    let forge = |range: std::ops::Range<usize>| range.map(|i| of("shop", &format!("web-{i:05}")));
    observe(&mut ledger, forge(0..NAMESPACE_DRIFTS + 5), at(0));
    let mut fired = Vec::new();
    let mut now = at(20);
    while fired.len() <= NAMESPACE_DRIFTS && now < at(600) {
        fired.extend(publish(&mut ledger, now));
        now += SECOND;
    }
    let rest = fired
        .iter()
        .filter(|note| note.contains("limit-exceeded"))
        .collect::<Vec<_>>();
    assert_eq!((fired.len(), rest.len()), (NAMESPACE_DRIFTS + 1, 1));
    assert!(
        rest[0].contains("namespace `shop` has 5 more differences"),
        "{rest:?}"
    );
    // ten heal: the five get their Events, and nothing is beyond the limit
    observe(&mut ledger, forge(10..NAMESPACE_DRIFTS + 5), at(700));
    assert_eq!(ledger.beyond_the_limit().count(), 0);
    assert_eq!(publish(&mut ledger, at(720)).len(), 5);
    assert_eq!(ledger.suppressed, 0);
}
