//! Parses how `coupler watch` names a kind: as kubectl names its resource, or with its version.

use crate::project::WorkloadKind;

/// A kind as it is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) enum NamedKind {
    /// `rollouts.argoproj.io`: a kind that is built in.
    Resource(&'static WorkloadKind),
    /// `Worker.v1.example.com`: of a kind that is not built in the version is not known.
    Versioned {
        /// `kind`
        kind: String,
        /// `apiVersion`
        api_version: String,
    },
}

/// Reads the name of a kind.
pub(super) fn named_kind(text: &str) -> Result<NamedKind, String> {
    if text.starts_with(|c: char| c.is_ascii_uppercase()) {
        return versioned(text);
    }
    let mut kinds = WorkloadKind::watched_when_named();
    if let Some(known) = kinds.find(|known| known.resource() == text) {
        return Ok(NamedKind::Resource(known));
    }
    if WorkloadKind::watched().any(|known| known.resource() == text) {
        return Err("it is always watched: leave it out".to_owned());
    }
    let resources: Vec<String> = WorkloadKind::watched_when_named()
        .map(WorkloadKind::resource)
        .collect();
    let known = resources.join(", ");
    Err(format!(
        "expected one of {known}, or a kind with its version, such as Worker.v1.example.com"
    ))
}

fn versioned(text: &str) -> Result<NamedKind, String> {
    const WRONG: &str = "expected KIND.VERSION.GROUP, such as Worker.v1.example.com";
    let is_word = |word: &str| {
        let within = |c: char| c.is_ascii_alphanumeric() || c == '-';
        !word.is_empty() && word.chars().all(within)
    };
    let (kind, rest) = text.split_once('.').ok_or(WRONG)?;
    let (version, group) = match rest.split_once('.') {
        Some((version, group)) => (version, Some(group)),
        None => (rest, None),
    };
    let is_version = version.starts_with('v') && is_word(version);
    let is_group = group.is_none_or(|group| group.split('.').all(is_word));
    if !is_word(kind) || !is_version || !is_group {
        return Err(WRONG.to_owned());
    }
    Ok(NamedKind::Versioned {
        kind: kind.to_owned(),
        api_version: match group {
            Some(group) => format!("{group}/{version}"),
            None => version.to_owned(),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_named_as_kubectl_names_its_resource() {
        let Ok(NamedKind::Resource(rollouts)) = named_kind("rollouts.argoproj.io") else {
            panic!()
        };
        assert_eq!(rollouts.kind, "Rollout");
        let always = named_kind("deployments.apps").unwrap_err();
        assert!(always.contains("always watched"), "{always}");
        for unknown in ["rollout", "podtemplates", "workers.example.com", ""] {
            let error = named_kind(unknown).unwrap_err();
            assert!(
                error.contains("rollouts.argoproj.io, services.serving.knative.dev"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_kind_that_is_not_built_in_is_named_with_its_version() {
        for (text, kind, api_version) in [
            ("Worker.v1.example.com", "Worker", "example.com/v1"),
            ("Worker.v1beta2.example", "Worker", "example/v1beta2"),
            ("Worker.v1", "Worker", "v1"),
        ] {
            let named = NamedKind::Versioned {
                kind: kind.to_owned(),
                api_version: api_version.to_owned(),
            };
            assert_eq!(named_kind(text), Ok(named), "{text}");
        }
        for wrong in [
            "Worker",
            "Worker.",
            "Worker.example.com",
            "Worker.v1.",
            "Worker.v1.a..b",
            "Worker.v1.a b",
            "Work er.v1.a",
        ] {
            let error = named_kind(wrong).unwrap_err();
            assert!(error.contains("KIND.VERSION.GROUP"), "{wrong}: {error}");
        }
    }
}
