//! An API server that says what a test tells it to: for what a real one cannot be made to say on
//! demand.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use http_body_util::BodyExt as _;
use hyper::body::{Body, Bytes, Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;

/// What it was asked, and has still to answer.
#[derive(Clone, Default)]
pub(super) struct Script {
    answers: Arc<Mutex<VecDeque<(u16, String)>>>,
    asked: Arc<Mutex<Vec<(String, Value)>>>,
}

impl Script {
    /// The status of an answer that never comes.
    pub(super) const NEVER: u16 = 0;
    /// The status of an answer that begins, and never ends.
    pub(super) const HOLDS: u16 = 1;

    /// A client of a server that gives these answers in turn; then 503.
    pub(super) async fn client(
        answers: impl IntoIterator<Item = (u16, Value)>,
    ) -> (kube::Client, Self) {
        let script = Self::default();
        script.answers.lock().unwrap().extend(
            answers
                .into_iter()
                .map(|(status, body)| (status, body.to_string())),
        );
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = script.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let script = server.clone();
                tokio::spawn(async move {
                    let service = service_fn(move |request| answer(request, script.clone()));
                    let _ = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        });
        let mut config = kube::Config::new(format!("http://{address}").parse().unwrap());
        config.default_retry = false;
        (kube::Client::try_from(config).unwrap(), script)
    }

    /// `METHOD /path` of each question, and its body.
    pub(super) fn asked(&self) -> Vec<(String, Value)> {
        self.asked.lock().unwrap().clone()
    }
}

/// One chunk, and then the end, or nothing any more.
struct Chunk {
    text: Option<Bytes>,
    ends: bool,
}

impl Body for Chunk {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.text.take() {
            Some(text) => Poll::Ready(Some(Ok(Frame::data(text)))),
            None if self.ends => Poll::Ready(None),
            None => Poll::Pending,
        }
    }
}

async fn answer(request: Request<Incoming>, script: Script) -> Result<Response<Chunk>, Infallible> {
    let said = format!("{} {}", request.method(), request.uri());
    let body = request.into_body().collect().await.unwrap().to_bytes();
    script
        .asked
        .lock()
        .unwrap()
        .push((said, serde_json::from_slice(&body).unwrap_or_default()));
    let (status, body) = script
        .answers
        .lock()
        .unwrap()
        .pop_front()
        .unwrap_or_else(|| (503, refusal(503).to_string()));
    if status == Script::NEVER {
        std::future::pending::<()>().await;
    }
    let ends = status != Script::HOLDS;
    let text = if ends { body } else { format!("{body}\n") };
    let mut response = Response::new(Chunk {
        text: Some(text.into()),
        ends,
    });
    let status = if ends { status } else { 200 };
    *response.status_mut() = hyper::StatusCode::from_u16(status).unwrap();
    Ok(response)
}

/// The `Status` of a request that failed.
pub(super) fn refusal(code: u16) -> Value {
    let message = if code == 403 {
        "the namespace is being terminated"
    } else {
        "no"
    };
    serde_json::json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message, "reason": "x", "code": code,
    })
}
