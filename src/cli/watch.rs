//! `coupler watch`: its words, and the way into the watcher; `--once` says what is apart as `check` would.

use std::net::SocketAddr;
use std::time::Duration;

use clap::{Args, ValueEnum};
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};

use super::args::{self, Color, Format};
use super::fault::{Fault, reason};
use super::report::Report;
use crate::diagnostic::{Diagnostic, SourceText};
use crate::render::drift;
use crate::watch::{self, Broken, Clock, Options};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  coupler watch                           in a pod, by krm-fn/cluster
  coupler watch --once                    1 where something is apart: for CronJobs and CI
  coupler watch --once -n shop --format json

Limits of new Events: 5 a second, 25 at once; one a minute for each Plug; one for all where a
Socket takes 10 or more Plugs of a namespace down. While a cause lasts, its Event is refreshed
every 30 minutes.")]
pub(super) struct Watch {
    /// Watch this namespace only: then a Role is enough
    #[arg(short, long, value_name = "NAME", value_parser = args::namespace)]
    namespace: Option<String>,
    /// Judge what stands now, say what is apart, and end: 1 if something is
    #[arg(long, conflicts_with_all = ["settle", "listen", "log_format", "reporting_instance"])]
    once: bool,
    /// How --once says what is apart, on standard error
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT", requires = "once")]
    format: Format,
    /// How long something must be apart before an Event is fired
    #[arg(long, value_name = "SECONDS", default_value_t = 20, value_parser = clap::value_parser!(u32).range(0..=3600))]
    settle: u32,
    /// Where /livez, /readyz and /metrics are served
    #[arg(long, value_name = "ADDRESS", default_value = "0.0.0.0:8080")]
    listen: SocketAddr,
    /// How to log, on standard error
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    log_format: LogFormat,
    /// The Events' reportingInstance (default: $POD_NAME, or else the host's name)
    #[arg(long, value_name = "NAME")]
    reporting_instance: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum LogFormat {
    /// For people
    #[default]
    Text,
    /// One JSON object a line
    Json,
}

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
    let sources: Vec<_> = sources.iter().map(|source| SourceText { name: &source.name, text: &source.text }).collect();
    let diagnostics: Vec<Diagnostic> = judgement.drifts.iter().map(|drift| drift.diagnostic.clone()).collect();
    report.diagnostics(&diagnostics, &sources, "");
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

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::args::Cli;

    #[test]
    fn the_help_says_the_limits_that_hold() {
        let mut cli = Cli::command();
        let help = cli.find_subcommand_mut("watch").unwrap().render_help().to_string();
        let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
        for said in [
            format!("{} a second, {} at once", watch::EVENTS_PER_SECOND, watch::EVENTS_AT_ONCE),
            format!("{} or more Plugs", watch::SUMMARY),
            format!("every {} minutes", watch::REFRESH.as_secs() / 60),
        ] {
            assert!(help.contains(&said), "{said}\n{help}");
        }
        assert_eq!(watch::PLUG_INTERVAL, Duration::from_secs(60), "one a minute");
    }
}
