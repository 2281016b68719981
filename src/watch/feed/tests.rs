//! Tests what a feed reports if the server forgets, refuses, breaks off or is silent.

use serde_json::json;

use super::*;
use crate::watch::scripted::{Script, refusal};

fn deployment(name: &str) -> Value {
    json!({"metadata": {"name": name, "namespace": "shop", "resourceVersion": "7"}, "spec": {}})
}

fn list(items: &[Value]) -> Value {
    json!({"kind": "DeploymentList", "apiVersion": "apps/v1", "metadata": {"resourceVersion": "9"}, "items": items})
}

/// A change in a word.
fn word(change: &Change) -> String {
    match change {
        Change::Listing(_) => "listing".to_owned(),
        Change::Put(_, key, _) => format!("put {}", key.name),
        Change::Gone(_, key) => format!("gone {}", key.name),
        Change::Listed(_) => "listed".to_owned(),
        Change::Watching(_) => "watching".to_owned(),
        Change::Failed(_, Failure::Absent(_)) => "absent".to_owned(),
        Change::Failed(_, Failure::Forbidden(_)) => "forbidden".to_owned(),
        Change::Failed(_, Failure::Passing(why)) => format!("failed: {why}"),
    }
}

/// The first changes that these answers give, and what was asked for them.
async fn words(answers: Vec<(u16, Value)>, how_many: usize) -> (Vec<String>, Vec<String>) {
    let (client, script) = Script::client(answers);
    let mut kinds = LiveKind::always();
    let deployments = kinds.find(|kind| kind.kind == "Deployment").unwrap();
    let kind = WatchedKind::of(deployments);
    let api = api(&client, Some("shop"), kind);
    let changes = changes(api, kind, TIMING, |live: Live| {
        WatchedObject::Workload(Workload::read(deployments, &live))
    });
    let words = changes
        .take(how_many)
        .map(|change| word(&change))
        .collect()
        .await;
    (
        words,
        script.asked().into_iter().map(|(said, _)| said).collect(),
    )
}

fn changed(name: &str, version: &str) -> Value {
    let mut object = deployment(name);
    object["metadata"]["resourceVersion"] = version.into();
    json!({"type": "MODIFIED", "object": object})
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_is_too_old_is_listed_anew() {
    let gone = json!({"type": "ERROR", "object": refusal(410)});
    // as an event, and as the answer to the request
    let answers = vec![
        (200, list(&[deployment("a"), deployment("b")])),
        (200, changed("a", "8")),
        (200, gone),
        (200, list(&[])),
        (410, refusal(410)),
        (200, list(&[])),
    ];
    let (words, asked) = words(answers, 11).await;
    let all = [
        "listing", "put a", "put b", "listed", "watching", "put a", "watching", "listing",
        "listed", "listing", "listed",
    ];
    assert_eq!(words, all);
    assert!(
        asked
            .iter()
            .all(|said| said.contains("labelSelector=integration.rock8s.com%2Fcoupled%3Dtrue")),
        "{asked:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_listing_that_is_too_old_before_its_end_is_asked_for_as_a_whole() {
    let mut page = list(&[deployment("a")]);
    page["metadata"]["continue"] = "more".into();
    let all = list(&[deployment("a"), deployment("b")]);
    let gone = || (410, refusal(410));
    let answers = vec![(200, page), gone(), (200, all), gone(), (200, list(&[]))];
    let (words, asked) = words(answers, 8).await;
    let expected = [
        "listing", "put a", "listing", "put a", "put b", "listed", "listing", "listed",
    ];
    assert_eq!(words, expected);
    let lists = asked.iter().filter(|said| !said.contains("watch="));
    let pages: Vec<_> = lists.map(|said| said.contains("limit=100")).collect();
    assert_eq!(pages, [true, true, false, true], "{asked:?}");
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_ends_goes_on_where_it_was() {
    let bookmark = json!({"type": "BOOKMARK", "object": {"kind": "Deployment", "apiVersion": "apps/v1", "metadata": {"resourceVersion": "12"}}});
    let answers = vec![
        (200, list(&[])),
        (200, changed("a", "11")),
        (200, bookmark),
        (200, changed("a", "13")),
    ];
    let (words, asked) = words(answers, 7).await;
    assert_eq!(
        words,
        [
            "listing", "listed", "watching", "put a", "watching", "watching", "put a"
        ]
    );
    let versions: Vec<_> = asked
        .iter()
        .filter_map(|said| said.split("resourceVersion=").nth(1))
        .collect();
    assert_eq!(versions, ["9", "11", "12"]);
}

#[tokio::test(start_paused = true)]
async fn what_the_server_refuses_is_told_from_what_passes() {
    let answers = vec![
        (403, refusal(403)),
        (404, refusal(404)),
        (500, refusal(500)),
        (200, list(&[])),
    ];
    let (words, _) = words(answers, 8).await;
    assert_eq!(
        words,
        [
            "listing",
            "forbidden",
            "listing",
            "absent",
            "listing",
            "failed: no",
            "listing",
            "listed"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_is_refused_after_the_listing_is_no_new_listing() {
    let answers = vec![
        (200, list(&[deployment("a")])),
        (403, refusal(403)),
        (401, refusal(401)),
        (200, changed("a", "8")),
    ];
    let (words, _) = words(answers, 7).await;
    assert_eq!(
        words,
        [
            "listing",
            "put a",
            "listed",
            "forbidden",
            "failed: no",
            "watching",
            "put a"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_silent_is_noticed_wherever_it_falls_silent() {
    let never = || (Script::NEVER, Value::Null);
    let silent = "failed: the server does not answer";
    let (words, _) = words(
        vec![
            never(),
            (200, list(&[])),
            never(),
            (Script::HOLDS, changed("a", "8")),
        ],
        9,
    )
    .await;
    assert_eq!(
        words,
        [
            "listing",
            silent,
            "listing",
            "listed",
            silent,
            "watching",
            "put a",
            silent,
            "failed: no"
        ]
    );
}
