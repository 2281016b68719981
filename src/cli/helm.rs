//! Calls `helm template` for a chart: each value that comes from outside is checked for the meaning
//! that Helm gives it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::chart_files::{self, Schemas};
use super::environment::Environment;
use super::fault::{Error, TypedContext, cannot};
use super::path_within::Root;
use super::read::{Named, PathTarget};
use super::subprocess::Subprocess;
use super::walk::{CHART, quoted};
use crate::limits;
use crate::manifest::Tree;

/// The name of a release: a DNS-1123 subdomain of at most 53 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ReleaseName(String);

impl ReleaseName {
    /// A name from outside.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let is_inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let is_label = |label: &str| {
            !label.is_empty()
                && label.bytes().all(is_inner)
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        if text.len() <= 53 && text.split('.').all(is_label) {
            return Ok(Self(text.to_owned()));
        }
        Err(
            "a release's name has 1 to 53 lower case letters, digits, `-` and `.`, and begins and ends with a letter or digit",
        )
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// How a chart is rendered.
#[derive(Debug, Default)]
pub(super) struct HelmOptions {
    /// Without one, the chart's own name.
    pub(super) release: Option<ReleaseName>,
    /// Values files, in order.
    pub(super) values: Vec<ValuesFile>,
    /// Single values.
    pub(super) set: BTreeMap<String, String>,
    pub(super) crds: Crds,
    pub(super) kube_version: Option<String>,
    pub(super) api_versions: Option<String>,
}

/// Whether a chart's CRDs are part of what is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Crds {
    /// As Helm itself does.
    #[default]
    Skipped,
    Included,
}

/// A file of values, as Helm finds it: an absolute path is no address, no standard input and no
/// option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ValuesFile(PathBuf);

impl ValuesFile {
    /// One that the user names.
    pub(super) fn by_user(path: &Path) -> Result<Self, Error> {
        if path.to_str().is_some_and(|text| text.contains("://")) {
            let fault = Error::msg(format!(
                "`{}` is an address, not a file of values",
                path.display()
            ));
            return Err(fault.help(
                "download it first, or let Helm do it:\n  coupler build DIR -- --values ADDRESS",
            ));
        }
        let whole = std::path::absolute(path).with_context(|| cannot("read", path))?;
        Self::judged(whole, path)
    }

    /// One that an Application names: within the repository, through every link.
    pub(super) fn within(root: &Root, directory: &Path, path: &str) -> Result<Self, Error> {
        let named = Named::Found {
            root: root.clone(),
            directory: directory.to_path_buf(),
            path: path.into(),
        };
        match named.open() {
            PathTarget::Directory => Err(Error::msg(format!(
                "cannot read `{path}`: it is a directory"
            ))),
            PathTarget::File(opened) => opened.and_then(|_| {
                let within = root.resolve(directory, Path::new(path));
                let within = within.map_err(|refused| refused.fault(Path::new(path), root))?;
                Self::judged(within.path().to_path_buf(), Path::new(path))
            }),
        }
    }

    fn judged(whole: PathBuf, shown: &Path) -> Result<Self, Error> {
        if whole
            .to_str()
            .is_none_or(|text| text.contains(char::is_control))
        {
            let shown = shown.display();
            return Err(Error::msg(format!(
                "the path `{shown}` cannot be given to Helm: it is not plain UTF-8"
            )));
        }
        Ok(Self(whole))
    }

    /// As an element of the comma-separated list that Helm takes.
    fn element(&self) -> String {
        let text = self.0.to_string_lossy();
        if text.contains([',', '"']) {
            format!("\"{}\"", text.replace('"', "\"\""))
        } else {
            text.into_owned()
        }
    }
}

/// The call that renders a chart, whose links and schemas may not lead out of the root.
pub(super) fn template(
    root: &Root,
    directory: &Path,
    namespace: Option<&str>,
    options: &HelmOptions,
) -> Result<Subprocess, Error> {
    let schemas = chart_files::judge(root, directory)?;
    let release = match &options.release {
        Some(release) => release.clone(),
        None => chart_name(root, directory)?,
    };
    let shown = format!("helm template {} {}", release.as_str(), quoted(directory));
    let mut command = Subprocess::new("helm", &["template"], Environment::Helm).shown(shown);
    command = command
        .path(directory)
        .option("--name-template", release.as_str());
    if let Some(namespace) = namespace {
        command = command.option("--namespace", namespace);
    }
    for values in &options.values {
        command = command.option("--values", values.element());
    }
    if schemas == Schemas::Skipped {
        command = command.option("--skip-schema-validation", "true");
    }
    if options.crds == Crds::Included {
        command = command.option("--include-crds", "true");
    }
    for (key, value) in &options.set {
        command = command.option("--set", format!("{key}={}", value.replace(',', "\\,")));
    }
    if let Some(version) = &options.kube_version {
        command = command.option("--kube-version", version);
    }
    if let Some(versions) = &options.api_versions {
        command = command.option("--api-versions", versions);
    }
    Ok(command)
}

/// The name that the chart gives itself. Where it cannot be read, Helm's own error follows.
fn chart_name(root: &Root, directory: &Path) -> Result<ReleaseName, Error> {
    let named = Named::Found {
        root: root.clone(),
        directory: directory.to_path_buf(),
        path: CHART.into(),
    };
    let text = match named.open() {
        PathTarget::Directory => None,
        PathTarget::File(opened) => {
            Some(opened?.text(&format!("`{CHART}`"), limits::SETTINGS_BYTES)?)
        }
    };
    // the name that Helm itself takes where it is given none
    let name = text
        .and_then(|text| name_in(&text))
        .unwrap_or_else(|| "release-name".to_owned());
    ReleaseName::parse(&name).map_err(|reason| {
        let fault = Error::msg(format!(
            "the chart's name `{name}` cannot be a release's name: {reason}"
        ));
        fault.help("give the release a name:\n  --release NAME")
    })
}

fn name_in(text: &str) -> Option<String> {
    let tree = Tree::read(text).ok()?;
    tree.read_text(tree.root()?, &["name"])
        .shown()
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_has_a_name_that_is_no_option_and_no_template() {
        for good in ["a", "shop", "shop-1", "a.b", "0", &"a".repeat(53)] {
            assert!(ReleaseName::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "-a",
            "--set-file=x=/etc/passwd",
            "a-",
            "A",
            "a_b",
            ".",
            "a.",
            "a..b",
            "{{.}}",
            "a b",
            "a\n",
            "é",
            &"a".repeat(54),
        ] {
            assert!(ReleaseName::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_path_is_one_element_of_a_list() {
        let element = |path: &str| ValuesFile::by_user(Path::new(path)).unwrap().element();
        assert_eq!(element("/a.yaml"), "/a.yaml");
        assert_eq!(element("/a,/etc/b.yaml"), "\"/a,/etc/b.yaml\"");
        assert_eq!(element("/a\"b"), "\"/a\"\"b\"");
        assert!(element("-").starts_with('/') && element("--x").starts_with('/'));
        assert!(ValuesFile::by_user(Path::new("https://example.com/v.yaml")).is_err());
        assert!(ValuesFile::by_user(Path::new("a\nb")).is_err());
    }
}
