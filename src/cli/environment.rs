//! Builds the environment of another program: only the listed variables are passed on.

use std::env;
use std::ffi::OsString;
use std::io;
use std::path::Path;

/// What every program finds.
const COMMON: &[&str] = &["PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ"];
/// What a program needs that the user lets reach the network.
const NETWORK: &[&str] = &[
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
];
/// The user's own configuration and credentials for Git, with which kustomize fetches remote bases.
const REMOTE_BASES: &[&str] = &[
    "HOME",
    "XDG_CONFIG_HOME",
    "TMPDIR",
    "SSH_AUTH_SOCK",
    "GIT_ASKPASS",
    "GIT_SSH_COMMAND",
];
/// Where Git finds the user's own configuration and the repository, in hooks too.
const GIT: &[&str] = &[
    "HOME",
    "XDG_CONFIG_HOME",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_QUARANTINE_PATH",
    "GIT_CEILING_DIRECTORIES",
    "GIT_DISCOVERY_ACROSS_FILESYSTEM",
];

/// What a program finds in its environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Environment {
    /// Git reads objects: it fetches nothing, and reads a path as it is written.
    Git,
    /// kustomize, or kubectl's: no cluster; bases are fetched by HTTPS and SSH only.
    Kustomize,
    /// Helm: no cluster, no plugin, no repository and no cache but in an empty directory of this
    /// one run.
    Helm,
}

impl Environment {
    /// The empty directory that one run gets, if it needs one; it is removed after the run.
    pub(super) fn directory(self) -> io::Result<Option<tempfile::TempDir>> {
        match self {
            Self::Git | Self::Kustomize => Ok(None),
            Self::Helm => tempfile::Builder::new()
                .prefix("coupler-")
                .tempdir()
                .map(Some),
        }
    }

    /// All variables.
    pub(super) fn variables(self, directory: Option<&Path>) -> Vec<(OsString, OsString)> {
        let own: &[&[&str]] = match self {
            Self::Git => &[COMMON, GIT],
            Self::Kustomize => &[COMMON, NETWORK, REMOTE_BASES],
            Self::Helm => &[COMMON, NETWORK],
        };
        let passed = own
            .iter()
            .copied()
            .flatten()
            .filter_map(|name| Some((name.into(), env::var_os(name)?)));
        let mut variables: Vec<(OsString, OsString)> = passed.collect();
        match self {
            Self::Git => {
                variables.extend([
                    ("GIT_NO_LAZY_FETCH".into(), "1".into()),
                    // no protocol: older versions of Git do not know the variable above
                    ("GIT_ALLOW_PROTOCOL".into(), "".into()),
                    ("GIT_LITERAL_PATHSPECS".into(), "1".into()),
                    ("GIT_TERMINAL_PROMPT".into(), "0".into()),
                    ("GIT_OPTIONAL_LOCKS".into(), "0".into()),
                ]);
                // the configuration that a script or CI gives to every call of Git
                variables.extend(
                    env::vars_os()
                        .filter(|(name, _)| is_git_configuration(name.as_encoded_bytes())),
                );
            }
            Self::Kustomize => variables.extend([
                ("GIT_ALLOW_PROTOCOL".into(), "https:ssh".into()),
                ("GIT_TERMINAL_PROMPT".into(), "0".into()),
                ("KUBECONFIG".into(), "/dev/null".into()),
            ]),
            Self::Helm => {}
        }
        if let Some(directory) = directory {
            let private = [
                ("HOME", "home"),
                ("TMPDIR", ""),
                ("XDG_CACHE_HOME", "cache"),
                ("XDG_CONFIG_HOME", "config"),
                ("XDG_DATA_HOME", "data"),
                ("HELM_CACHE_HOME", "helm/cache"),
                ("HELM_CONFIG_HOME", "helm/config"),
                ("HELM_DATA_HOME", "helm/data"),
                ("HELM_PLUGINS", "helm/plugins"),
                ("KUBECONFIG", "kubeconfig"),
            ];
            variables.extend(
                private.map(|(name, below)| (name.into(), directory.join(below).into_os_string())),
            );
        }
        variables
    }
}

/// `GIT_CONFIG_COUNT`, `GIT_CONFIG_KEY_0`, `GIT_CONFIG_VALUE_0`.
fn is_git_configuration(name: &[u8]) -> bool {
    name == b"GIT_CONFIG_COUNT"
        || name.starts_with(b"GIT_CONFIG_KEY_")
        || name.starts_with(b"GIT_CONFIG_VALUE_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn helm_finds_no_cluster_and_nothing_of_the_users() {
        let directory = Environment::Helm.directory().unwrap().unwrap();
        let variables = Environment::Helm.variables(Some(directory.path()));
        for (name, value) in &variables {
            let name = name.to_str().unwrap();
            let is_passed = COMMON.contains(&name) || NETWORK.contains(&name);
            assert!(
                is_passed || Path::new(value).starts_with(directory.path()),
                "{name}"
            );
        }
        assert!(variables.iter().any(|(name, _)| name == "HELM_PLUGINS"));
    }

    #[test]
    fn no_program_is_named_for_git_to_run() {
        let variables = Environment::Git.variables(None);
        for name in [
            "GIT_SSH_COMMAND",
            "GIT_EXTERNAL_DIFF",
            "GIT_PAGER",
            "GIT_ASKPASS",
            "GIT_EXEC_PATH",
        ] {
            assert!(
                !variables.iter().any(|(passed, _)| passed == name),
                "{name}"
            );
        }
    }
}
