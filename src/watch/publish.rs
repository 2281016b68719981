//! Sends Events to the API server: each is created once, under a name that is the same in all
//! replicas, and an existing one counts as created.

use std::time::Duration;

use jiff::Timestamp;
use kube::api::{DynamicObject, Patch, PatchParams, PostParams};
use kube::core::ApiResource;
use kube::{Api, Client, Error};
use serde_json::json;

use super::event::{self, Naming, Report, Reporter};
use super::ledger::{PublishOutcome, Work};
use super::said;

/// Episodes of one cause that are distinguished as long as their Events last.
const EPISODES: u32 = 100;
/// Names that others have taken before the server is requested to choose one that cannot be
/// guessed.
const TAKEN: u32 = 3;

/// How many episodes are looked for before the first is made, where its Event may have expired
/// while that of a later one lasts; and seconds after which it may have.
const LASTING: u32 = 4;
const EXPIRED: i64 = 600;
/// Who writes, to the server.
const FIELD_MANAGER: &str = "coupler-watch";

/// How long the server may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Makes Events, and does nothing else.
#[derive(Clone)]
pub(super) struct Publisher {
    client: Client,
    reporter: Reporter,
}

/// What became of a piece of work, and what to log of it.
pub(super) struct Done {
    pub(super) outcome: PublishOutcome,
    pub(super) error: Option<String>,
}

impl Publisher {
    pub(super) fn new(client: Client, reporter: Reporter) -> Self {
        Self { client, reporter }
    }

