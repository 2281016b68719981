//! Writes the Role that a watcher needs: the rights for the kinds that it reads, and no others.

use std::collections::BTreeMap;

use super::object::{WatchedKind, What};
use crate::drift::LiveKind;

/// What the rights are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To watch, and to make Events.
    Watch,
    /// To list once.
    Once,
}

/// The ClusterRole, or the Role of a namespace, of a watcher to which these kinds are named.
pub fn role(purpose: Purpose, namespace: Option<&str>, kinds: &[&'static LiveKind]) -> String {
    let mut integrations = Resources::default();
    let mut services = Resources::default();
    let mut workloads = Resources::default();
    for kind in WatchedKind::all(kinds) {
        match kind.what {
            What::Integration => integrations.add(kind),
            What::Service => services.add(kind),
            What::Workload(_) => workloads.add(kind),
        }
    }
    let kind = match namespace {
        Some(_) => "Role",
        None => "ClusterRole",
    };
    let does = match purpose {
        Purpose::Watch => "look, and write Events",
        Purpose::Once => "look",
    };
    let mut text = format!(
        "# What the watcher may do: {does}. `coupler watch --print-role` writes this.\n\
         apiVersion: rbac.authorization.k8s.io/v1\n\
         kind: {kind}\n\
         metadata:\n  \
         name: coupler-watch\n"
    );
    if let Some(namespace) = namespace {
        // it may be a number
        text += &format!("  namespace: \"{namespace}\"\n");
    }
    let [look, look_up] = match purpose {
        Purpose::Watch => ["list, watch", "get, list, watch"],
        Purpose::Once => ["list", "get, list"],
    };
    text += "rules:\n";
    text += &integrations.rules(look);
    text += &services.rules(look);
    text += "  # get is for one look at a workload that has lost its label\n";
    text += &workloads.rules(look_up);
    if purpose == Purpose::Watch {
        text += &rule("events.k8s.io", "events", "create, patch");
    }
    text
}

/// The plurals of kinds, by group.
#[derive(Default)]
struct Resources {
    by_group: BTreeMap<&'static str, Vec<String>>,
}

impl Resources {
    fn add(&mut self, kind: WatchedKind) {
        let plurals = self.by_group.entry(kind.group_kind().group).or_default();
        plurals.push(kind.plural());
    }

    /// A rule for each group.
    fn rules(mut self, verbs: &str) -> String {
        let mut text = String::new();
        for (group, plurals) in &mut self.by_group {
            plurals.sort_unstable();
            plurals.dedup();
            text += &rule(group, &plurals.join(", "), verbs);
        }
        text
    }
}

fn rule(group: &str, resources: &str, verbs: &str) -> String {
    let group = match group {
        "" => "\"\"",
        group => group,
    };
    format!("  - apiGroups: [{group}]\n    resources: [{resources}]\n    verbs: [{verbs}]\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::BUILT_IN;

    fn kind(api_version: &'static str, name: &'static str) -> &'static LiveKind {
        Box::leak(Box::new(
            LiveKind::known(api_version, name, &BUILT_IN).unwrap(),
        ))
    }

    #[test]
    fn a_kind_that_is_named_may_be_read_and_no_other() {
        let rollout = kind("argoproj.io/v1alpha1", "Rollout");
        let named = role(Purpose::Watch, None, &[rollout]);
        let rule = "  - apiGroups: [argoproj.io]\n    resources: [rollouts]\n    verbs: [get, list, watch]\n";
        assert!(named.contains(rule), "{named}");
        assert_eq!(named.replace(rule, ""), role(Purpose::Watch, None, &[]));
        // of one group, one rule
        let kruise: Vec<_> = ["CloneSet", "DaemonSet"]
            .map(|name| kind("apps.kruise.io/v1alpha1", name))
            .into();
        let text = role(Purpose::Watch, None, &kruise);
        let rule = "  - apiGroups: [apps.kruise.io]\n    resources: [clonesets, daemonsets]\n";
        assert!(text.contains(rule), "{text}");
    }

    #[test]
    fn who_looks_once_needs_less() {
        let text = role(Purpose::Once, Some("shop"), &[]);
        assert!(text.contains("\nkind: Role\n"), "{text}");
        assert!(text.contains("\n  namespace: \"shop\"\n"), "{text}");
        let verbs = text.lines().filter(|line| line.contains("verbs: "));
        for verbs in verbs {
            let is_less = ["list]", "get, list]"]
                .iter()
                .any(|few| verbs.trim_start() == format!("verbs: [{few}"));
            assert!(is_less, "{verbs}");
        }
        assert!(!text.contains("events"), "{text}");
    }
}
