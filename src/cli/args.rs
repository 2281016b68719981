//! Defines the arguments of the command line.

#[cfg(feature = "watch")]
mod watch;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::helm::ReleaseName;
use crate::api;
#[cfg(feature = "watch")]
pub(super) use watch::{LogFormatArg, WatchArgs};

/// The version, with the commit where `.ci/build` knew it: no build needs Git.
pub(super) const VERSION: &str = match option_env!("COUPLER_VERSION") {
    Some(version) => version,
    None => env!("CARGO_PKG_VERSION"),
};

/// Links Kubernetes manifests: resolves Plugs to Sockets and bakes the coupled config into
/// workloads.
#[derive(Debug, Parser)]
#[command(
    name = "coupler",
    version = VERSION,
    arg_required_else_help = true,
    max_term_width = 100
)]
#[command(after_help = "\
Examples:
  coupler render app/ | kubectl apply -f -       what is to be applied, on standard output
  kustomize build . | coupler render -           after kustomize, Helm or anything else
  coupler build overlays/prod                    a kustomization or a chart, built and rendered
  coupler render app/ --in-place                 back into the files, for a Git repository
  coupler check app/                             only say what is wrong
  coupler explain socket-not-found               what a code means

Exit status: 0, 1 when the manifests have errors, 2 when coupler could not do its work.")]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
    /// When to colour what is said on standard error
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        value_name = "WHEN",
        display_order = 900
    )]
    pub(super) color: Color,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Couple, and print the manifests (or write them: --in-place, --output)
    ///
    /// Nothing is printed or written unless everything is right. Without --in-place our own kinds
    /// (Plug, Socket, Interface) are left out, so that the result can be applied.
    #[command(after_help = "\
Examples:
  coupler render app/ catalog.yaml
  coupler render deploy.yaml --catalog ../platform/sockets
  helm template shop chart/ | coupler render - -n shop
  coupler render app/ --output rendered/")]
    Render(Render),
    /// Build a kustomization or a chart, and couple what comes out
    ///
    /// A kustomization is built by `kustomize build DIR`, or by `kubectl kustomize DIR` where
    /// kustomize is not installed; a chart by `helm template NAME DIR`. What they say on standard
    /// error is shown as it is, and when they fail, their exit status is coupler's. Any other
    /// directory is read as it is, as `coupler render DIR` does.
    #[command(after_help = "\
Examples:
  coupler build overlays/prod | kubectl apply -f -
  coupler build chart/ --release shop -n shop -f values-prod.yaml
  coupler build overlays/prod -- --enable-helm         what follows -- goes to kustomize or Helm")]
    Build(Build),
    /// Couple, and only say what is wrong
    ///
    /// Also judges Interfaces and Sockets that stand alone, with the Interfaces' examples: a
    /// provider's own CI.
    #[command(after_help = "\
Examples:
  coupler check app/ --strict
  coupler check app/ --rendered        fails if `coupler render app/ --in-place` would change a file
  coupler check app/ --format json")]
    Check(Check),
    /// What Argo CD's config management plugin runs, in an application's directory
    Argocd {
        #[command(subcommand)]
        command: Argocd,
    },
    /// Say what a change couples, decouples and restarts
    ///
    /// BASE and HEAD are files or directories, - for standard input, or else Git revisions (what
    /// could be both is refused: write ./PATH or refs/heads/NAME), which are read without a
    /// checkout at PATH, or at the path that the other side names, or in the current directory. One
    /// line for each Plug and Socket that was created, updated, coupled, decoupled or deleted, with
    /// the cause, and one for each workload whose variables changed. Names only, never a value.
    #[command(after_help = "\
Examples:
  coupler diff origin/main HEAD -- app/
  coupler diff origin/main app/                  with what is not committed yet
  coupler diff base.yaml head.yaml --format markdown

Exit status: 0 no difference, 1 some, 2 trouble.")]
    Diff(Diff),
    /// List Plugs, Sockets and Interfaces: who is coupled to whom, and why not
    ///
    /// Reads as `coupler check` does, and writes nothing. What can be read is listed even if there
    /// are errors, which are printed on standard error. Names only, never a value.
    #[command(after_help = "\
Examples:
  coupler list app/ --catalog ../platform/sockets
  helm template shop chart/ | coupler list - -n shop
  coupler list app/ -o wide
  coupler list app/ -o json

