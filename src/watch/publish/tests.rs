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
    Report::of(&drift("mongo", Code::SocketGone, ""))
}

fn made(time: &str) -> serde_json::Value {
    json!({"apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": {"name": "x"}, "eventTime": time})
}

/// What becomes of the work, and what was asked for it.
async fn publish(work: Work, answers: Vec<(u16, serde_json::Value)>) -> (Outcome, bool, Vec<String>) {
    let (client, script) = Script::client(answers).await;
    let done = Publisher::new(client, "watcher-0".to_owned()).publish(&work).await;
    let asked = script.asked().into_iter().map(|(said, _)| said.split('?').next().unwrap().to_owned()).collect();
    (done.outcome, done.made, asked)
}

fn fire(since: Option<&str>) -> Work {
    Work::Fire { report: report(), since: since.map(|since| since.parse().unwrap()) }
}

const EVENTS: &str = "/apis/events.k8s.io/v1/namespaces/shop/events";

#[tokio::test]
async fn it_is_made_once() {
    let (outcome, made_it, asked) = publish(fire(Some(SINCE)), vec![(201, made(AFTER))]).await;
    assert_eq!((outcome, made_it), (Outcome::Published(report().name(0)), true));
    assert_eq!(asked, [format!("POST {EVENTS}")]);
}

#[tokio::test]
async fn one_of_a_replica_counts_and_is_not_touched() {
    let answers = vec![(409, refusal(409)), (200, made(AFTER))];
    let (outcome, made_it, asked) = publish(fire(Some(SINCE)), answers).await;
    assert_eq!((outcome, made_it), (Outcome::Published(report().name(0)), false));
    assert_eq!(asked[1], format!("PATCH {EVENTS}/{}", report().name(0)));
}

#[tokio::test]
async fn one_from_before_a_restart_counts() {
    let answers = vec![(409, refusal(409)), (200, made(BEFORE))];
    let (outcome, made_it, _) = publish(fire(None), answers).await;
    assert_eq!((outcome, made_it), (Outcome::Published(report().name(0)), false));
}

#[tokio::test]
async fn one_of_an_episode_that_healed_does_not() {
    let answers =
        vec![(409, refusal(409)), (200, made(BEFORE)), (409, refusal(409)), (200, made(BEFORE)), (201, made(AFTER))];
    let (outcome, made_it, asked) = publish(fire(Some(SINCE)), answers).await;
    assert_eq!((outcome, made_it), (Outcome::Published(report().name(2)), true));
    assert_eq!(asked.len(), 5);
}

#[tokio::test]
async fn one_that_expires_this_moment_is_made_anew() {
    let answers = vec![(409, refusal(409)), (404, refusal(404)), (201, made(AFTER))];
    let (outcome, made_it, _) = publish(fire(Some(SINCE)), answers).await;
    assert_eq!((outcome, made_it), (Outcome::Published(report().name(0)), true));
}

#[tokio::test]
async fn nobody_reads_it_in_a_namespace_that_goes() {
    for code in [403, 404] {
        let (outcome, made_it, _) = publish(fire(None), vec![(code, refusal(code))]).await;
        assert_eq!((outcome, made_it), (Outcome::Published(report().name(0)), false), "{code}");
    }
}

#[tokio::test]
async fn what_the_server_will_never_take_is_not_tried_again_and_the_rest_is() {
    for (code, outcome) in
        [(422, Outcome::Refused), (429, Outcome::Failed), (500, Outcome::Failed), (503, Outcome::Failed)]
    {
        let (became, _, _) = publish(fire(None), vec![(code, refusal(code))]).await;
        assert_eq!(became, outcome, "{code}");
    }
}

#[tokio::test]
async fn a_refresh_says_only_that_it_lasts_and_makes_anew_what_expired() {
    let refresh = || Work::Refresh { report: report(), name: report().name(0), count: 3 };
    let (client, script) = Script::client([(200, made(BEFORE))]).await;
    let done = Publisher::new(client, "watcher-1".to_owned()).publish(&refresh()).await;
    assert_eq!(done.outcome, Outcome::Published(report().name(0)));
    let (_, body) = script.asked().remove(0);
    // anything else is immutable: https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/core/validation/events.go
    assert_eq!(body.as_object().unwrap().keys().collect::<Vec<_>>(), ["series"]);
    assert_eq!(body["series"]["count"], 3);
    let (outcome, made_it, asked) = publish(refresh(), vec![(404, refusal(404)), (201, made(AFTER))]).await;
    assert_eq!((outcome, made_it), (Outcome::Published(report().name(0)), true));
    assert_eq!(asked[1], format!("POST {EVENTS}"));
}
