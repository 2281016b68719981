//! Hostile input: each ends soon, in little memory, with a clear error or with the right result.
//!
//! `cargo test --test it hostile -- --nocapture --test-threads 1` prints how long each took: at
//! most one second of an optimised build. Time is not asserted, since it belongs to the machine;
//! what is held at once is. Sizes are a tenth of what a hostile author could write, unless
//! `COUPLER_HOSTILE=full cargo test --profile fuzz --test it hostile`.

mod adapters;
mod documents;
mod fields;
mod integrations;
mod mappings;
mod migrate;
mod plugs;
mod resources;
mod schemas;
mod service_bindings;
mod templates;
mod workloads;

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use coupler::api::{AllPlugs, Integrations, ServiceBindings, Settings};
use coupler::diagnostic;
use coupler::limits;
use coupler::render::{Input, Output, Role, Source, render};

/// Bytes that a render may hold, its input among them: 64 MB less what the program itself takes.
const PEAK: u64 = 56_000_000;

/// What a render of hostile input came to.
struct Outcome {
    errors: Vec<&'static str>,
    all: Vec<&'static str>,
    face: String,
    text: String,
}

/// Renders, and prints what it took.
#[track_caller]
fn bounded(what: &str, text: impl Into<String>) -> Outcome {
    let text = text.into();
    let bytes = text.len();
    let source = Source {
        name: "hostile.yaml".to_owned(),
        text,
        role: Role::Stream,
    };
    let settings = Settings {
        integrations: Integrations::Keep,
        plugs: AllPlugs::Stream,
        service_bindings: ServiceBindings::Couple,
        ..Settings::default()
    };
    let input = Input {
        sources: vec![source],
        settings,
    };
    let start = Instant::now();
    let (mut output, mut face, mut rendered) = (Output::default(), String::new(), Duration::ZERO);
    let held = allocation_counter::measure(|| {
        output = render(&input);
        rendered = start.elapsed();
        face = output.text(&input);
    });
    let held = bytes as u64 + held.bytes_max;
    let json = output.json(&input);
    let shown = start.elapsed() - rendered;
    let of = |errors: bool| {
        let wanted = output
            .diagnostics
            .iter()
            .filter(|d| !errors || d.severity == diagnostic::Severity::Error);
        let mut codes: Vec<_> = wanted.map(|d| d.code.as_str()).collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    };
    let (errors, all) = (of(true), of(false));
    eprintln!(
        "{what}: {bytes} bytes, rendered in {rendered:.0?} and {:.1} MB, {} diagnostics {all:?} in {} bytes in {shown:.0?}",
        held as f64 / 1e6,
        output.diagnostics.len(),
        face.len()
    );
    assert!(held <= PEAK, "{what}: {held} bytes are held at once");
    assert!(
        face.len() < 1 << 20,
        "{what}: {} bytes of diagnostics",
        face.len()
    );
    // machines get a line for each diagnostic, and the rest counted
    assert!(
        json.lines().count() <= limits::LISTED + 1,
        "{what}: {} lines of JSON",
        json.lines().count()
    );
    assert!(
        json.len() < 32 << 20,
        "{what}: {} bytes of JSON",
        json.len()
    );
    let text = output
        .rendered
        .first()
        .map(|source| source.pieces.concat())
        .unwrap_or_default();
    Outcome {
        errors,
        all,
        face,
        text,
    }
}

/// The same, where exactly these errors are expected; none: it renders.
#[track_caller]
fn expect(errors: &[&str], what: &str, text: impl Into<String>) -> Outcome {
    let outcome = bounded(what, text);
    let face: String = outcome.face.chars().take(3000).collect();
    assert_eq!(outcome.errors, errors, "{what}\n{face}");
    outcome
}

/// The same, where one of these errors is expected.
#[track_caller]
fn refused(codes: &[&str], what: &str, text: impl Into<String>) -> Outcome {
    let outcome = bounded(what, text);
    let face: String = outcome.face.chars().take(3000).collect();
    assert!(
        !outcome.errors.is_empty() && outcome.errors.iter().all(|code| codes.contains(code)),
        "{what}\n{face}"
    );
    outcome
}

/// A tenth, so that the whole suite stays quick; all of it where `COUPLER_HOSTILE=full`.
fn scaled(n: usize) -> usize {
    let is_full = std::env::var_os("COUPLER_HOSTILE").is_some_and(|word| word == "full");
    if is_full { n } else { n / 10 }
}

/// A text of numbered pieces.
fn many(n: usize, piece: impl Fn(usize) -> String) -> String {
    (0..n).fold(String::new(), |mut out, i| {
        let _ = write!(out, "{}", piece(i));
        out
    })
}

fn ours(kind: &str, name: &str, spec: &str) -> String {
    format!(
        "---\napiVersion: integration.rock8s.com/v1\nkind: {kind}\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n{spec}"
    )
}

fn web() -> String {
    "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec:\n  template:\n    spec:\n      containers:\n      - name: web\n"
        .to_owned()
}

/// A Plug, a Socket, a workload, and an Interface with these keys.
fn coupling(schema: &str, config: &str) -> String {
    ours(
        "Interface",
        "x",
        &format!("  name: x\n  versions:\n  - version: 1.0.0\n    socket:\n{schema}"),
    ) + &ours(
        "Socket",
        "x",
        &format!("  interface: {{name: x, versions: [1.0.0]}}\n  config:\n{config}"),
    ) + &ours(
        "Plug",
        "x",
        "  interface: {name: x}\n  workloads: [{name: web}]\n",
    ) + &web()
}
