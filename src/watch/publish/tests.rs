//! Tests what becomes of an Event, whatever the server answers.

use serde_json::Value;

use super::*;
use crate::diagnostic::Code;
use crate::watch::event::Report;
use crate::watch::event::tests::{drift, reporter};
use crate::watch::scripted::{Script, refusal};

/// So many seconds before the tests began: what is fresh is not looked for under later names.
fn ago(seconds: i64) -> String {
    static BEGAN: std::sync::OnceLock<Timestamp> = std::sync::OnceLock::new();
    let began = BEGAN.get_or_init(Timestamp::now).as_second();
    Timestamp::from_second(began - seconds).unwrap().to_string()
}

/// Before a drift came.
const BEFORE: i64 = 45;
/// When it came.
const SINCE: i64 = 30;
/// After that.
const AFTER: i64 = 15;

fn report() -> Report {
    event::tests::report(&drift("mongo", Code::SocketGone, ""))
}

/// The Event as the server has it, made at this time.
fn made(seconds: i64) -> Value {
    let time = &ago(seconds);
    let mut event = report().event(Naming::Episode(0), &reporter(None), time.parse().unwrap());
    event["metadata"]["creationTimestamp"] = time.as_str().into();
    event
}

/// What becomes of the work, and what was asked for it.
async fn publish(work: Work, answers: Vec<(u16, Value)>) -> (PublishOutcome, Vec<String>) {
    let (client, script) = Script::client(answers);
    let done = Publisher::new(client, reporter(None)).publish(&work).await;
    let asked = script
        .asked()
        .into_iter()
        .map(|(said, _)| said.split('?').next().unwrap().to_owned())
        .collect();
    (done.outcome, asked)
}

fn fire(since: Option<i64>) -> Work {
    Work::Fire {
        report: report(),
        since: since.map(|since| ago(since).parse().unwrap()),
    }
}

/// The Event of an episode, refreshed so many seconds ago.
fn there(episode: u32, refreshed: Option<i64>) -> PublishOutcome {
    PublishOutcome::There {
        name: report().name(episode),
        refreshed: refreshed.map(|seconds| ago(seconds).parse().unwrap()),
    }
}

/// Nothing of that name.
fn absent() -> (u16, Value) {
    (404, refusal(404))
}

const EVENTS: &str = "/apis/events.k8s.io/v1/namespaces/shop/events";

/// The Event of an episode, made.
fn created(episode: u32) -> (u16, Value) {
    (
        201,
        report().event(
            Naming::Episode(episode),
            &reporter(None),
            ago(AFTER).parse().unwrap(),
        ),
    )
}

#[tokio::test]
async fn it_is_made_once() {
    let (outcome, asked) = publish(fire(Some(SINCE)), vec![created(0)]).await;
    assert_eq!(outcome, PublishOutcome::Made(report().name(0)));
    assert_eq!(asked, [format!("POST {EVENTS}")]);
}

#[tokio::test]
async fn one_of_a_replica_counts_and_is_not_touched() {
    let answers = vec![(409, refusal(409)), (200, made(AFTER)), absent()];
    let (outcome, asked) = publish(fire(Some(SINCE)), answers).await;
    assert_eq!(outcome, there(0, None));
    assert_eq!(asked[1], format!("PATCH {EVENTS}/{}", report().name(0)));
}

#[tokio::test]
async fn one_from_before_a_restart_counts() {
    let answers = vec![(409, refusal(409)), (200, made(BEFORE)), absent()];
    let (outcome, _) = publish(fire(None), answers).await;
    assert_eq!(outcome, there(0, None));
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
    assert_eq!(outcome, PublishOutcome::Made(report().name(2)));
    assert_eq!(asked.len(), 5);
}

#[tokio::test]
async fn one_that_was_refreshed_since_counts() {
    let mut refreshed = made(BEFORE);
    refreshed["series"] = json!({"count": 2, "lastObservedTime": ago(AFTER)});
    let (outcome, _) = publish(
        fire(Some(SINCE)),
        vec![(409, refusal(409)), (200, refreshed.clone()), absent()],
    )
    .await;
    assert_eq!(outcome, there(0, Some(AFTER)));
    // not if somebody dates it after all that can come
    refreshed["series"]["lastObservedTime"] = "2999-01-01T00:00:00.000000Z".into();
    let (outcome, _) = publish(
        fire(Some(SINCE)),
        vec![(409, refusal(409)), (200, refreshed), created(1)],
    )
    .await;
    assert_eq!(outcome, PublishOutcome::Made(report().name(1)));
}

#[tokio::test]
async fn one_that_expires_this_moment_is_made_anew() {
    let answers = vec![(409, refusal(409)), (404, refusal(404)), created(0)];
    let (outcome, _) = publish(fire(Some(SINCE)), answers).await;
    assert_eq!(outcome, PublishOutcome::Made(report().name(0)));
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
            assert_eq!(outcome, PublishOutcome::Made(report().name(1)), "{event:#}");
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
    let done = Publisher::new(client, reporter(None))
        .publish(&fire(None))
        .await;
    assert_eq!(done.outcome, PublishOutcome::Made("mongo-x7k2p".to_owned()));
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
        assert_eq!(outcome, PublishOutcome::Unread, "{code}");
    }
}

