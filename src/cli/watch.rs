//! `coupler watch`: the way into the watcher; `--once` says what is apart as `check` would.

use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};

use super::args::{Color, LogFormat, Watch};
use super::fault::{Fault, reason};
use super::report::Report;
use crate::diagnostic::Diagnostic;
use crate::render::{drift, source_texts};
use crate::watch::{self, Broken, Clock, Options};

/// Watches until it is told to stop, or judges once.
pub(super) fn watch(args: &Watch, color: Color) -> u8 {
    let report = Report::new(args.format, color, true);
    let runtime = match Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return report.faults(&[Fault::new(format!("cannot start: {}", reason(&error)))]),
    };
    let done = if args.once { once(args, &runtime, &report) } else { forever(args, &runtime) };
    done.unwrap_or_else(|fault| report.faults(&[fault]))
}

fn once(args: &Watch, runtime: &Runtime, report: &Report) -> Result<u8, Fault> {
    let (cluster, unlisted) = runtime.block_on(watch::list(args.namespace.as_deref())).map_err(broken)?;
    report.warnings(&unlisted);
    let judgement = drift::judge(&cluster);
    let sources = cluster.sources();
    let diagnostics: Vec<Diagnostic> = judgement.drifts.iter().map(|drift| drift.diagnostic.clone()).collect();
    report.diagnostics(&diagnostics, &source_texts(&sources), "");
    let drift::Judgement { coupled, decoupled, unknown, .. } = judgement;
    report.done(&format!("{coupled} coupled, {decoupled} decoupled, {unknown} unknown"));
    Ok(u8::from(!diagnostics.is_empty()))
}

fn forever(args: &Watch, runtime: &Runtime) -> Result<u8, Fault> {
    let options = Options {
        namespace: args.namespace.clone(),
        settle: Duration::from_secs(args.settle.into()),
        listen: args.listen,
        log: if args.log_format == LogFormat::Json { watch::Format::Json } else { watch::Format::Text },
        instance: args.reporting_instance.clone().unwrap_or_else(instance),
        tick: watch::TICK,
    };
    runtime.block_on(async {
        let [mut term, mut int] = [SignalKind::terminate(), SignalKind::interrupt()].map(signal);
        let stop = async {
            match (&mut term, &mut int) {
                (Ok(term), Ok(int)) => tokio::select! { _ = term.recv() => {} _ = int.recv() => {} },
                _ => std::future::pending().await,
            }
        };
        watch::watch(options, Clock::start(), stop).await.map_err(broken)
    })?;
    Ok(0)
}

/// The pod's name, or else the host's.
fn instance() -> String {
    let known = ["POD_NAME", "HOSTNAME"].into_iter().filter_map(|name| std::env::var(name).ok());
    known.into_iter().find(|name| !name.is_empty()).unwrap_or_else(|| "coupler".to_owned())
}

fn broken(broken: Broken) -> Fault {
    match broken {
        Broken::Cluster(why) => Fault::new(format!("the cluster cannot be reached: {why}"))
            .help("it is the one that KUBECONFIG, ~/.kube/config or the pod's ServiceAccount names"),
        Broken::Listen(error) => Fault::new(format!("cannot listen: {}", reason(&error)))
            .help("give another address: --listen 127.0.0.1:9090"),
    }
}
