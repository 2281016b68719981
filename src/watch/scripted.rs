//! Answers as an API server does, by a test's script: for what a real one does not do on demand. It
//! answers within the process, so that a test's paused clock is the only one.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use http_body_util::BodyExt as _;
use hyper::body::{Body, Bytes, Frame};
use hyper::{Request, Response};
use serde_json::Value;

/// The requests that it still has to answer.
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
    pub(super) fn client(answers: impl IntoIterator<Item = (u16, Value)>) -> (kube::Client, Self) {
        let script = Self::default();
        script.answers.lock().unwrap().extend(
            answers
                .into_iter()
                .map(|(status, body)| (status, body.to_string())),
        );
        let server = script.clone();
        let service = tower::service_fn(move |request| answer(request, server.clone()));
        (kube::Client::new(service, "default"), script)
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

async fn answer(
    request: Request<kube::client::Body>,
    script: Script,
) -> Result<Response<Chunk>, Infallible> {
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
