//! What a watch tells when the server forgets where it was.

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
        Change::Put(_, key, _) => format!("put {}", key.2),
        Change::Gone(_, key) => format!("gone {}", key.2),
        Change::Listed(_) => "listed".to_owned(),
        Change::Failed(_, Failure::Unlisted(_)) => "unlisted".to_owned(),
        Change::Failed(_, Failure::Passing(_)) => "failed".to_owned(),
    }
}

async fn words(answers: Vec<(u16, Value)>, how_many: usize) -> (Vec<String>, Vec<String>) {
    let (client, script) = Script::client(answers).await;
    let kind = Kind::all().find(|kind| kind.kind == "Deployment").unwrap();
    let changes = changes::<Live>(&client, Some("shop"), kind, |kind, live| {
        Object::Workload(Workload::read(kind.api_version, kind.kind, &live))
    });
    let words = changes.take(how_many).map(|change| word(&change)).collect().await;
    (words, script.asked().into_iter().map(|(said, _)| said).collect())
}

#[tokio::test]
async fn a_watch_that_is_too_old_is_listed_anew() {
    let gone = json!({"type": "ERROR", "object": refusal(410)});
    let changed = json!({"type": "MODIFIED", "object": deployment("a")});
    let answers = vec![(200, list(&[deployment("a"), deployment("b")])), (200, changed), (200, gone), (200, list(&[]))];
    let (words, asked) = words(answers, 8).await;
    assert_eq!(words, ["listing", "put a", "put b", "listed", "put a", "failed", "listing", "listed"]);
    assert!(
        asked.iter().all(|said| said.contains("labelSelector=integration.rock8s.com%2Fcoupled%3Dtrue")),
        "{asked:?}"
    );
}

#[tokio::test]
async fn what_is_not_ours_to_see_is_told_from_what_passes() {
    let (words, _) = words(vec![(403, refusal(403)), (500, refusal(500)), (200, list(&[]))], 4).await;
    assert_eq!(words, ["listing", "unlisted", "listing", "failed"]);
}
