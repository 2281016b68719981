//! Events to the API server: made once under a name that all replicas share, taken as made where they are there already.

use std::time::Duration;

use jiff::Timestamp;
use kube::api::{DynamicObject, Patch, PatchParams, PostParams};
use kube::core::ApiResource;
use kube::{Api, Client, Error};
use serde_json::json;

use super::event;
use super::ledger::{Outcome, Work};
use super::said;

/// Episodes of one cause that are told apart as long as their Events last.
const EPISODES: u32 = 100;

/// How long the server may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Makes Events, and does nothing else.
#[derive(Clone)]
pub(super) struct Publisher {
    client: Client,
    /// Who reports: the pod's name.
    instance: String,
}

/// What became of a piece of work, and what to log of it.
pub(super) struct Done {
    pub(super) outcome: Outcome,
    pub(super) error: Option<String>,
    /// Whether this process made the Event.
    pub(super) made: bool,
}

impl Publisher {
    pub(super) fn new(client: Client, instance: String) -> Self {
        Self { client, instance }
    }

    /// Does one piece of work.
    pub(super) async fn publish(&self, work: &Work) -> Done {
        let work = async {
            match work {
                Work::Fire { report, since } => self.fire(report, *since).await,
                Work::Refresh { report, name, count } => self.refresh(report, name, *count).await,
            }
        };
        let Ok(result) = tokio::time::timeout(PATIENCE, work).await else {
            return Done {
                outcome: Outcome::Failed,
                error: Some("the server does not answer".to_owned()),
                made: false,
            };
        };
        match result {
            Ok((name, made)) => Done { outcome: Outcome::Published(name), error: None, made },
            Err(error) => {
                let outcome = if is_final(&error) { Outcome::Refused } else { Outcome::Failed };
                Done { outcome, error: Some(said(&error)), made: false }
            }
        }
    }

    fn api(&self, namespace: &str) -> Api<DynamicObject> {
        let resource = ApiResource {
            group: "events.k8s.io".into(),
            version: "v1".into(),
            api_version: "events.k8s.io/v1".into(),
            kind: "Event".into(),
            plural: "events".into(),
        };
        Api::namespaced_with(self.client.clone(), namespace, &resource)
    }

    /// Makes an Event. One of that name is there already: of another replica, of this process before it was restarted, or of
    /// an episode that healed; the last is told by its time, and then this one is the next episode.
    async fn fire(&self, report: &event::Report, since: Option<Timestamp>) -> Result<(String, bool), Error> {
        let api = self.api(&report.namespace);
        let now = Timestamp::now();
        for episode in 0..EPISODES {
            let name = report.name(episode);
            match self.create(&api, report, episode, now).await {
                Ok(()) => return Ok((name, true)),
                Err(error) if has_code(&error, 409) => {}
                Err(error) if is_leaving(&error) => return Ok((name, false)),
                Err(error) => return Err(error),
            }
            // an empty patch changes nothing and gives the Event back: no permission to read is needed
            let there = api.patch(&name, &PatchParams::default(), &Patch::Merge(json!({}))).await;
            let made = match &there {
                Ok(there) => there.data["eventTime"].as_str().and_then(|time| time.parse::<Timestamp>().ok()),
                Err(error) if has_code(error, 404) => None, // it expired this moment
                Err(_) => return there.map(|_| (name, false)),
            };
            match (made, since) {
                (Some(made), Some(since)) if made < since => {}
                (Some(_), _) => return Ok((name, false)),
                (None, _) => return self.create(&api, report, episode, now).await.map(|()| (name, true)),
            }
        }
        Ok((report.name(EPISODES), false))
    }

    /// Says that it lasts; an Event that expired meanwhile is made anew.
    async fn refresh(&self, report: &event::Report, name: &str, count: u32) -> Result<(String, bool), Error> {
        let api = self.api(&report.namespace);
        let patch = Patch::Merge(event::series(count, Timestamp::now()));
        match api.patch(name, &PatchParams::default(), &patch).await {
            Ok(_) => Ok((name.to_owned(), false)),
            Err(error) if has_code(&error, 404) => self.fire(report, None).await,
            Err(error) => Err(error),
        }
    }

    async fn create(
        &self,
        api: &Api<DynamicObject>,
        report: &event::Report,
        episode: u32,
        now: Timestamp,
    ) -> Result<(), Error> {
        let event = serde_json::from_value(report.event(episode, &self.instance, now)).map_err(Error::SerdeError)?;
        api.create(&PostParams::default(), &event).await.map(drop)
    }
}

fn has_code(error: &Error, code: u16) -> bool {
    matches!(error, Error::Api(status) if status.code == code)
}

/// Nobody is left to read it: the namespace is going, or gone.
fn is_leaving(error: &Error) -> bool {
    has_code(error, 404)
        || matches!(error, Error::Api(status) if status.code == 403 && status.message.contains("terminat"))
}

/// The server will say the same tomorrow.
fn is_final(error: &Error) -> bool {
    has_code(error, 400) || has_code(error, 422)
}

#[cfg(test)]
mod tests;
