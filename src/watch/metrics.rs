//! What is counted, as Prometheus reads it.
//!
//! <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::diagnostic::printable;

/// One line of the gauge that people alert on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Decoupled {
    pub(super) namespace: String,
    /// As the workload's record names it; empty where it has none.
    pub(super) plug: String,
    /// `Deployment/web`
    pub(super) workload: String,
    /// The code.
    pub(super) cause: &'static str,
}

/// All numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct Metrics {
    pub(super) decoupled: BTreeSet<Decoupled>,
    /// Couplings by state: coupled, decoupled, unknown.
    pub(super) plugs: BTreeMap<&'static str, usize>,
    /// By result: made, there (another replica's, or an earlier one), refused, failed.
    pub(super) published: BTreeMap<&'static str, u64>,
    pub(super) suppressed: u64,
    /// By namespace: what is apart there beyond the limit of what is listed one by one.
    pub(super) beyond_the_limit: BTreeMap<String, usize>,
    /// By kind.
    pub(super) objects: BTreeMap<&'static str, usize>,
    /// By kind.
    pub(super) watch_errors: BTreeMap<&'static str, u64>,
    /// Seconds since 1970; 0 before the first.
    pub(super) last_evaluation: u64,
}

impl Metrics {
    /// The page.
    pub(super) fn text(&self) -> String {
        let mut out = String::with_capacity(2048);
        let mut family =
            |name: &str, kind: &str, help: &str, lines: &mut dyn Iterator<Item = (String, u64)>| {
                let _ = write!(
                    out,
                    "# HELP coupler_{name} {help}\n# TYPE coupler_{name} {kind}\n"
                );
                for (labels, value) in lines {
                    let _ = writeln!(out, "coupler_{name}{labels} {value}");
                }
            };
        let by = |label: &'static str, (key, value): (&&str, u64)| {
            (format!("{{{label}=\"{key}\"}}"), value)
        };
        // a page with one series twice would be refused as a whole
        let decoupled: BTreeSet<_> = self
            .decoupled
            .iter()
            .map(|one| {
                let Decoupled {
                    namespace,
                    plug,
                    workload,
                    cause,
                } = one;
                let labels = [
                    ("namespace", namespace.as_str()),
                    ("plug", plug),
                    ("workload", workload),
                    ("cause", cause),
                ];
                let labels: Vec<_> = labels
                    .iter()
                    .map(|(key, value)| format!("{key}=\"{}\"", escaped(value)))
                    .collect();
                (format!("{{{}}}", labels.join(",")), 1)
            })
            .collect();
        let help = "1 for each coupling of a workload that came apart, by cause.";
        family("decoupled", "gauge", help, &mut decoupled.into_iter());
        let beyond = self.beyond_the_limit.iter();
        let beyond = &mut beyond
            .map(|(name, n)| (format!("{{namespace=\"{}\"}}", escaped(name)), *n as u64));
        let help = "What came apart beyond the number that is listed for one namespace.";
        family("decoupled_beyond_limit", "gauge", help, beyond);
        let plugs = &mut self
            .plugs
            .iter()
            .map(|(state, n)| by("state", (state, *n as u64)));
        family("plugs", "gauge", "Couplings of workloads by state.", plugs);
        let published = &mut self
            .published
            .iter()
            .map(|(result, n)| by("result", (result, *n)));
        family(
            "events_published_total",
            "counter",
            "Events that were to be made, by result.",
            published,
        );
        let one = |value| std::iter::once((String::new(), value));
        let help = "Events that were wanted, and whose cause healed before the rate limit let them through.";
        family(
            "events_suppressed_total",
            "counter",
            help,
            &mut one(self.suppressed),
        );
        let objects = &mut self
            .objects
            .iter()
            .map(|(kind, n)| by("kind", (kind, *n as u64)));
        family(
            "store_objects",
            "gauge",
            "Objects that are known, by kind.",
            objects,
        );
        let errors = &mut self
            .watch_errors
            .iter()
            .map(|(kind, n)| by("kind", (kind, *n)));
        family(
            "watch_errors_total",
            "counter",
            "Failures to list or watch, by kind.",
            errors,
        );
        let help = "When the couplings were last judged, in seconds since 1970.";
        family(
            "last_evaluation_timestamp_seconds",
            "gauge",
            help,
            &mut one(self.last_evaluation),
        );
        let version = format!("{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"));
        family(
            "build_info",
            "gauge",
            "1, with the version.",
            &mut std::iter::once((version, 1)),
        );
        out
    }
}

/// What a page may show, as the format has it.
fn escaped(value: &str) -> String {
    let value: String = value
        .chars()
        .map(|c| {
            if printable::is_hidden(c) && c != '\n' {
                '\u{fffd}'
            } else {
                c
            }
        })
        .collect();
    value
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_one_that_prometheus_reads() {
        let metrics = Metrics {
            decoupled: BTreeSet::from([Decoupled {
                namespace: "shop".into(),
                plug: "a\"b\\c\nd".into(),
                workload: "Deployment/web".into(),
                cause: "socket-gone",
            }]),
            plugs: [("coupled", 3)].into(),
            watch_errors: [("Plug", 1)].into(),
            ..Metrics::default()
        };
        let text = metrics.text();
        let gauge = r#"coupler_decoupled{namespace="shop",plug="a\"b\\c\nd",workload="Deployment/web",cause="socket-gone"} 1"#;
        assert!(text.lines().any(|line| line == gauge), "{text}");
        assert!(
            text.contains("\ncoupler_plugs{state=\"coupled\"} 3\n"),
            "{text}"
        );
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let (name, value) = line.rsplit_once(' ').unwrap();
            assert!(
                name.starts_with("coupler_") && value.parse::<u64>().is_ok(),
                "{line}"
            );
        }
    }
}
