//! Events to the API server: made once under a name that all replicas share, taken as made where
//! they are there already.

use std::time::Duration;

use jiff::Timestamp;
use kube::api::{DynamicObject, Patch, PatchParams, PostParams};
use kube::core::ApiResource;
use kube::{Api, Client, Error};
use serde_json::{Value, json};

use super::event::{self, Naming, Report};
use super::ledger::{Outcome, Work};
use super::said;

/// Episodes of one cause that are told apart as long as their Events last.
const EPISODES: u32 = 100;
/// Names that others have taken before the server is asked for one that nobody can guess.
const TAKEN: u32 = 3;

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
                Work::Refresh {
                    report,
                    name,
                    count,
                } => self.refresh(report, name, *count).await,
            }
        };
        let Ok(result) = tokio::time::timeout(PATIENCE, work).await else {
            return Done {
                outcome: Outcome::Failed,
                error: Some("the server does not answer".to_owned()),
            };
        };
        match result {
            Ok(outcome) => Done {
                outcome,
                error: None,
            },
            Err(error) => {
                let outcome = if is_final(&error) {
                    Outcome::Refused
                } else {
                    Outcome::Failed
                };
                Done {
                    outcome,
                    error: Some(said(&error)),
                }
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

    /// Makes an Event. One of that name is there already: of another replica, of this process
    /// before it was restarted, or of an episode that healed; the last is known by its time, and
    /// then this one is the next episode. Or it is somebody else's, who may create Events in this
    /// namespace: it counts for nothing.
    async fn fire(&self, report: &Report, since: Option<Timestamp>) -> Result<Outcome, Error> {
        let api = self.api(&report.namespace);
        let now = Timestamp::now();
        let mut taken = 0;
        for episode in 0..EPISODES {
            let name = report.name(episode);
            match self
                .create(
                    &api,
                    report.event(Naming::Episode(episode), &self.instance, now),
                )
                .await
            {
                Ok(name) => return Ok(Outcome::Made(name)),
                Err(error) if has_code(&error, 409) => {}
                Err(error) if is_leaving(&error) => return Ok(Outcome::Unread),
                Err(error) => return Err(error),
            }
            // an empty patch changes nothing and gives the Event back: no permission to read is
            // needed
            let there = match api
                .patch(&name, &PatchParams::default(), &Patch::Merge(json!({})))
                .await
            {
                Ok(there) => there,
                Err(error) if has_code(&error, 404) => {
                    // it expired this moment
                    let event = report.event(Naming::Episode(episode), &self.instance, now);
                    return self.create(&api, event).await.map(Outcome::Made);
                }
                Err(error) => return Err(error),
            };
            match (Standing::of(&there, report), since) {
                (Standing::Foreign, _) => taken += 1,
                (Standing::Made(made), Some(since)) if made.as_second() < since.as_second() => {}
                (Standing::Made(_), _) => return Ok(Outcome::There(name)),
            }
            if taken == TAKEN {
                break;
            }
        }
        self.create(&api, report.event(Naming::Server, &self.instance, now))
            .await
            .map(Outcome::Made)
    }

    /// Says that it lasts; an Event that is gone meanwhile, or that somebody else has put in its
    /// place, is made anew.
    async fn refresh(&self, report: &Report, name: &str, count: u32) -> Result<Outcome, Error> {
        let api = self.api(&report.namespace);
        let patch = Patch::Merge(event::series(count, Timestamp::now()));
        match api.patch(name, &PatchParams::default(), &patch).await {
            Ok(there) if Standing::of(&there, report) != Standing::Foreign => {
                Ok(Outcome::There(name.to_owned()))
            }
            Ok(_) => self.fire(report, None).await,
            Err(error) if has_code(&error, 404) => self.fire(report, None).await,
            Err(error) => Err(error),
        }
    }

    /// Makes this Event; the name that it has then.
    async fn create(&self, api: &Api<DynamicObject>, event: Value) -> Result<String, Error> {
        let event = serde_json::from_value(event).map_err(Error::SerdeError)?;
        let made = api.create(&PostParams::default(), &event).await?;
        Ok(made.metadata.name.unwrap_or_default())
    }
}

/// Whose Event there is under a name of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// One that reports the drift as we would, made at this time of the server's, or refreshed
    /// then: whoever made it, the drift is reported.
    Made(Timestamp),
    /// One that does not.
    Foreign,
}

impl Standing {
    fn of(there: &DynamicObject, report: &Report) -> Self {
        // the time of the server, which nobody else sets
        let made = there
            .metadata
            .creation_timestamp
            .as_ref()
            .map(|time| time.0);
        let Some(made) = made.filter(|made| report.is_reported_by(&there.data, *made)) else {
            return Self::Foreign;
        };
        // one that was refreshed lasted until then
        let lasted = there.data["series"]["lastObservedTime"]
            .as_str()
            .and_then(|time| time.parse::<Timestamp>().ok());
        Self::Made(
            lasted
                .filter(|lasted| lasted.as_second() <= Timestamp::now().as_second() + event::CLOCKS)
                .map_or(made, |lasted| lasted.max(made)),
        )
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
