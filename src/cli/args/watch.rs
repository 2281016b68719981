//! Defines the arguments of `coupler watch`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::Format;
use super::named_kind::{NamedKind, named_kind};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  coupler watch                           in a pod, installed by krm-fn/cluster
  coupler watch --once                    check once, for CronJobs and CI
  coupler watch --once -n shop --format json
  coupler watch --kind rollouts.argoproj.io
  coupler watch --kind Worker.v1.example.com --settings coupler.yaml
  coupler watch --kind rollouts.argoproj.io --print-role | kubectl apply -f -

Limits of new Events: 20 a second, 100 at once; of one namespace 5 a second, 25 at once; one a
minute for each Plug. If a Socket affects 10 or more Plugs of a namespace, or if a workload has
10 or more differences, there is one Event for all of them. While a cause lasts, its Event is
refreshed every 30 minutes.")]
pub(in crate::cli) struct WatchArgs {
    /// Watch this namespace only, with a Role instead of a ClusterRole
    #[arg(short, long, value_name = "NAME", value_parser = super::namespace)]
    pub(in crate::cli) namespace: Option<String>,
    /// Watch workloads of this kind too; may be repeated
    ///
    /// RESOURCE.GROUP as kubectl names it, such as rollouts.argoproj.io; or, of a kind that a mapping
    /// of the settings adds, KIND.VERSION.GROUP, such as Worker.v1.example.com. Kinds that every
    /// cluster has are always watched. For other kinds the account needs rights, which --print-role
    /// prints.
    #[arg(long, value_name = "KIND", value_parser = named_kind)]
    pub(in crate::cli) kind: Vec<NamedKind>,
    /// Settings whose mappings add kinds of workload
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) settings: Option<PathBuf>,
    /// Print the ClusterRole that the watcher needs, or with --namespace the Role, and exit
    #[arg(long, conflicts_with_all = ["format", "settle", "listen", "log_format", "reporting_instance", "book"])]
    pub(in crate::cli) print_role: bool,
    /// Check the present state once and exit: with 1 if something differs
    #[arg(long, conflicts_with_all = ["settle", "listen", "log_format", "reporting_instance", "book"])]
    pub(in crate::cli) once: bool,
    /// The format of --once on standard error
    #[arg(
        long,
        value_enum,
        default_value_t,
        value_name = "FORMAT",
        requires = "once"
    )]
    pub(in crate::cli) format: Format,
    /// How long a difference must last before an Event is written
    #[arg(long, value_name = "DURATION", default_value = "20s", value_parser = duration)]
    pub(in crate::cli) settle: Duration,
    /// The address for /livez, /readyz and /metrics
    #[arg(long, value_name = "ADDRESS", default_value = "0.0.0.0:8080")]
    pub(in crate::cli) listen: SocketAddr,
    /// The format of the log on standard error
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(in crate::cli) log_format: LogFormatArg,
    /// The address of pages about the causes: an Event ends with this address and the cause
    #[arg(long, value_name = "URL", value_parser = book)]
    pub(in crate::cli) book: Option<String>,
    /// The Events' reportingInstance (default: $POD_NAME, or else the host's name)
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) reporting_instance: Option<String>,
}

/// Parses a duration of at most an hour in kubectl's form: `20s`, `1m30s`, `1h`; or a number of
/// seconds.
fn duration(text: &str) -> Result<Duration, &'static str> {
    const WRONG: &str = "expected a duration of at most 1h, such as 20s or 1m30s";
    let seconds = match text.parse() {
        Ok(seconds) => seconds,
        Err(_) => seconds(text).ok_or(WRONG)?,
    };
    match seconds {
        0..=3600 => Ok(Duration::from_secs(seconds)),
        _ => Err(WRONG),
    }
}

/// Adds up the parts of a duration, each with a unit, in seconds.
fn seconds(text: &str) -> Option<u64> {
    let (mut rest, mut total) = (text, 0_u64);
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let (number, unit) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
        let number: u64 = number.parse().ok()?;
        let length = match unit.chars().next()? {
            'h' => 3600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        total = total.checked_add(number.checked_mul(length)?)?;
        rest = &unit[1..];
    }
    Some(total)
}

/// Parses an address to which a cause can be appended.
fn book(text: &str) -> Result<String, String> {
    let is_address = text.starts_with("https://") || text.starts_with("http://");
    let is_word = !text.chars().any(|c| c.is_whitespace() || c.is_control());
    if !is_address || !is_word || text.len() > 200 {
        return Err(
            "expected an address that begins with https:// and has at most 200 bytes".to_owned(),
        );
    }
    let slash = if text.ends_with(['/', '#', '=']) {
        ""
    } else {
        "/"
    };
    Ok(format!("{text}{slash}"))
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum LogFormatArg {
    /// For people
    #[default]
    Text,
    /// One JSON object on each line
    Json,
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use clap::CommandFactory as _;

    use super::duration;
    use crate::cli::args::Cli;
    use crate::watch;

    #[test]
    fn a_duration_is_written_as_kubectl_writes_it() {
        for (text, seconds) in [
            ("20s", 20),
            ("1m30s", 90),
            ("1h", 3600),
            ("0s", 0),
            ("0", 0),
            ("20", 20),
        ] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in [
            "",
            "s",
            "20x",
            "20ms",
            "-1s",
            "1.5s",
            "61m",
            "s20",
            "99999999999999999999h",
        ] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_help_has_the_limits_of_the_code() {
        let mut cli = Cli::command();
        let help = cli
            .find_subcommand_mut("watch")
            .unwrap()
            .render_help()
            .to_string();
        let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
        for line in [
            format!(
                "{} a second, {} at once",
                watch::EVENTS_PER_SECOND,
                watch::EVENTS_AT_ONCE
            ),
            format!(
                "of one namespace {} a second, {} at once",
                watch::NAMESPACE_EVENTS_PER_SECOND,
                watch::NAMESPACE_EVENTS_AT_ONCE
            ),
            format!("{} or more Plugs", watch::SUMMARY),
            format!("{} or more differences", watch::SUMMARY),
            format!("every {} minutes", watch::REFRESH.as_secs() / 60),
        ] {
            assert!(help.contains(&line), "{line}\n{help}");
        }
        assert_eq!(
            watch::PLUG_INTERVAL,
            Duration::from_secs(60),
            "one a minute"
        );
    }
}
