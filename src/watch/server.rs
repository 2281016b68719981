//! Serves `/livez`, `/readyz` and `/metrics`, for probes and for Prometheus, also while other
//! clients keep connections open.

mod places;

use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::header::CONTENT_TYPE;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

use super::metrics::{Metrics, Pulse};
use crate::limits::{PROBE_CONNECTIONS, PROBE_HEAD_BYTES};
use places::{Admitted, ConnectionPlaces};

/// The loop ticks at least this often; if it has not for a minute, it is not alive.
pub const TICK: Duration = Duration::from_secs(5);
const STALLED: Duration = Duration::from_secs(60);
/// How long a client may take to send its request's head.
const HEAD: Duration = Duration::from_secs(3);
/// How long a connection may last, its answer included: Prometheus gives up after 10 s by default.
const CONNECTION: Duration = Duration::from_secs(10);

/// What the pages show; the loop writes it, the server reads it.
#[derive(Debug, Default)]
pub(super) struct Status {
    metrics: Metrics,
    /// The page of these metrics, shared by all who read it.
    page: Option<Bytes>,
    /// Why it is not ready; empty: it is.
    pub(super) not_ready: String,
    /// What every reader of the metrics gets again.
    pub(super) pulse: Pulse,
    /// When the loop last went round.
    pub(super) ticked: Option<std::time::Instant>,
}

impl Status {
    /// The metrics.
    pub(super) fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// The metrics, to be changed.
    pub(super) fn metrics_mut(&mut self) -> &mut Metrics {
        self.page = None;
        &mut self.metrics
    }

    /// The page. However many read it slowly, it is in memory once.
    fn page(&mut self) -> Bytes {
        self.page
            .get_or_insert_with(|| Bytes::from(self.metrics.text()))
            .clone()
    }
}

/// The status, shared within one thread's tasks.
pub(super) type Shared = Arc<Mutex<Status>>;

/// The server's open connections.
struct Connections {
    places: ConnectionPlaces,
    tasks: JoinSet<u64>,
    handles: BTreeMap<u64, AbortHandle>,
}

impl Connections {
    fn add(&mut self, stream: TcpStream, status: Shared) {
        let Ok(peer) = stream.peer_addr() else { return }; // it is closed already
        let Admitted { id, closed } = self.places.admit(peer.ip());
        if let Some(handle) = closed.and_then(|closed| self.handles.remove(&closed)) {
            handle.abort();
        }
        let handle = self.tasks.spawn(async move {
            connection(stream, status).await;
            id
        });
        self.handles.insert(id, handle);
    }

    fn remove(&mut self, id: u64) {
        self.handles.remove(&id);
        self.places.leave(id);
    }
}

/// Serves until the runtime ends.
pub(super) async fn serve(listener: TcpListener, status: Shared) {
    let mut connections = Connections {
        places: ConnectionPlaces::new(PROBE_CONNECTIONS),
        tasks: JoinSet::new(),
        handles: BTreeMap::new(),
    };
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.add(stream, status.clone());
                    // a request that is here already is answered before the next connection can
                    // take its place
                    tokio::task::yield_now().await;
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await, // out of file descriptors: it passes
            },
            Some(ended) = connections.tasks.join_next(), if !connections.tasks.is_empty() => {
                if let Ok(id) = ended {
                    connections.remove(id);
                }
            }
        }
    }
}

async fn connection(stream: TcpStream, status: Shared) {
    let service =
        service_fn(|request| std::future::ready(Ok::<_, Infallible>(answer(&request, &status))));
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(PROBE_HEAD_BYTES)
        .keep_alive(false);
    let served = http.serve_connection(TokioIo::new(stream), service);
    // a client that breaks off has what it wanted, and one that does not read gets no more
    let _ = tokio::time::timeout(CONNECTION, served).await;
}

/// The parts of an answer: the page is shared by all who read it, its end is not.
struct AnswerText(VecDeque<Bytes>);

impl Body for AnswerText {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(|part| Ok(Frame::data(part))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.iter().map(|part| part.len() as u64).sum())
    }
}

impl From<&'static str> for AnswerText {
    fn from(text: &'static str) -> Self {
        Self([text.into()].into())
    }
}

impl From<String> for AnswerText {
    fn from(text: String) -> Self {
        Self([text.into()].into())
    }
}

fn answer(request: &Request<Incoming>, status: &Shared) -> Response<AnswerText> {
    let mut status = status.lock().unwrap_or_else(PoisonError::into_inner);
    let (code, text) = match request.uri().path() {
        "/livez" => match status.ticked {
            Some(ticked) if ticked.elapsed() > STALLED => {
                (StatusCode::SERVICE_UNAVAILABLE, "stalled\n".into())
            }
            _ => (StatusCode::OK, "ok\n".into()),
        },
        "/readyz" if status.ticked.is_none() => {
            (StatusCode::SERVICE_UNAVAILABLE, "starting\n".into())
        }
        "/readyz" if status.not_ready.is_empty() => (StatusCode::OK, "ok\n".into()),
        "/readyz" => (
            StatusCode::SERVICE_UNAVAILABLE,
            format!("{}\n", status.not_ready).into(),
        ),
        "/metrics" => {
            let pulse = Bytes::from(status.pulse.text());
            (StatusCode::OK, AnswerText([status.page(), pulse].into()))
        }
        _ => (StatusCode::NOT_FOUND, "/livez /readyz /metrics\n".into()),
    };
    let mut response = Response::new(text);
    *response.status_mut() = code;
    let plain = hyper::header::HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, plain);
    response
}

#[cfg(test)]
mod tests;
