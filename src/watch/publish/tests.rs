//! What becomes of an Event, whatever the server says.

use super::*;
use crate::diagnostic::Code;
use crate::watch::event::Report;
use crate::watch::event::tests::drift;
use crate::watch::scripted::{Script, refusal};

const BEFORE: &str = "2026-11-25T10:00:00Z";
const SINCE: &str = "2026-11-25T10:00:30Z";
const AFTER: &str = "2026-11-25T10:00:45Z";

fn report() -> Report {
    event::tests::report(&drift("mongo", Code::SocketGone, ""))
}

/// The Event as the server has it, made at this time.
fn made(time: &str) -> Value {
    let mut event = report().event(Naming::Episode(0), "watcher-1", time.parse().unwrap());
    event["metadata"]["creationTimestamp"] = time.into();
    event
}

/// What becomes of the work, and what was asked for it.
async fn publish(work: Work, answers: Vec<(u16, Value)>) -> (Outcome, Vec<String>) {
    let (client, script) = Script::client(answers);
    let done = Publisher::new(client, "watcher-0".to_owned())
        .publish(&work)
        .await;
    let asked = script
        .asked()
        .into_iter()
        .map(|(said, _)| said.split('?').next().unwrap().to_owned())
        .collect();
    (done.outcome, asked)
}

fn fire(since: Option<&str>) -> Work {
    Work::Fire {
        report: report(),
        since: since.map(|since| since.parse().unwrap()),
    }
}

const EVENTS: &str = "/apis/events.k8s.io/v1/namespaces/shop/events";

/// The Event of an episode, made.
fn created(episode: u32) -> (u16, Value) {
    (
        201,
        report().event(
            Naming::Episode(episode),
            "watcher-0",
            AFTER.parse().unwrap(),
        ),
    )
}

#[tokio::test]
async fn it_is_made_once() {
    let (outcome, asked) = publish(fire(Some(SINCE)), vec![created(0)]).await;
    assert_eq!(outcome, Outcome::Made(report().name(0)));
    assert_eq!(asked, [format!("POST {EVENTS}")]);
}

#[tokio::test]
async fn one_of_a_replica_counts_and_is_not_touched() {
    let answers = vec![(409, refusal(409)), (200, made(AFTER))];
    let (outcome, asked) = publish(fire(Some(SINCE)), answers).await;
    assert_eq!(outcome, Outcome::There(report().name(0)));
    assert_eq!(asked[1], format!("PATCH {EVENTS}/{}", report().name(0)));
}

#[tokio::test]
async fn one_from_before_a_restart_counts() {
    let answers = vec![(409, refusal(409)), (200, made(BEFORE))];
    let (outcome, _) = publish(fire(None), answers).await;
    assert_eq!(outcome, Outcome::There(report().name(0)));
}

#[tokio::test]
async fn one_of_an_episode_that_healed_does_not() {
    let answers = vec![
        (409, refusal(409)),
        (200, made(BEFORE)),
        (409, refusal(409)),
        (200, made(BEFORE)),
        created(2),
    ];
    let (outcome, asked) = publish(fire(Some(SINCE)), answers).await;
    assert_eq!(outcome, Outcome::Made(report().name(2)));
    assert_eq!(asked.len(), 5);
}

#[tokio::test]
async fn one_that_was_refreshed_since_counts() {
    let mut refreshed = made(BEFORE);
    refreshed["series"] = json!({"count": 2, "lastObservedTime": AFTER});
    let (outcome, _) = publish(
        fire(Some(SINCE)),
        vec![(409, refusal(409)), (200, refreshed.clone())],
    )
    .await;
    assert_eq!(outcome, Outcome::There(report().name(0)));
    // not if somebody dates it after all that can come
    refreshed["series"]["lastObservedTime"] = "2999-01-01T00:00:00.000000Z".into();
    let (outcome, _) = publish(
        fire(Some(SINCE)),
        vec![(409, refusal(409)), (200, refreshed), created(1)],
    )
    .await;
    assert_eq!(outcome, Outcome::Made(report().name(1)));
}

#[tokio::test]
async fn one_that_expires_this_moment_is_made_anew() {
    let answers = vec![(409, refusal(409)), (404, refusal(404)), created(0)];
    let (outcome, _) = publish(fire(Some(SINCE)), answers).await;
    assert_eq!(outcome, Outcome::Made(report().name(0)));
}