Exit status: 0, 1 when the manifests have errors, 2 when coupler could not do its work.")]
    List(ListArgs),
    /// Write a first Plug, Socket or Interface
    ///
    /// With a PATH, a Plug for the workload that is there: of several containers one is named, and
    /// variables of the workload's own that the Plug's would collide with are replaced. Without a
    /// PATH, a Socket (with --socket) or an Interface. To standard output, or below what is in a
    /// file: nothing is overwritten.
    #[command(after_help = "\
Examples:
  coupler init app/ --interface postgresql
  coupler init app/ --interface redis --workload StatefulSet/queue --output app/plug.yaml
  coupler init web.yaml --interface mongodb --socket data/mongo --in-place
  coupler init --interface postgresql --socket data/main            a Socket
  coupler init --interface search-engine --output interface.yaml    an Interface")]
    Init(Init),
    /// Compare what a directory of cases renders to with what is expected
    ///
    /// A case is a directory with input.yaml (or input.json, or files in input/), perhaps
    /// coupler.yaml, catalog.yaml or catalog/, and what is to come out: expected.yaml (for input/
    /// files of the same names in expected/), and what is said in expected-diagnostics.txt. What is
    /// not there is expected to be nothing. Values of Secrets are compared, never shown. Nothing
    /// outside of a case is read or written, but what its coupler.yaml names in the repository: a
    /// link is an error.
    #[command(after_help = "\
Examples:
  coupler test tests/
  coupler test tests/ --update          take what comes out as expected; then read the difference in Git
  coupler test --junit report.xml

Exit status: 0 all as expected, 1 something is not, or no case was found, 2 trouble.")]
    Test(Test),
    /// Watch a cluster, and fire an Event when something in it comes apart from what was coupled
    ///
    /// It judges what stands by the record that a render left on each workload and, where Plugs and
    /// Sockets are in the cluster, by coupling them anew. It reads no Secret and no ConfigMap, and
    /// writes nothing but Events.
    #[cfg(feature = "watch")]
    Watch(WatchArgs),
    /// Explain a code, a field or a built-in Interface
    #[command(after_help = "\
Examples:
  coupler explain env-collision           a code
  coupler explain plug.spec.bind.env      a field
  coupler explain socket.spec --recursive
  coupler explain postgresql              an Interface: its keys, a Socket and a Plug
  coupler explain --list")]
    Explain(Explain),
    /// Print the CustomResourceDefinitions of Interface, Socket and Plug
    ///
    /// No CRD is needed to render. They are for those who keep Plugs in a cluster.
    Crds,
    /// Print what completes coupler's words in a shell
    #[command(after_help = "\
Examples:
  coupler completions bash > /etc/bash_completion.d/coupler
  coupler completions fish > ~/.config/fish/completions/coupler.fish")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print a manual page
    #[command(after_help = "\
Examples:
  coupler man > coupler.1
  coupler man render | man -l -")]
    Man {
        /// The command that it is about; without it, coupler itself
        command: Option<String>,
    },
    /// Print the JSON Schema of our kinds, for editors
    Schema {
        /// Interface, Socket, Plug or Coupler; without it one schema that knows them all and lets
        /// others pass
        kind: Option<String>,
    },
}

