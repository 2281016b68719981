//! A workload that left the label selector, looked up once: it is gone, or it is there without its record.

use std::time::Duration;

use kube::Client;

use super::feed::api;
use super::object::Kind;
use crate::project::COUPLED;
use crate::render::drift::{Key, Live};

/// How often it is tried, each time after twice as long.
const TRIES: u32 = 6;

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Nobody is there.
    Gone,
    /// It is there, without the label.
    Stripped,
    /// It is there and bears the label: the watch tells the rest.
    Labelled,
    /// The server did not say: it stays as it was.
    Unknown,
}

/// Looks one workload up.
pub(super) async fn look(client: Client, kind: Kind, key: Key) -> (Key, Found) {
    let api = api::<Live>(&client, Some(&key.1), kind);
    for attempt in 0..TRIES {
        match api.get_opt(&key.2).await {
            Ok(None) => return (key, Found::Gone),
            Ok(Some(seen)) => {
                let labelled = seen.body.metadata.labels.get(COUPLED).is_some_and(|value| value == "true");
                return (key, if labelled { Found::Labelled } else { Found::Stripped });
            }
            Err(kube::Error::Api(status)) if status.code == 403 => break,
            Err(_) => tokio::time::sleep(Duration::from_millis(500) * 2u32.pow(attempt)).await,
        }
    }
    (key, Found::Unknown)
}
