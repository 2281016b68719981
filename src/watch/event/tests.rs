//! Tests the name and the message of an Event, however long they are.

use super::note::NOTE;
use super::*;
use crate::diagnostic::{Code, Diagnostic};
use crate::drift::{DriftCause, ObjectChange};
use crate::project::OwnerKey;

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
        owner: Some(OwnerKey::plug(plug)),
        regarding: Some(id("Plug", plug)),
        socket: "data/mongo".into(),
        interface: "mongodb@1.0.0".into(),
        detail: detail.to_owned(),
        changed: Box::default(),
        cause: (code == Code::SocketGone).then(|| DriftCause {
            object: ObjectId {
                namespace: "data".into(),
                ..id("Socket", "mongo")
            },
            change: None,
        }),
    }
}

/// Somebody who reports.
pub(crate) fn reporter(book: Option<&str>) -> Reporter {
    Reporter {
        instance: "watcher-0".to_owned(),
        book: book.map(str::to_owned),
    }
}

/// The Event of one drift alone.
pub(crate) fn report(drift: &Drift) -> Report {
    Report::of(identity(drift), drift)
}

#[test]
fn a_name_is_the_same_for_one_cause_and_another_for_the_next() {
    let one = report(&drift("mongo", Code::SocketGone, ""));
    assert_eq!(
        one.name(0),
        report(&drift("mongo", Code::SocketGone, "")).name(0)
    );
    let others = [
        one.name(1),
        report(&drift("mongo", Code::SocketGone, "x")).name(0),
        report(&drift("mongo", Code::PlugGone, "")).name(0),
        report(&drift("orders", Code::SocketGone, "")).name(0),
    ];
    assert!(
        others.iter().all(|other| *other != one.name(0)),
        "{others:?}"
    );
    assert!(one.name(0).starts_with("mongo."));
}

#[test]
fn a_long_name_and_a_long_note_are_cut_at_a_character() {
    let mut drift = drift(
        &format!("{}.-{}", "a".repeat(228), "b".repeat(20)),
        Code::SocketGone,
        "",
    );
    drift.diagnostic.message = "é".repeat(1000);
    let report = report(&drift);
    assert!(report.name(0).len() <= 253, "{}", report.name(0));
    assert!(
        !report.name(0).contains("-.") && !report.name(0).contains(".."),
        "{}",
        report.name(0)
    );
    assert!(
        report.note.len() <= 1024 && report.note.ends_with("é…"),
        "{}",
        report.note.len()
    );
}

#[test]
fn the_event_has_what_the_server_demands() {
    let now = "2026-11-25T10:00:00.5Z".parse().unwrap();
    let event = report(&drift("mongo", Code::SocketGone, "")).event(
        Naming::Episode(0),
        &reporter(None),
        now,
    );
    assert_eq!(event["eventTime"], "2026-11-25T10:00:00.500000Z");
    assert_eq!(event["regarding"]["kind"], "Plug");
    assert_eq!(event["related"]["kind"], "Deployment");
    assert!(event["note"].as_str().unwrap().starts_with("socket-gone: "));
    assert_eq!(series(1, now)["series"]["count"], 2);
}

#[test]
fn a_note_says_what_to_do_and_where_more_is_however_long_it_is() {
    let now = "2026-11-25T10:00:00Z".parse().unwrap();
    let note = |message: &str, book: Option<&str>| {
        let mut drift = drift("mongo", Code::SocketGone, "");
        drift.diagnostic.message = message.to_owned();
        drift.diagnostic = drift.diagnostic.help("offer one:\nkind: Socket");
        let event = report(&drift).event(Naming::Episode(0), &reporter(book), now);
        event["note"].as_str().unwrap().to_owned()
    };
    let short = note("it is gone", None);
    assert_eq!(
        short,
        "socket-gone: it is gone. To do: offer one. See `coupler explain socket-gone`"
    );
    let book = Some("https://book.example/");
    let long = note(&"é".repeat(1000), book);
    assert!(
        long.len() <= NOTE && long.contains("é…. To do: offer one."),
        "{long}"
    );
    assert!(
        long.ends_with(", https://book.example/socket-gone"),
        "{long}"
    );
    assert!(note("x", Some(&"b".repeat(2000))).len() <= NOTE);
}

#[test]
fn one_cause_of_many_is_named_with_who_changed_it() {
    let many: Vec<Drift> = (0..50)
        .map(|index| {
            let change = ObjectChange {
                by: "kubectl-edit".into(),
                at: "2026-11-25T10:00:00Z".into(),
            };
            let detail = "`MONGO_HOST` would change";
            let one = drift(&format!("plug-{index:02}"), Code::WorkloadBehind, detail);
            let cause = drift("x", Code::SocketGone, "").cause;
            Drift {
                cause: cause.map(|cause| DriftCause {
                    change: Some(change),
                    ..cause
                }),
                ..one
            }
        })
        .collect();
    let all: Vec<&Drift> = many.iter().collect();
    let report = Report::of_cause(Report::cause(all[0]), &all).unwrap();
    assert_eq!(
        (report.regarding.kind, &*report.regarding.name),
        ("Socket", "mongo")
    );
    assert_eq!(
        report.note,
        "workload-behind: 50 couplings of namespace `shop` differ from their records for one cause, Socket `data/mongo`, which field \
         manager `kubectl-edit` changed at 2026-11-25T10:00:00Z (`MONGO_HOST` would change): Plugs \
         plug-00, plug-01, plug-02, plug-03, plug-04, plug-05, plug-06, plug-07 and 42 more"
    );
}

#[test]
fn without_a_plug_in_the_cluster_it_is_about_the_workload() {
    let drift = Drift {
        regarding: None,
        ..drift("mongo", Code::BakedEntryEdited, "")
    };
    let report = report(&drift);
    assert_eq!(
        (report.regarding.kind, report.related),
        ("Deployment", None)
    );
}