#[tokio::test]
async fn what_the_server_will_never_take_is_not_tried_again_and_the_rest_is() {
    for (code, outcome) in [
        (422, PublishOutcome::Refused),
        (429, PublishOutcome::Failed),
        (500, PublishOutcome::Failed),
        (503, PublishOutcome::Failed),
    ] {
        let (became, _) = publish(fire(None), vec![(code, refusal(code))]).await;
        assert_eq!(became, outcome, "{code}");
    }
}

fn refresh(seen: Option<i64>, changed: Option<i64>) -> Work {
    let time = |seconds: i64| ago(seconds).parse().unwrap();
    Work::Refresh {
        report: report(),
        name: report().name(0),
        seen: seen.map(time),
        changed: changed.map(time),
    }
}

/// The Event, refreshed so many seconds ago.
fn refreshed(seconds: i64) -> Value {
    let mut event = made(BEFORE);
    event["metadata"]["resourceVersion"] = "7".into();
    event["series"] = json!({"count": 4, "lastObservedTime": ago(seconds)});
    event
}

#[tokio::test]
async fn the_newest_episode_is_the_one_that_is_refreshed() {
    let answers = vec![
        (409, refusal(409)),
        (200, made(AFTER)),
        (200, refreshed(AFTER)),
        absent(),
    ];
    let (outcome, _) = publish(fire(Some(SINCE)), answers).await;
    assert_eq!(outcome, there(1, Some(AFTER)));
}

#[tokio::test]
async fn a_later_episode_is_found_where_the_event_of_the_first_has_expired() {
    let answers = vec![absent(), absent(), (200, refreshed(AFTER)), absent()];
    let (outcome, asked) = publish(fire(Some(3600)), answers).await;
    assert_eq!(outcome, there(2, Some(AFTER)));
    assert!(
        asked.iter().all(|asked| asked.starts_with("PATCH")),
        "{asked:?}"
    );
    // and one is made where there is none
    let mut answers: Vec<_> = (0..LASTING).map(|_| absent()).collect();
    answers.push(created(0));
    let (outcome, _) = publish(fire(Some(3600)), answers).await;
    assert_eq!(outcome, PublishOutcome::Made(report().name(0)));
}

#[tokio::test]
async fn a_refresh_says_only_that_it_lasts_and_only_over_what_was_read() {
    let mut now = refreshed(AFTER);
    now["series"]["lastObservedTime"] = ago(1).into();
    let (client, script) = Script::client([(200, refreshed(AFTER)), (200, now)]);
    let done = Publisher::new(client, reporter(None))
        .publish(&refresh(Some(AFTER), None))
        .await;
    assert_eq!(done.outcome, there(0, Some(1)));
    let (_, body) = script.asked().remove(1);
    // anything else is immutable:
    // https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/core/validation/events.go
    assert_eq!(body["metadata"], json!({"resourceVersion": "7"}));
    assert_eq!(body.as_object().unwrap().len(), 2);
    assert_eq!(body["series"]["count"], 5);
}

#[tokio::test]
async fn of_two_replicas_one_refreshes() {
    // another was faster by a whole interval: nothing is written
    let (outcome, asked) = publish(refresh(Some(SINCE), None), vec![(200, refreshed(AFTER))]).await;
    assert_eq!((outcome, asked.len()), (there(0, Some(AFTER)), 1));
    // another is faster by a moment: the server refuses the second
    let answers = vec![(200, refreshed(AFTER)), (409, refusal(409))];
    let (outcome, _) = publish(refresh(Some(AFTER), None), answers).await;
    assert_eq!(outcome, there(0, Some(AFTER)));
    // but an Event that is older than the last change is refreshed, whoever refreshed it before
    let answers = vec![(200, refreshed(BEFORE)), (200, refreshed(1))];
    let (outcome, asked) = publish(refresh(None, Some(AFTER)), answers).await;
    assert_eq!((outcome, asked.len()), (there(0, Some(1)), 2));
}

#[tokio::test]
async fn a_refresh_makes_anew_what_is_not_ours_or_not_there() {
    let (outcome, asked) = publish(refresh(None, None), vec![absent(), created(0)]).await;
    assert_eq!(outcome, PublishOutcome::Made(report().name(0)));
    assert_eq!(asked[1], format!("POST {EVENTS}"));
    let answers = vec![
        (200, foreign().remove(0)),
        (409, refusal(409)),
        (200, foreign().remove(0)),
        created(1),
    ];
    let (outcome, _) = publish(refresh(None, None), answers).await;
    assert_eq!(outcome, PublishOutcome::Made(report().name(1)));
}

#[tokio::test]
async fn a_hundred_episodes_that_nobody_watched_are_a_hundred_events() {
    // the drift came again and again, and each time a watcher came only afterwards
    let (mut all, mut known) = (Vec::new(), std::collections::BTreeMap::new());
    for episode in 0..i64::from(EPISODES) {
        let came = 500 - episode * 4;
        let mut answers = Vec::new();
        for before in 0..EPISODES {
            let name = report().name(before);
            let Some(made_at) = known.get(&name) else {
                answers.push(created(before));
                known.insert(name.clone(), came - 2);
                all.push(name);
                break;
            };
            answers.extend([(409, refusal(409)), (200, made(*made_at))]);
        }
        let (outcome, _) = publish(fire(Some(came)), answers).await;
        assert_eq!(
            Some(&outcome),
            all.last().cloned().map(PublishOutcome::Made).as_ref()
        );
    }
    assert_eq!(all.len(), 100);
}
