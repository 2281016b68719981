//! Looks up workloads that the watch does not show: they were deleted, or they have no record.

use std::sync::Arc;
use std::time::Duration;

use kube::api::ListParams;
use kube::{Client, Error};
use tokio::sync::Semaphore;

use super::feed::{PAGE, api};
use super::object::WatchedKind;
use crate::drift::{Live, Selector, Unrecorded, WorkloadNaming};
use crate::project::COUPLED;

/// Look-ups at once: many workloads may leave together.
const AT_ONCE: usize = 8;
/// How long after a failure a look-up is tried again, at first and at most.
const RETRY: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(30)];
/// How long the server may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// What a look-up found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing of that name.
    Gone,
    /// It has the label: the watch reports the rest.
    Labelled,
    /// These, without the label.
    Unrecorded(Vec<Unrecorded>),
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
        Self {
            client,
            places: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// Looks workloads up, however long it takes until the server answers: an error says nothing of
    /// them.
    pub(super) async fn look(self, naming: WorkloadNaming) -> (WorkloadNaming, Found) {
        let mut failures = 0;
        loop {
            let place = self.places.acquire().await;
            let found = tokio::time::timeout(PATIENCE, look_once(&self.client, &naming)).await;
            drop(place);
            if let Ok(Ok(found)) = found {
                return (naming, found);
            }
            tokio::time::sleep(RETRY[1].min(RETRY[0] * 2u32.saturating_pow(failures))).await;
            failures = failures.saturating_add(1);
        }
    }
}

/// Asks the server once.
///
/// # Errors
/// It does not show what is there.
pub(super) async fn look_once(client: &Client, naming: &WorkloadNaming) -> Result<Found, Error> {
    let WorkloadNaming {
        kind,
        namespace,
        selector,
    } = naming;
    let api = api::<Live>(client, Some(namespace), WatchedKind::of(kind));
    let read = |live: &Live| Unrecorded::of(kind, live);
    match selector {
        Selector::Name(name) => Ok(match api.get_opt(name).await? {
            None => Found::Gone,
            Some(seen)
                if seen
                    .body
                    .metadata
                    .labels
                    .get(COUPLED)
                    .is_some_and(|value| value == "true") =>
            {
                Found::Labelled
            }
            Some(seen) => Found::Unrecorded(vec![read(&seen.body)]),
        }),
        Selector::Labels(labels) => {
            let mut wanted: Vec<String> = labels
                .iter()
                .map(|(key, value)| format!("{key}={value}"))
                .collect();
            wanted.push(format!("{COUPLED}!=true"));
            let params = ListParams {
                limit: Some(PAGE),
                ..ListParams::default().labels(&wanted.join(","))
            };
            // a page is enough: each of these is one mistake, and the next look-up shows the rest
            let page = api.list(&params).await?;
            Ok(Found::Unrecorded(
                page.items.iter().map(|seen| read(&seen.body)).collect(),
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drift::LiveKind;
    use crate::watch::scripted::{Script, refusal};

    #[tokio::test(start_paused = true)]
    async fn an_error_says_nothing_of_a_workload() {
        let there = serde_json::json!({"metadata": {"name": "web", "namespace": "shop"}});
        let answers = vec![(403, refusal(403)), (503, refusal(503)), (200, there)];
        let (client, script) = Script::client(answers);
        let selector = Selector::Name("web".into());
        let mut kinds = LiveKind::always();
        let naming = WorkloadNaming {
            kind: kinds.find(|kind| kind.kind == "Deployment").unwrap(),
            namespace: "shop".into(),
            selector,
        };
        let (_, found) = Looker::new(client).look(naming).await;
        let Found::Unrecorded(found) = found else {
            panic!("{found:?}")
        };
        assert_eq!((&*found[0].id.name, script.asked().len()), ("web", 3));
    }
}