#[derive(Debug, Args)]
pub(super) struct Explain {
    /// A code, as in `error[CODE]`; a field, as in `plug.spec`; or an Interface
    #[arg(required_unless_present = "list")]
    pub(super) word: Option<String>,
    /// Of a field, all fields below it
    #[arg(long, conflicts_with = "list")]
    pub(super) recursive: bool,
    /// All codes, a line each
    #[arg(long, conflicts_with = "word")]
    pub(super) list: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum Argocd {
    /// Print the application's manifests: `coupler build .`
    ///
    /// ARGOCD_APP_NAMESPACE is the namespace of objects that name none, ARGOCD_APP_NAME the
    /// release's name of a chart, ARGOCD_APP_PARAMETERS what the Application sets, in JSON. A chart
    /// is told KUBE_VERSION and KUBE_API_VERSIONS, and gives its CRDs too, as with Argo CD's own
    /// Helm. To print nothing is an error: Argo CD would prune everything.
    Generate(Flags),
    /// Print the parameters that an Application may set, in JSON
    Parameters,
    /// Print coupler.yaml if the directory holds one: what makes it ours
    Discover,
}

#[derive(Debug, Args)]
pub(super) struct Render {
    #[command(flatten)]
    pub(super) run: RunArgs,
    /// Write what changed back into the files; our own kinds stay
    #[arg(long, conflicts_with = "output")]
    pub(super) in_place: bool,
    /// Write all manifests into a directory, in the files they came from
    #[arg(long, value_name = "DIR")]
    pub(super) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Check {
    #[command(flatten)]
    pub(super) run: RunArgs,
    /// Fail if rendering would change anything
    #[arg(long)]
    pub(super) rendered: bool,
}

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    #[command(flatten)]
    pub(super) run: RunArgs,
    /// A table, one with more columns, or the same for programs
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(super) output: ListFormat,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum ListFormat {
    #[default]
    Table,
    Wide,
    Json,
    Yaml,
}

#[derive(Debug, Args)]
pub(super) struct Diff {
    /// What was
    pub(super) base: String,
    /// What is to be
    pub(super) head: String,
    /// What to read in both
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// The namespace of objects that name none
    #[arg(short, long, value_name = "NAME", value_parser = namespace)]
    pub(super) namespace: Option<String>,
    /// Also read Interfaces and Sockets, and what they refer to, from here; may be repeated
    #[arg(long, value_name = "PATH")]
    pub(super) catalog: Vec<PathBuf>,
    /// What becomes of coupled workloads when no Plug, Socket or Interface is there [default:
    /// refuse]
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(super) orphans: Option<OrphansArg>,
    /// Read a kustomization's or a chart's files as plain manifests
    #[arg(long)]
    pub(super) plain: bool,
    /// What a coupler.yaml or a chart may not lead out of, by a path or a link [default: the Git
    /// repository, else the current directory]
    #[arg(long, value_name = "DIR")]
    pub(super) repository: Option<PathBuf>,
    /// Settings of both [default: each side's own coupler.yaml]
    #[arg(long, value_name = "FILE")]
    pub(super) settings: Option<PathBuf>,
    /// Lines, tables for a pull request, or one JSON object a line
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(super) format: DiffFormat,
}

#[derive(Debug, Args)]
pub(super) struct Test {
    /// Cases, or directories that hold them
    #[arg(value_name = "DIR", default_value = ".")]
    pub(super) directories: Vec<PathBuf>,
    /// Judge as `coupler check` does, Interfaces and Sockets that stand alone too; only the
    /// diagnostics count
    #[arg(long)]
    pub(super) check: bool,
    /// Write what comes out as what is expected
    #[arg(long)]
    pub(super) update: bool,
    /// Also write a report as JUnit does, for CI
    #[arg(long, value_name = "FILE")]
    pub(super) junit: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum DiffFormat {
    #[default]
    Text,
    Markdown,
    Json,
}

#[derive(Debug, Args)]
pub(super) struct Init {
    /// Where the workload is: a file, a directory, or - for standard input
    pub(super) path: Option<PathBuf>,
    /// The Interface that the Plug asks for or the Socket offers, or the new one
    #[arg(long, value_name = "NAME")]
    pub(super) interface: String,
    /// The workload, where there are several
    #[arg(long, value_name = "[KIND/]NAME", requires = "path")]
    pub(super) workload: Option<String>,
    /// Who gets the variables, of several containers [default: the one that kubectl takes]
    #[arg(long, value_name = "NAME", requires = "path")]
    pub(super) container: Option<String>,
    /// The Plug's name [default: the Interface's]
    #[arg(long, value_name = "NAME", requires = "path")]
    pub(super) name: Option<String>,
    /// With a PATH, the Socket that the Plug names [default: the only fitting one of the
    /// namespace]; without, the Socket to write
    #[arg(long, value_name = "[NAMESPACE/]NAME")]
    pub(super) socket: Option<String>,
    /// Also read Interfaces from here; may be repeated
    #[arg(long, value_name = "PATH")]
    pub(super) catalog: Vec<PathBuf>,
    /// Add it to the workload's file
    #[arg(long, conflicts_with = "output", requires = "path")]
    pub(super) in_place: bool,
    /// Add it to this file, new or not
    #[arg(long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Where editors find the schema that `coupler schema` prints
    #[arg(long, value_name = "URL", default_value = "coupler.schema.json")]
    pub(super) schema: String,
    /// Read a kustomization's or a chart's files as plain manifests
    #[arg(long)]
    pub(super) plain: bool,
}

/// What render and check share.
#[derive(Debug, Args)]
pub(super) struct RunArgs {
    /// Files, directories (.yaml, .yml and .json, hidden ones left out), or - for standard input
    #[arg(required = true, value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// Read a kustomization's or a chart's files as plain manifests
    #[arg(long)]
    pub(super) plain: bool,
    #[command(flatten)]
    pub(super) flags: Flags,
}

/// A directory, and how its own tool is to build it.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct Build {
    /// A kustomization, a chart, or a directory of manifests
    #[arg(value_name = "DIR")]
    pub(super) directory: PathBuf,
    /// The release's name, for a chart [default: the chart's name]
    #[arg(long, value_name = "NAME", value_parser = ReleaseName::parse)]
    pub(super) release: Option<ReleaseName>,
    /// Values, for a chart; may be repeated
    #[arg(short = 'f', long, value_name = "FILE")]
    pub(super) values: Vec<PathBuf>,
    /// More words for kustomize or Helm
    #[arg(last = true, value_name = "WORD")]
    pub(super) arguments: Vec<OsString>,
    #[command(flatten)]
    pub(super) flags: Flags,
}

/// What is said of every run, whatever it reads. A setting that is not given here is taken from
/// `coupler.yaml`.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct Flags {
    /// The namespace of objects that name none
    #[arg(short, long, value_name = "NAME", value_parser = namespace)]
    pub(super) namespace: Option<String>,
    /// Also read Interfaces and Sockets, and what they refer to, from here; may be repeated
    #[arg(long, value_name = "PATH")]
    pub(super) catalog: Vec<PathBuf>,
    /// What becomes of our own kinds in the output [default: drop; with --in-place: keep]
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(super) integrations: Option<IntegrationsArg>,
    /// What becomes of coupled workloads when no Plug, Socket or Interface is there [default:
    /// refuse]
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(super) orphans: Option<OrphansArg>,
    /// Where all Plugs are that couple to a Socket with a limit: in the manifests and the catalog,
    /// or in the manifests alone [default: catalog]
    #[arg(long, value_enum, value_name = "WHERE")]
    pub(super) plugs: Option<PlugsArg>,
    /// Overwrite baked entries that somebody edited by hand
    #[arg(long)]
    pub(super) discard_edits: bool,
    /// Warnings are errors
    #[arg(long)]
    pub(super) strict: bool,
    /// What a coupler.yaml or a chart may not lead out of, by a path or a link [default: the Git
    /// repository, else the current directory]
    #[arg(long, value_name = "DIR")]
    pub(super) repository: Option<PathBuf>,
    /// Settings [default: coupler.yaml beside the first PATH, else in the current directory]
    #[arg(long, value_name = "FILE")]
    pub(super) settings: Option<PathBuf>,
    /// How to say what is wrong, on standard error
    #[arg(
        long,
        value_enum,
        default_value_t,
        value_name = "FORMAT",
        display_order = 899
    )]
    pub(super) format: Format,
}

