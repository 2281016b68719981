//! Runs `coupler watch`: starts the watcher, or with `--once` reports all drift as `check` reports
//! errors.

mod kinds;

use anyhow::Context;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};

use super::args::{Color, LogFormatArg, WatchArgs};
use super::exit::Exit;
use super::fault::{Error, TypedContext};
use super::print;
use super::report::{Infos, Reporting};
use crate::diagnostic::{Diagnostic, Printable};
use crate::drift::{self, LiveKind};
use crate::render::source_texts;
use crate::watch::{self, Broken, Clock, Options, Purpose};

/// Watches until it is stopped, checks once, or prints the rights that it needs.
pub(super) fn watch(args: &WatchArgs, color: Color) -> Exit {
    let report = Reporting::new(args.format, color, Infos::Shown);
    report.end(run(args, &report).map_err(Into::into))
}

/// The Role that the watcher of these arguments needs.
fn role(args: &WatchArgs, kinds: &[&'static LiveKind]) -> String {
    let purpose = match args.once {
        true => Purpose::Once,
        false => Purpose::Watch,
    };
    watch::role(purpose, args.namespace.as_deref(), kinds)
}

fn run(args: &WatchArgs, report: &Reporting) -> Result<Exit, Error> {
    let kinds = kinds::named(args)?;
    if args.print_role {
        print::page(&Printable::plain(&role(args, &kinds)))?;
        return Ok(Exit::Success);
    }
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start")?;
    if args.once {
        once(args, &kinds, &runtime, report)
    } else {
        forever(args, kinds, &runtime)
    }
}

fn once(
    args: &WatchArgs,
    kinds: &[&'static LiveKind],
    runtime: &Runtime,
    report: &Reporting,
) -> Result<Exit, Error> {
    let (cluster, unlisted) = runtime
        .block_on(watch::list(args.namespace.as_deref(), kinds))
        .map_err(broken)?;
    report.warnings(&unlisted);
    let judgement = drift::judge(&cluster);
    let sources = cluster.sources();
    let diagnostics: Vec<Diagnostic> = judgement
        .drifts
        .iter()
        .map(|drift| drift.diagnostic.clone())
        .collect();
    report.diagnostics(&diagnostics, &source_texts(&sources), "");
    report.done(&totals(&judgement));
    Ok(Exit::of_findings(!diagnostics.is_empty()))
}

/// How many couplings are what, and why some are unknown.
fn totals(judgement: &drift::Judgement) -> String {
    let drift::Judgement {
        coupled,
        decoupled,
        unknown,
        ..
    } = judgement;
    let reasons: Vec<String> = unknown
        .iter()
        .map(|(why, count)| format!("{} {count}", why.as_str()))
        .collect();
    let reasons = match reasons.is_empty() {
        true => String::new(),
        false => format!(" ({})", reasons.join(", ")),
    };
    let unknown: usize = unknown.values().sum();
    format!("{coupled} coupled, {decoupled} decoupled, {unknown} unknown{reasons}")
}

fn forever(
    args: &WatchArgs,
    kinds: Vec<&'static LiveKind>,
    runtime: &Runtime,
) -> Result<Exit, Error> {
    let options = Options {
        namespace: args.namespace.clone(),
        kinds,
        settle: args.settle,
        log: if args.log_format == LogFormatArg::Json {
            watch::LogFormat::Json
        } else {
            watch::LogFormat::Text
        },
        book: args.book.clone(),
        instance: args.reporting_instance.clone().unwrap_or_else(instance),
        tick: watch::TICK,
    };
    runtime.block_on(async {
        let [mut term, mut int] = [SignalKind::terminate(), SignalKind::interrupt()].map(signal);
        let stop = async {
            match (&mut term, &mut int) {
                (Ok(term), Ok(int)) => {
                    tokio::select! { _ = term.recv() => {} _ = int.recv() => {} }
                }
                _ => std::future::pending().await,
            }
        };
        watch::watch(args.listen, options, Clock::start(), stop)
            .await
            .map_err(broken)
    })?;
    Ok(Exit::Success)
}

/// The pod's name, or else the host's.
fn instance() -> String {
    let known = ["POD_NAME", "HOSTNAME"]
        .into_iter()
        .filter_map(|name| std::env::var(name).ok());
    known
        .into_iter()
        .find(|name| !name.is_empty())
        .unwrap_or_else(|| "coupler".to_owned())
}

fn broken(broken: Broken) -> Error {
    match broken {
        Broken::Cluster(why) => Error::msg(format!("the cluster cannot be reached: {why}")).help(
            "coupler uses the cluster of KUBECONFIG, of ~/.kube/config or of the pod's \
             ServiceAccount",
        ),
        Broken::Namespace(name) => {
            Error::msg(format!("namespace `{name}` does not exist in the cluster"))
                .help("list the namespaces: kubectl get namespaces")
        }
        Broken::Listen(error) => Error::new(error)
            .context("cannot listen")
            .help("give another address: --listen 127.0.0.1:9090"),
    }
}
