//! Lists the cluster once, in its present state: for CronJobs and CI.

use kube::api::ListParams;
use kube::{Api, Client, Error};
use serde_json::Value;

use super::feed::{Paging, api, is_forgotten};
use super::object::{Body, Seen, WatchedKind, What};
use crate::drift::{Cluster, Live, LiveKind, ReadExtent, Workload};

/// Lists everything; kinds that cannot be listed, and why.
///
/// # Errors
/// The server cannot be reached, or breaks off.
pub(super) async fn list(
    client: &Client,
    namespace: Option<&str>,
    named: &[&'static LiveKind],
) -> Result<(Cluster, Vec<(WatchedKind, String)>), Error> {
    match list_by(Paging::Pages, client, namespace, named).await {
        // what was read so far may be gone by now
        Err(error) if is_forgotten(&error) => {
            list_by(Paging::Whole, client, namespace, named).await
        }
        done => done,
    }
}

async fn list_by(
    paging: Paging,
    client: &Client,
    namespace: Option<&str>,
    named: &[&'static LiveKind],
) -> Result<(Cluster, Vec<(WatchedKind, String)>), Error> {
    let mut cluster = Cluster::watching(named);
    let mut unlisted = Vec::new();
    for kind in WatchedKind::all(named) {
        let listed = match kind.what {
            What::Workload(read) if read.extent == ReadExtent::Pods => {
                let put = |live: Live| _ = cluster.put_workload(Workload::read(read, &live));
                pages(&api(client, namespace, kind), kind, paging, put).await
            }
            What::Workload(read) => {
                let put = |whole: Value| {
                    _ = cluster.put_workload(Workload::read(read, &Live::whole(whole)));
                };
                pages(&api(client, namespace, kind), kind, paging, put).await
            }
            What::Integration => {
                let read = |value: Value| cluster.put_integration(kind.kind, &value);
                pages(&api(client, namespace, kind), kind, paging, read).await
            }
            What::Service => {
                let read = |value: Value| cluster.put_service(&value);
                pages(&api(client, namespace, kind), kind, paging, read).await
            }
        };
        match listed {
            Ok(()) => {}
            Err(Error::Api(status)) if matches!(status.code, 403 | 404) => {
                cluster.list(kind.group_kind(), false);
                unlisted.push((kind, status.message.clone()));
            }
            Err(error) => return Err(error),
        }
    }
    Ok((cluster, unlisted))
}

async fn pages<B: Body>(
    api: &Api<Seen<B>>,
    kind: WatchedKind,
    paging: Paging,
    mut read: impl FnMut(B),
) -> Result<(), Error> {
    let mut params = ListParams {
        label_selector: kind.selector(),
        limit: paging.limit(),
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::watch::scripted::{Script, refusal};

    #[tokio::test]
    async fn a_listing_that_is_too_old_before_its_end_is_done_anew_as_a_whole() {
        let list = |names: &[&str], more: &str| {
            let item = |name: &&str| json!({"metadata": {"namespace": "shop", "name": name}});
            let items: Vec<_> = names.iter().map(item).collect();
            json!({"metadata": {"continue": more}, "items": items})
        };
        let first = [
            (200, list(&["gone meanwhile"], "more")),
            (410, refusal(410)),
            (200, list(&["x"], "")),
        ];
        let kinds = WatchedKind::all(&[]).into_iter();
        let rest = kinds.skip(1).map(|_| (200, list(&[], "")));
        let (client, script) = Script::client(first.into_iter().chain(rest));
        let (cluster, unlisted) = super::list(&client, None, &[]).await.unwrap();
        let names: Vec<_> = cluster.integrations().map(|key| &*key.name).collect();
        assert_eq!((names, unlisted), (vec!["x"], vec![]));
        let asked = script.asked();
        let pages: Vec<_> = asked
            .iter()
            .map(|(said, _)| said.contains("limit="))
            .collect();
        assert!(
            pages[..2].iter().all(|page| *page) && !pages[2..].contains(&true),
            "{asked:?}"
        );
    }
}