/// Events that somebody else could have put under the name: each differs from ours in one thing.
fn foreign() -> Vec<Value> {
    let changes: [fn(&mut Value); 8] = [
        |event| event["eventTime"] = "2999-01-01T00:00:00.000000Z".into(),
        |event| event["type"] = "Normal".into(),
        |event| event["reason"] = "Fine".into(),
        |event| event["reportingController"] = "example.com/evil".into(),
        |event| event["regarding"]["uid"] = "another".into(),
        |event| event["regarding"]["kind"] = "Pod".into(),
        |event| event["note"] = "all is well".into(),
        |event| {
            drop(
                event["metadata"]
                    .as_object_mut()
                    .unwrap()
                    .remove("creationTimestamp"),
            );
        },
    ];
    let foreign = changes.map(|change| {
        let mut event = made(AFTER);
        change(&mut event);
        event
    });
    foreign.into()
}

#[tokio::test]
async fn one_that_somebody_else_made_does_not_count() {
    for event in foreign() {
        for since in [Some(SINCE), None] {
            let answers = vec![(409, refusal(409)), (200, event.clone()), created(1)];
            let (outcome, _) = publish(fire(since), answers).await;
            assert_eq!(outcome, Outcome::Made(report().name(1)), "{event:#}");
        }
    }
}

#[tokio::test]
async fn who_takes_all_names_cannot_take_the_one_that_the_server_gives() {
    let taken = [(409, refusal(409)), (200, foreign().remove(0))];
    let mut answers: Vec<_> = taken
        .iter()
        .cycle()
        .take(2 * TAKEN as usize)
        .cloned()
        .collect();
    let mut named = created(0).1;
    named["metadata"]["name"] = "mongo-x7k2p".into();
    answers.push((201, named));
    let (client, script) = Script::client(answers);
    let done = Publisher::new(client, "watcher-0".to_owned())
        .publish(&fire(None))
        .await;
    assert_eq!(done.outcome, Outcome::Made("mongo-x7k2p".to_owned()));
    let asked = script.asked();
    assert_eq!(
        asked.len(),
        2 * TAKEN as usize + 1,
        "what it costs us is bounded"
    );
    let metadata = &asked.last().unwrap().1["metadata"];
    assert_eq!(
        (&metadata["generateName"], &metadata["name"]),
        (&"mongo-".into(), &Value::Null)
    );
}

#[tokio::test]
async fn nobody_reads_it_in_a_namespace_that_goes() {
    for code in [403, 404] {
        let (outcome, _) = publish(fire(None), vec![(code, refusal(code))]).await;
        assert_eq!(outcome, Outcome::Unread, "{code}");
    }
}

#[tokio::test]
async fn what_the_server_will_never_take_is_not_tried_again_and_the_rest_is() {
    for (code, outcome) in [
        (422, Outcome::Refused),
        (429, Outcome::Failed),
        (500, Outcome::Failed),
        (503, Outcome::Failed),
    ] {
        let (became, _) = publish(fire(None), vec![(code, refusal(code))]).await;
        assert_eq!(became, outcome, "{code}");
    }
}

#[tokio::test]
async fn a_refresh_says_only_that_it_lasts_and_makes_anew_what_is_not_ours_or_not_there() {
    let refresh = || Work::Refresh {
        report: report(),
        name: report().name(0),
        count: 3,
    };
    let (client, script) = Script::client([(200, made(BEFORE))]);
    let done = Publisher::new(client, "watcher-1".to_owned())
        .publish(&refresh())
        .await;
    assert_eq!(done.outcome, Outcome::There(report().name(0)));
    let (_, body) = script.asked().remove(0);
    // anything else is immutable:
    // https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/core/validation/events.go
    assert_eq!(
        body.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["series"]
    );
    assert_eq!(body["series"]["count"], 3);
    let (outcome, asked) = publish(refresh(), vec![(404, refusal(404)), created(0)]).await;
    assert_eq!(outcome, Outcome::Made(report().name(0)));
    assert_eq!(asked[1], format!("POST {EVENTS}"));
    let answers = vec![
        (200, foreign().remove(0)),
        (409, refusal(409)),
        (200, foreign().remove(0)),
        created(1),
    ];
    let (outcome, _) = publish(refresh(), answers).await;
    assert_eq!(outcome, Outcome::Made(report().name(1)));
}
