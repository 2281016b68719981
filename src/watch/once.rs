//! The cluster as it stands this moment, listed once: for CronJobs and CI.

use kube::api::ListParams;
use kube::{Client, Error};
use serde_json::Value;

use super::feed::{PAGE, api};
use super::object::{Body, WatchedKind, What};
use crate::drift::{Cluster, Live, Workload};

/// Lists everything; kinds that cannot be listed, and why.
///
/// # Errors
/// The server cannot be reached, or breaks off.
pub(super) async fn list(
    client: &Client,
    namespace: Option<&str>,
) -> Result<(Cluster, Vec<(WatchedKind, String)>), Error> {
    let mut cluster = Cluster::default();
    let mut unlisted = Vec::new();
    for kind in WatchedKind::all() {
        let listed = match kind.what {
            What::Workload => {
                let read = |live: Live| {
                    _ = cluster.put_workload(Workload::read(kind.api_version, kind.kind, &live));
                };
                pages(client, namespace, kind, read).await
            }
            What::Integration => {
                let read = |value: Value| cluster.put_integration(kind.kind, &value);
                pages(client, namespace, kind, read).await
            }
            What::Service => {
                pages(client, namespace, kind, |value: Value| {
                    cluster.put_service(&value);
                })
                .await
            }
        };
        match listed {
            Ok(()) => {}
            Err(Error::Api(status)) if matches!(status.code, 403 | 404) => {
                cluster.list(kind.kind, false);
                unlisted.push((kind, status.message.clone()));
            }
            Err(error) => return Err(error),
        }
    }
    Ok((cluster, unlisted))
}

async fn pages<B: Body>(
    client: &Client,
    namespace: Option<&str>,
    kind: WatchedKind,
    mut read: impl FnMut(B),
) -> Result<(), Error> {
    let api = api::<B>(client, namespace, kind);
    let mut params = ListParams {
        label_selector: kind.selector(),
        limit: Some(PAGE),
        ..ListParams::default()
    };
    loop {
        let page = api.list(&params).await?;
        page.items.into_iter().for_each(|seen| read(seen.body));
        params.continue_token = page.metadata.continue_.filter(|token| !token.is_empty());
        if params.continue_token.is_none() {
            return Ok(());
        }
    }
}
