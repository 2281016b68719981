//! `/livez`, `/readyz` and `/metrics`, for probes and for Prometheus.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::CONTENT_TYPE;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;

use super::metrics::Metrics;

/// The loop ticks at least this often; if it has not for a minute, it is not alive.
pub const TICK: Duration = Duration::from_secs(5);
const STALLED: Duration = Duration::from_secs(60);
/// Connections at once: probes and Prometheus need a handful.
const CONNECTIONS: usize = 32;
/// How long a client may take to send its request's head.
const HEAD: Duration = Duration::from_secs(10);

/// What the pages show; the loop writes it, the server reads it.
#[derive(Debug, Default)]
pub(super) struct Status {
    pub(super) metrics: Metrics,
    /// Why it is not ready; empty: it is.
    pub(super) not_ready: String,
    /// When the loop last went round.
    pub(super) ticked: Option<std::time::Instant>,
}

/// The status, shared within one thread's tasks.
pub(super) type Shared = Arc<Mutex<Status>>;

/// Serves until the runtime ends.
pub(super) async fn serve(listener: TcpListener, status: Shared) {
    let places = Arc::new(tokio::sync::Semaphore::new(CONNECTIONS));
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(100)).await; // out of file descriptors: it passes
            continue;
        };
        let status = status.clone();
        tokio::spawn(async move {
            let service = service_fn(|request| std::future::ready(Ok::<_, Infallible>(answer(&request, &status))));
            let mut http = hyper::server::conn::http1::Builder::new();
            http.timer(TokioTimer::new()).header_read_timeout(HEAD).keep_alive(false);
            // a client that breaks off has what it wanted
            let _ = http.serve_connection(TokioIo::new(stream), service).await;
            drop(place);
        });
    }
}

fn answer(request: &Request<Incoming>, status: &Shared) -> Response<Full<Bytes>> {
    let status = status.lock().unwrap_or_else(PoisonError::into_inner);
    let (code, text) = match request.uri().path() {
        "/livez" => match status.ticked {
            Some(ticked) if ticked.elapsed() > STALLED => (StatusCode::SERVICE_UNAVAILABLE, "stalled\n".to_owned()),
            _ => (StatusCode::OK, "ok\n".to_owned()),
        },
        "/readyz" if status.not_ready.is_empty() => (StatusCode::OK, "ok\n".to_owned()),
        "/readyz" => (StatusCode::SERVICE_UNAVAILABLE, format!("{}\n", status.not_ready)),
        "/metrics" => (StatusCode::OK, status.metrics.text()),
        _ => (StatusCode::NOT_FOUND, "/livez /readyz /metrics\n".to_owned()),
    };
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = code;
    let plain = hyper::header::HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, plain);
    response
}
