//! Counts what the watcher does, and writes the metrics in the format of Prometheus.
//!
//! <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::object::WatchedKind;
use crate::api::BinderKind;
use crate::diagnostic::printable;
use crate::drift::{Drift, LiveKind, kind_label};
use crate::limits::{LABEL_BYTES, NAMESPACE_LABELS};

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
    /// The Socket that was coupled, `namespace/name`, as the record names it.
    pub(super) socket: String,
    /// The Interface that it was coupled by, `name@version`.
    pub(super) interface: String,
}

/// The lines of these drifts: Sockets and Interfaces are texts of records, and of one namespace
/// only so many are distinguished.
pub(super) fn decoupled<'d>(
    drifts: impl IntoIterator<Item = (&'d Drift, &'static str)>,
) -> BTreeSet<Decoupled> {
    let mut known: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut lines = BTreeSet::new();
    for (drift, cause) in drifts {
        let known = known.entry(&*drift.workload.namespace).or_default();
        let mut label = |text: &'d str| {
            let is_told = known.contains(text) || known.len() < NAMESPACE_LABELS;
            if !is_told || text.len() > LABEL_BYTES {
                return "other".to_owned();
            }
            known.insert(text);
            text.to_owned()
        };
        let (socket, interface) = (label(&drift.socket), label(&drift.interface));
        let kind = kind_label(drift.workload.api_version, drift.workload.kind);
        lines.insert(Decoupled {
            namespace: drift.workload.namespace.to_string(),
            plug: match &drift.owner {
                Some(owner) if owner.kind == BinderKind::Plug => owner.name.to_string(),
                // the label `socket` has it
                Some(_) | None => String::new(),
            },
            workload: format!("{kind}/{}", drift.workload.name),
            cause,
            socket,
            interface,
        });
    }
    lines
}

/// All numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct Metrics {
    pub(super) decoupled: BTreeSet<Decoupled>,
    /// Couplings by state: coupled, decoupled, unknown.
    pub(super) plugs: BTreeMap<&'static str, usize>,
    /// Couplings that cannot be checked, by reason.
    pub(super) unknown: BTreeMap<&'static str, usize>,
    /// By result: made, there (another replica's, or an earlier one), refused, failed.
    pub(super) published: BTreeMap<&'static str, u64>,
    pub(super) suppressed: u64,
    /// By namespace: what is apart there beyond the limit of what is listed one by one.
    pub(super) beyond_the_limit: BTreeMap<String, usize>,
    /// By kind.
    pub(super) objects: BTreeMap<String, usize>,
    /// By kind.
    pub(super) watch_errors: BTreeMap<String, u64>,
    /// Seconds since 1970; 0 before the first.
    pub(super) last_evaluation: u64,
}

/// What changes without anything happening.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Pulse {
    /// When the loop last went round, in seconds since 1970.
    pub(super) heartbeat: u64,
    /// Whether everything is listed and watched.
    pub(super) is_ready: bool,
}

impl Pulse {
    /// The end of the page.
    pub(super) fn text(self) -> String {
        let Self {
            heartbeat,
            is_ready,
        } = self;
        format!(
            "# HELP coupler_heartbeat_timestamp_seconds When the watcher last looked for something to do.\n\
             # TYPE coupler_heartbeat_timestamp_seconds gauge\n\
             coupler_heartbeat_timestamp_seconds {heartbeat}\n\
             # HELP coupler_ready 1 while every kind is listed and watched.\n\
             # TYPE coupler_ready gauge\n\
             coupler_ready {}\n",
            u8::from(is_ready)
        )
    }
}