/// A DNS label, as Kubernetes wants it: an empty one is a variable that a script forgot to set.
pub(super) fn namespace(text: &str) -> Result<String, &'static str> {
    let within = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let whole = !text.is_empty() && text.len() <= 63 && text.bytes().all(within);
    if whole && !text.starts_with('-') && !text.ends_with('-') {
        return Ok(text.to_owned());
    }
    Err("a namespace has 1 to 63 lower case letters, digits and `-`")
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    #[default]
    Text,
    /// One JSON object a line
    Json,
    /// One SARIF 2.1.0 log, for code scanning
    Sarif,
    /// Annotations of GitHub Actions
    Github,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum IntegrationsArg {
    Drop,
    Keep,
    LocalConfig,
}

impl From<IntegrationsArg> for api::Integrations {
    fn from(word: IntegrationsArg) -> Self {
        match word {
            IntegrationsArg::Drop => Self::Drop,
            IntegrationsArg::Keep => Self::Keep,
            IntegrationsArg::LocalConfig => Self::LocalConfig,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum OrphansArg {
    Refuse,
    Undo,
    Keep,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum PlugsArg {
    Catalog,
    Stream,
}

impl From<PlugsArg> for api::AllPlugs {
    fn from(word: PlugsArg) -> Self {
        match word {
            PlugsArg::Catalog => Self::Catalogue,
            PlugsArg::Stream => Self::Stream,
        }
    }
}

impl From<OrphansArg> for api::Orphans {
    fn from(word: OrphansArg) -> Self {
        match word {
            OrphansArg::Refuse => Self::Refuse,
            OrphansArg::Undo => Self::Undo,
            OrphansArg::Keep => Self::Keep,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_words_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn places_to_write_to_exclude_each_other() {
        assert!(
            Cli::try_parse_from(["coupler", "render", "a", "--in-place", "--output", "b"]).is_err()
        );
        assert!(Cli::try_parse_from(["coupler", "render"]).is_err());
        assert!(Cli::try_parse_from(["coupler", "render", "-", "-n", ""]).is_err());
        assert!(
            Cli::try_parse_from(["coupler", "render", "-", "--catalog", "a", "--catalog", "b"])
                .is_ok()
        );
    }
}
