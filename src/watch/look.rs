//! Looks up a workload that left the label selector: it is gone, or it is there without its record.

use std::sync::Arc;
use std::time::Duration;

use kube::Client;
use tokio::sync::Semaphore;

use super::feed::api;
use super::object::Kind;
use crate::project::COUPLED;
use crate::render::drift::{Key, Live};

/// Look-ups at once: many workloads may leave together.
const AT_ONCE: usize = 8;
/// How long after a failure a look-up is tried again, at first and at most.
const RETRY: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(30)];
/// How long the server may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Nobody is there.
    Gone,
    /// It is there, without the label.
    Stripped,
    /// It is there and bears the label: the watch tells the rest.
    Labelled,
}

/// Looks workloads up, a few at a time.
#[derive(Clone)]
pub(super) struct Looker {
    client: Client,
    places: Arc<Semaphore>,
}

impl Looker {
    /// One for this cluster.
    pub(super) fn new(client: Client) -> Self {
        Self { client, places: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// Looks one workload up, however long it takes until the server answers: an error says nothing of it.
    pub(super) async fn look(self, kind: Kind, key: Key) -> (Key, Found) {
        let api = api::<Live>(&self.client, Some(&key.1), kind);
        let mut failures = 0;
        loop {
            let place = self.places.acquire().await;
            let found = tokio::time::timeout(PATIENCE, api.get_opt(&key.2)).await;
            drop(place);
            match found {
                Ok(Ok(None)) => return (key, Found::Gone),
                Ok(Ok(Some(seen))) => {
                    let labelled = seen.body.metadata.labels.get(COUPLED).is_some_and(|value| value == "true");
                    return (key, if labelled { Found::Labelled } else { Found::Stripped });
                }
                Ok(Err(_)) | Err(_) => {
                    tokio::time::sleep(RETRY[1].min(RETRY[0] * 2u32.saturating_pow(failures))).await;
                    failures = failures.saturating_add(1);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::scripted::{Script, refusal};

    #[tokio::test]
    async fn an_error_says_nothing_of_a_workload() {
        let there = serde_json::json!({"metadata": {"name": "web", "namespace": "shop"}});
        let answers = vec![(403, refusal(403)), (503, refusal(503)), (200, there)];
        let (client, script) = Script::client(answers).await;
        let kind = Kind::all().find(|kind| kind.kind == "Deployment").unwrap();
        let key = ("Deployment", "shop".to_owned(), "web".to_owned());
        let (_, found) = Looker::new(client).look(kind, key).await;
        assert_eq!((found, script.asked().len()), (Found::Stripped, 3));
    }
}