impl Metrics {
    /// Those of a watcher that has done nothing: what is counted is there from the start, so that
    /// its first increase shows.
    pub(super) fn at_zero(named: &[&'static LiveKind]) -> Self {
        let kinds = WatchedKind::all(named).into_iter();
        let results = ["made", "there", "refused", "failed"];
        Self {
            published: results.map(|result| (result, 0)).into(),
            watch_errors: kinds.map(|kind| (kind.label(), 0)).collect(),
            ..Self::default()
        }
    }

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
        let by = |label: &str, key: &str, value: u64| (format!("{{{label}=\"{key}\"}}"), value);
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
                    socket,
                    interface,
                } = one;
                let labels = [
                    ("namespace", namespace.as_str()),
                    ("plug", plug),
                    ("workload", workload),
                    ("cause", cause),
                    ("socket", socket),
                    ("interface", interface),
                ];
                let labels: Vec<_> = labels
                    .iter()
                    .map(|(key, value)| format!("{key}=\"{}\"", escaped(value)))
                    .collect();
                (format!("{{{}}}", labels.join(",")), 1)
            })
            .collect();
        let help = "1 for each coupling of a workload that differs from its record, by cause.";
        family("decoupled", "gauge", help, &mut decoupled.into_iter());
        let beyond = self.beyond_the_limit.iter();
        let beyond = &mut beyond
            .map(|(name, n)| (format!("{{namespace=\"{}\"}}", escaped(name)), *n as u64));
        let help = "Differences beyond the number that is listed for one namespace.";
        family("decoupled_beyond_limit", "gauge", help, beyond);
        let plugs = &mut self
            .plugs
            .iter()
            .map(|(state, n)| by("state", state, *n as u64));
        family("plugs", "gauge", "Couplings of workloads by state.", plugs);
        let unknown = &mut self
            .unknown
            .iter()
            .map(|(reason, n)| by("reason", reason, *n as u64));
        let help = "Couplings that cannot be checked, by reason.";
        family("plugs_unknown", "gauge", help, unknown);
        let published = &mut self
            .published
            .iter()
            .map(|(result, n)| by("result", result, *n));
        family(
            "events_published_total",
            "counter",
            "Events to be created, by result.",
            published,
        );
        let one = |value| std::iter::once((String::new(), value));
        let help = "Events that were not created, because their cause ended before the rate limit allowed them.";
        family(
            "events_suppressed_total",
            "counter",
            help,
            &mut one(self.suppressed),
        );
        let objects = &mut self
            .objects
            .iter()
            .map(|(kind, n)| by("kind", kind, *n as u64));
        family(
            "store_objects",
            "gauge",
            "Objects in the watcher's store, by kind.",
            objects,
        );
        let errors = &mut self
            .watch_errors
            .iter()
            .map(|(kind, n)| by("kind", kind, *n));
        family(
            "watch_errors_total",
            "counter",
            "Failures to list or watch, by kind.",
            errors,
        );
        let help = "When the couplings were last checked, in seconds since 1970.";
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
    use crate::diagnostic::Code;
    use crate::watch::event::tests::drift;

    #[test]
    fn a_counter_is_there_before_it_counts() {
        let text = Metrics::at_zero(&[]).text();
        for line in [
            "coupler_events_published_total{result=\"failed\"} 0",
            "coupler_events_suppressed_total 0",
            "coupler_watch_errors_total{kind=\"Plug\"} 0",
        ] {
            assert!(text.lines().any(|one| one == line), "{line}\n{text}");
        }
    }

    /// The words of a text that begin so.
    fn words<'t>(text: &'t str, begin: &str) -> BTreeSet<&'t str> {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let starts = text.match_indices(begin).map(|(at, _)| &text[at..]);
        starts
            .map(|rest| rest.split(|c: char| !is_word(c)).next().unwrap_or_default())
            .collect()
    }

    #[test]
    fn the_rules_name_metrics_and_labels_that_there_are() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/krm-fn/cluster/monitoring/rule.yaml"
        );
        let file: serde_json::Value =
            serde_yaml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let rules = file["spec"]["groups"][0]["rules"].as_array().unwrap();
        assert!(rules.len() >= 6);
        let page = Metrics::at_zero(&[]).text() + &Pulse::default().text();
        for rule in rules {
            let expr = rule["expr"].as_str().unwrap();
            let metrics = words(expr, "coupler_");
            assert!(!metrics.is_empty(), "{expr}");
            for metric in metrics {
                assert!(page.contains(&format!("# TYPE {metric} ")), "{metric}");
            }
            assert_eq!(
                expr.matches('(').count(),
                expr.matches(')').count(),
                "{expr}"
            );
            // a text may use no label that the expression drops
            let kept = expr
                .split(" by (")
                .nth(1)
                .and_then(|rest| rest.split(')').next());
            let kept: Vec<&str> = kept.unwrap_or_default().split(", ").collect();
            for text in rule["annotations"].as_object().unwrap().values() {
                let text = text.as_str().unwrap().replace("$labels.", "LABEL_");
                for label in words(&text, "LABEL_") {
                    let label = label.trim_start_matches("LABEL_");
                    assert!(kept.contains(&label), "{label} in {text}: {expr}");
                }
            }
        }
    }

    #[test]
    fn forged_records_have_a_bounded_number_of_labels() {
        let forged: Vec<Drift> = (0..10 * NAMESPACE_LABELS)
            .map(|index| Drift {
                socket: format!("evil/{index}").into(),
                interface: "x".repeat(index).into(),
                ..drift("mongo", Code::BakedEntryEdited, "")
            })
            .collect();
        let mut honest = drift("mongo", Code::BakedEntryEdited, "");
        honest.workload.namespace = "zoo".into();
        let all = forged.iter().chain([&honest]);
        let lines = decoupled(all.map(|drift| (drift, "baked-entry-edited")));
        let evil: Vec<_> = lines.iter().filter(|one| one.namespace != "zoo").collect();
        assert!(evil.len() <= NAMESPACE_LABELS + 1, "{}", evil.len());
        assert!(evil.iter().all(|one| one.interface.len() <= LABEL_BYTES));
        let zoo = lines.iter().find(|one| one.namespace == "zoo").unwrap();
        assert_eq!(
            (&*zoo.socket, &*zoo.interface),
            ("data/mongo", "mongodb@1.0.0")
        );
    }

    #[test]
    fn every_line_is_one_that_prometheus_reads() {
        let metrics = Metrics {
            decoupled: BTreeSet::from([Decoupled {
                namespace: "shop".into(),
                plug: "a\"b\\c\nd".into(),
                workload: "Deployment/web".into(),
                cause: "socket-gone",
                socket: "data/mongo".into(),
                interface: "mongodb@1.0.0".into(),
            }]),
            plugs: [("coupled", 3)].into(),
            unknown: [("catalogue", 2)].into(),
            watch_errors: [("Plug".to_owned(), 1)].into(),
            ..Metrics::default()
        };
        let text = metrics.text() + &Pulse::default().text();
        let gauge = r#"coupler_decoupled{namespace="shop",plug="a\"b\\c\nd",workload="Deployment/web",cause="socket-gone",socket="data/mongo",interface="mongodb@1.0.0"} 1"#;
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