    /// Does one piece of work.
    pub(super) async fn publish(&self, work: &Work) -> Done {
        let work = async {
            match work {
                Work::Fire { report, since } => self.fire(report, *since).await,
                Work::Refresh {
                    report,
                    name,
                    seen,
                    changed,
                } => self.refresh(report, name, *seen, *changed).await,
            }
        };
        let Ok(result) = tokio::time::timeout(PATIENCE, work).await else {
            return Done {
                outcome: PublishOutcome::Failed,
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
                    PublishOutcome::Refused
                } else {
                    PublishOutcome::Failed
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
    async fn fire(
        &self,
        report: &Report,
        since: Option<Timestamp>,
    ) -> Result<PublishOutcome, Error> {
        let api = self.api(&report.namespace);
        let now = Timestamp::now();
        // the Events of the first episodes may have expired while that of a later one lasts
        if since.is_some_and(|since| now.as_second() - since.as_second() > EXPIRED) {
            for episode in 0..LASTING {
                let found = self.look(&api, report, episode).await?;
                if let Some(times) = found.and_then(|found| found.of(since)) {
                    return self.newest(&api, report, episode, times).await;
                }
            }
        }
        let mut taken = 0;
        for episode in 0..EPISODES {
            match self
                .create(&api, report, Naming::Episode(episode), now)
                .await
            {
                Ok(name) => return Ok(PublishOutcome::Made(name)),
                Err(error) if has_code(&error, 409) => {}
                Err(error) if is_leaving(&error) => return Ok(PublishOutcome::Unread),
                Err(error) => return Err(error),
            }
            let Some(found) = self.look(&api, report, episode).await? else {
                // it expired this moment
                let made = self.create(&api, report, Naming::Episode(episode), now);
                return made.await.map(PublishOutcome::Made);
            };
            if let Some(times) = found.of(since) {
                return self.newest(&api, report, episode, times).await;
            }
            if found.times.is_none() {
                taken += 1;
            }
            if taken == TAKEN {
                break;
            }
        }
        let made = self.create(&api, report, Naming::Server, now);
        made.await.map(PublishOutcome::Made)
    }

    /// The Event of the last episode that there is, from one that counts on.
    async fn newest(
        &self,
        api: &Api<DynamicObject>,
        report: &Report,
        first: u32,
        times: Times,
    ) -> Result<PublishOutcome, Error> {
        let (mut last, mut times) = (first, times);
        while last < EPISODES {
            let found = self.look(api, report, last + 1).await?;
            let Some(later) = found.and_then(|found| found.times) else {
                break;
            };
            (last, times) = (last + 1, later);
        }
        Ok(PublishOutcome::There {
            name: report.name(last),
            refreshed: times.refreshed,
        })
    }

    /// The Event of an episode, if there is one.
    async fn look(
        &self,
        api: &Api<DynamicObject>,
        report: &Report,
        episode: u32,
    ) -> Result<Option<ExistingEvent>, Error> {
        self.look_at(api, report, &report.name(episode)).await
    }

    /// An empty patch changes nothing and gives an Event back: no permission to read is needed.
    async fn look_at(
        &self,
        api: &Api<DynamicObject>,
        report: &Report,
        name: &str,
    ) -> Result<Option<ExistingEvent>, Error> {
        match api.patch(name, &patching(), &Patch::Merge(json!({}))).await {
            Ok(there) => Ok(Some(ExistingEvent::read(&there, report))),
            Err(error) if has_code(&error, 404) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reports that it lasts, unless another replica did since this one last looked; an Event that
    /// is gone meanwhile, or that somebody else has put in its place, is created again.
    async fn refresh(
        &self,
        report: &Report,
        name: &str,
        seen: Option<Timestamp>,
        changed: Option<Timestamp>,
    ) -> Result<PublishOutcome, Error> {
        let api = self.api(&report.namespace);
        let found = self.look_at(&api, report, name).await?;
        let Some((found, times)) = found.and_then(|found| Some((found.version, found.times?)))
        else {
            return self.fire(report, None).await;
        };
        let is_mine = times.refreshed == seen;
        let is_old = changed.is_some_and(|changed| times.last().as_second() < changed.as_second());
        let there = |refreshed| PublishOutcome::There {
            name: name.to_owned(),
            refreshed,
        };
        if !is_mine && !is_old {
            return Ok(there(times.refreshed));
        }
        // of two that look at once the server takes one
        let mut patch = event::series(times.count.saturating_add(1), Timestamp::now());
        patch["metadata"] = json!({ "resourceVersion": found });
        match api.patch(name, &patching(), &Patch::Merge(patch)).await {
            Ok(now) => Ok(there(
                ExistingEvent::read(&now, report)
                    .times
                    .and_then(|times| times.refreshed),
            )),
            Err(error) if has_code(&error, 409) => Ok(there(times.refreshed)),
            Err(error) if has_code(&error, 404) => self.fire(report, None).await,
            Err(error) => Err(error),
        }
    }

    /// Makes this Event; the name that it has then.
    async fn create(
        &self,
        api: &Api<DynamicObject>,
        report: &Report,
        naming: Naming,
        now: Timestamp,
    ) -> Result<String, Error> {
        let event = report.event(naming, &self.reporter, now);
        let event = serde_json::from_value(event).map_err(Error::SerdeError)?;
        let params = PostParams {
            field_manager: Some(FIELD_MANAGER.to_owned()),
            ..PostParams::default()
        };
        let made = api.create(&params, &event).await?;
        Ok(made.metadata.name.unwrap_or_default())
    }
}

fn patching() -> PatchParams {
    PatchParams {
        field_manager: Some(FIELD_MANAGER.to_owned()),
        ..PatchParams::default()
    }
}

/// An Event that is there under a name of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
struct ExistingEvent {
    /// `metadata.resourceVersion`
    version: Option<String>,
    /// `None`: it does not report the drift as we would. Whoever made one that does, the drift is
    /// reported.
    times: Option<Times>,
}

/// When an Event was made and refreshed, by the server's clock and by ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Times {
    made: Timestamp,
    refreshed: Option<Timestamp>,
    count: u32,
}

impl Times {
    /// What it reports lasted until then at least.
    fn last(self) -> Timestamp {
        let ahead =
            |time: &Timestamp| time.as_second() > Timestamp::now().as_second() + event::CLOCKS;
        let refreshed = self.refreshed.filter(|time| !ahead(time));
        refreshed.map_or(self.made, |refreshed| refreshed.max(self.made))
    }
}

impl ExistingEvent {
    fn read(there: &DynamicObject, report: &Report) -> Self {
        // the time of the server, which no client sets
        let made = there.metadata.creation_timestamp.as_ref();
        let made = made
            .map(|time| time.0)
            .filter(|made| report.is_reported_by(&there.data, *made));
        let series = &there.data["series"];
        let refreshed = series["lastObservedTime"].as_str();
        Self {
            version: there.metadata.resource_version.clone(),
            times: made.map(|made| Times {
                made,
                refreshed: refreshed.and_then(|time| time.parse().ok()),
                count: series["count"]
                    .as_u64()
                    .and_then(|count| u32::try_from(count).ok())
                    .unwrap_or(1),
            }),
        }
    }

    /// Its times, if it reports an episode that began then; `None`: any.
    fn of(&self, since: Option<Timestamp>) -> Option<Times> {
        self.times
            .filter(|times| since.is_none_or(|since| times.last().as_second() >= since.as_second()))
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

/// The server will give the same answer to a retry.
fn is_final(error: &Error) -> bool {
    has_code(error, 400) || has_code(error, 422)
}

#[cfg(test)]
mod tests;
