//! Defines the arguments of the command line.

mod migrate;
#[cfg(feature = "watch")]
mod named_kind;
#[cfg(feature = "watch")]
mod watch;
mod words;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::helm::ReleaseName;
pub(super) use migrate::{MigrateArgs, ReportFormat};
#[cfg(feature = "watch")]
pub(super) use named_kind::NamedKind;
#[cfg(feature = "watch")]
pub(super) use watch::{LogFormatArg, WatchArgs};
pub(super) use words::{IntegrationsArg, OrphansArg, PlugsArg, ServiceBindingsArg};

/// The version, with the commit where `.ci/build` knew it: no build needs Git.
pub(super) const VERSION: &str = match option_env!("COUPLER_VERSION") {
    Some(version) => version,
    None => env!("CARGO_PKG_VERSION"),
};

/// Links Kubernetes manifests: resolves Plugs to Sockets, and writes the variables into workloads.
#[derive(Debug, Parser)]
#[command(
    name = "coupler",
    version = VERSION,
    arg_required_else_help = true,
    max_term_width = 100
)]
#[command(after_help = "\
Examples:
  coupler render app/ | kubectl apply -f -       print manifests that can be applied
  kustomize build . | coupler render -           after kustomize, Helm or another tool
  coupler build overlays/prod                    build and render a kustomization or a chart
  coupler render app/ --in-place                 write into the files, for a Git repository
  coupler check app/                             validate only, print no manifests
  coupler explain socket-not-found               print what a code means

Exit status: 0 without errors, 1 if the manifests have errors, 2 if coupler was called wrongly or could
not read or write.")]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
    /// When to use colours on standard error
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
    /// Couple, and print the manifests or write them (--in-place, --output)
    ///
    /// If there is an error, nothing is printed or written. Without --in-place, Plugs, Sockets and
    /// Interfaces are left out, so that the result can be applied.
    #[command(after_help = "\
Examples:
  coupler render app/ catalog.yaml
  coupler render deploy.yaml --catalog ../platform/sockets
  helm template shop chart/ | coupler render - -n shop
  coupler render app/ --output rendered/")]
    Render(Render),
    /// Build a kustomization or a chart, and couple the result
    ///
    /// A kustomization is built by `kustomize build DIR`, or by `kubectl kustomize DIR` where
    /// kustomize is not installed; a chart by `helm template NAME DIR`. Their standard error is
    /// printed; if they fail, coupler exits with their exit status. Any other directory is read as
    /// `coupler render DIR` reads it.
    #[command(after_help = "\
Examples:
  coupler build overlays/prod | kubectl apply -f -
  coupler build chart/ --release shop -n shop -f values-prod.yaml
  coupler build overlays/prod -- --enable-helm         arguments after -- are for kustomize or Helm")]
    Build(Build),
    /// Validate only, print no manifests
    ///
    /// Also validates Interfaces and Adapters with their examples, and Sockets that no Plug uses,
    /// so that a provider can use it in CI.
    #[command(after_help = "\
Examples:
  coupler check app/ --strict
  coupler check app/ --rendered        fails if `coupler render app/ --in-place` would change a file
  coupler check app/ --format json")]
    Check(Check),
    /// Run the commands of Argo CD's config management plugin, in an application's directory
    Argocd {
        #[command(subcommand)]
        command: Argocd,
    },
    /// Print what a change couples, decouples and restarts
    ///
    /// BASE and HEAD are files, directories, - for standard input, or Git revisions. A name that
    /// could be both is refused: write ./PATH or refs/heads/NAME. A revision is read without a
    /// checkout, at PATH, at the path that the other side names, or in the current directory.
    /// Prints one line for each Plug and Socket that was created, updated, coupled, decoupled or
    /// deleted, with the cause, and one for each workload whose variables changed. Prints names and
    /// no values.
    #[command(after_help = "\
Examples:
  coupler diff origin/main HEAD -- app/
  coupler diff origin/main app/                  including changes that are not committed
  coupler diff base.yaml head.yaml --format markdown

Exit status: 0 without a difference, 1 with one, 2 if coupler was called wrongly or could not read or
write.")]
    Diff(Diff),
    /// List Plugs, Sockets and Interfaces: which are coupled, and why others are not
    ///
    /// Reads the same files as `coupler check`, and writes nothing. If there are errors, they are
    /// printed on standard error, and everything that can be read is listed. Prints names and no
    /// values.
    #[command(after_help = "\
Examples:
  coupler list app/ --catalog ../platform/sockets
  helm template shop chart/ | coupler list - -n shop
  coupler list app/ -o wide
  coupler list app/ -o json

Exit status: 0 without errors, 1 if the manifests have errors, 2 if coupler was called wrongly or could
not read or write.")]
    List(ListArgs),
    /// Write manifests of the integration-operator's v1beta1 as v1
    ///
    /// Each Plug and Socket of v1beta1 is written as v1 in its place, with its comments, and the
    /// schema in each Socket becomes an Interface. Other documents are not changed. The report lists
    /// what was carried over, what changed its meaning, and what has no counterpart, with what to
    /// write instead. It is printed on standard error, or on standard output if the manifests are
    /// written to files. No value of a Secret is read or printed.
    #[command(after_help = "\
Examples:
  coupler migrate old.yaml > new.yaml
  coupler migrate app/ --catalog ../platform --in-place
  helm template shop chart/ | coupler migrate - -n shop --output migrated/
  coupler migrate app/ --in-place --report markdown > report.md

Exit status: 0 if all is carried over or changed, 1 if something has no counterpart (the rest is written),
2 if coupler was called wrongly or could not read or write.")]
    Migrate(MigrateArgs),
    /// Write a first Plug, Socket or Interface
    ///
    /// With a PATH, writes a Plug for the workload in it. If the workload has several containers,
    /// the Plug names one of them; if it has variables of the same names, the Plug replaces them;
    /// if it reads a directory of bindings, the Plug binds files. For a Flux HelmRelease, the Plug
    /// binds fields of its values. Without a PATH, writes a Socket (with --socket) or an Interface.
    /// Prints the object, or adds it to the end of a file: nothing is overwritten.
    #[command(after_help = "\
Examples:
  coupler init app/ --interface postgresql
  coupler init app/ --interface redis --workload StatefulSet/queue --output app/plug.yaml
  coupler init web.yaml --interface mongodb --socket data/mongo --in-place
  coupler init web.yaml --interface grpc --service cart:7070 --in-place
  coupler init app/ --interface redis --workload HelmRelease/shop
  coupler init --interface postgresql --socket data/main            a Socket
  coupler init --interface search-engine --output interface.yaml    an Interface")]
    Init(Init),
    /// Compare rendered test cases with their expected results
    ///
    /// A case is a directory with input.yaml (or input.json, or files in input/), optionally
    /// coupler.yaml, catalog.yaml or catalog/, and the expected result: the manifests in
    /// expected.yaml (for input/, files of the same names in expected/), and the diagnostics in
    /// expected-diagnostics.txt. A missing file means that nothing is expected. Values of Secrets
    /// are compared, never shown. A case reads and writes files of its own directory only, and
    /// reads what its coupler.yaml names in the repository. A link is an error.
    #[command(after_help = "\
Examples:
  coupler test tests/
  coupler test tests/ --update          write the results as expected; then read the difference in Git
  coupler test --junit report.xml

Exit status: 0 if all cases are as expected, 1 if one is not or no case was found, 2 if coupler was
called wrongly or could not read or write.")]
    Test(Test),
    /// Watch a cluster, and write an Event when a coupled workload differs from what was rendered
    ///
    /// Compares each workload with the record that a render wrote on it and, if Plugs and Sockets
    /// are in the cluster, with what they would couple now. Reads no Secret and no ConfigMap, and
    /// writes nothing but Events.
    #[cfg(feature = "watch")]
    Watch(WatchArgs),
    /// Explain a code, a field, an Interface or an Adapter
    #[command(after_help = "\
Examples:
  coupler explain env-collision           a code
  coupler explain plug.spec.bind.env      a field
  coupler explain socket.spec --recursive
  coupler explain postgresql              an Interface: its keys, a Socket and a Plug
  coupler explain adapters                the built-in Adapters
  coupler explain search --catalog platform/
  coupler explain --list")]
    Explain(Explain),
    /// Print the CustomResourceDefinitions of Interface, Socket, Plug and Adapter
    ///
    /// Install them to keep such objects in a cluster. Rendering does not need them.
    Crds,
    /// Generate shell completions
    #[command(after_help = "\
Examples:
  coupler completions bash > /etc/bash_completion.d/coupler
  coupler completions fish > ~/.config/fish/completions/coupler.fish
  coupler completions zsh --catalog ../platform/sockets")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
        /// Also complete the names of the Interfaces of this path; may be repeated
        #[arg(long, value_name = "PATH")]
        catalog: Vec<PathBuf>,
    },
    /// Print a manual page
    #[command(after_help = "\
Examples:
  coupler man > coupler.1
  coupler man render | man -l -")]
    Man {
        /// The command; without it, the page of coupler itself
        command: Option<String>,
    },
    /// Print the JSON Schema of Interface, Socket, Plug, Adapter and Coupler, for editors
    Schema {
        /// Interface, Socket, Plug, Adapter or Coupler; without it, one schema for all of them that accepts
        /// other kinds
        kind: Option<String>,
    },
}

#[derive(Debug, Args)]
pub(super) struct Explain {
    /// A code, as in `error[CODE]`; a field, as in `plug.spec`; an Interface; or an Adapter
    #[arg(index = 1, required_unless_present = "list")]
    pub(super) word: Option<String>,
    /// Read further Interfaces from these files or directories, or - for standard input
    #[arg(index = 2, value_name = "PATH", conflicts_with_all = ["recursive", "list"])]
    pub(super) paths: Vec<PathBuf>,
    /// Print all fields below a field
    #[arg(long, conflicts_with = "list")]
    pub(super) recursive: bool,
    /// Print all codes, one on each line
    #[arg(long, conflicts_with = "word")]
    pub(super) list: bool,
    /// Also read Interfaces from this path; may be repeated
    #[arg(long, value_name = "PATH", conflicts_with_all = ["recursive", "list"])]
    pub(super) catalog: Vec<PathBuf>,
    /// Read a kustomization's or a chart's files as plain manifests
    #[arg(long)]
    pub(super) plain: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum Argocd {
    /// Print the application's manifests: `coupler build .`
    ///
    /// ARGOCD_APP_NAMESPACE is the namespace of objects without one, ARGOCD_APP_NAME the name of a
    /// chart's release, ARGOCD_APP_PARAMETERS the parameters of the Application in JSON. A chart is
    /// rendered with KUBE_VERSION and KUBE_API_VERSIONS, and with its CRDs, as by Argo CD itself.
    /// An empty result is an error, because Argo CD would delete everything.
    Generate(Flags),
    /// Print the parameters that an Application may set, in JSON
    Parameters,
    /// Print coupler.yaml if the directory contains one; Argo CD then uses the plugin for it
    Discover,
}

#[derive(Debug, Args)]
pub(super) struct Render {
    #[command(flatten)]
    pub(super) run: RunArgs,
    /// Write changes back into the files; Plugs, Sockets and Interfaces are kept
    #[arg(long, conflicts_with = "output")]
    pub(super) in_place: bool,
    /// Write all manifests into a directory, in files of the same names
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
    /// A table, a table with more columns, or a format for programs
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
    /// The old side
    pub(super) base: String,
    /// The new side
    pub(super) head: String,
    /// The path to read on both sides
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) coupling: CouplingFlags,
    /// Read a kustomization's or a chart's files as plain manifests
    #[arg(long)]
    pub(super) plain: bool,
    /// Settings of both sides [default: each side's own coupler.yaml]
    #[arg(long, value_name = "FILE")]
    pub(super) settings: Option<PathBuf>,
    /// Lines, tables for a pull request, or one JSON object on each line
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(super) format: DiffFormat,
}

#[derive(Debug, Args)]
pub(super) struct Test {
    /// Cases, or directories of cases
    #[arg(value_name = "DIR", default_value = ".")]
    pub(super) directories: Vec<PathBuf>,
    /// Validate as `coupler check` does, also Interfaces and Sockets that no Plug uses; compare
    /// only the diagnostics
    #[arg(long)]
    pub(super) check: bool,
    /// Write the results as the expected ones
    #[arg(long)]
    pub(super) update: bool,
    /// Also write a JUnit report, for CI
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
    /// The Interface that the Plug asks for or the Socket offers, or the name of a new Interface
    #[arg(long, value_name = "NAME")]
    pub(super) interface: String,
    /// The workload, if there are several
    #[arg(long, value_name = "[KIND/]NAME", requires = "path")]
    pub(super) workload: Option<String>,
    /// The container that gets the variables, if there are several [default: kubectl's default]
    #[arg(long, value_name = "NAME", requires = "path")]
    pub(super) container: Option<String>,
    /// The Plug's name [default: the Interface's]
    #[arg(long, value_name = "NAME", requires = "path")]
    pub(super) name: Option<String>,
    /// With a PATH, the Socket that the Plug names [default: the only one of the namespace that
    /// fits]; without a PATH, the Socket to write
    #[arg(long, value_name = "[NAMESPACE/]NAME")]
    pub(super) socket: Option<String>,
    /// The Service that the Plug names in place of a Socket
    #[arg(
        long,
        value_name = "NAME[:PORT]",
        requires = "path",
        conflicts_with = "socket"
    )]
    pub(super) service: Option<String>,
    /// Also read Interfaces from this path; may be repeated
    #[arg(long, value_name = "PATH")]
    pub(super) catalog: Vec<PathBuf>,
    /// Add the Plug to the workload's file
    #[arg(long, conflicts_with = "output", requires = "path")]
    pub(super) in_place: bool,
    /// Add the object to this file, or create the file
    #[arg(long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// The address of the schema for editors, which `coupler schema` prints
    #[arg(long, value_name = "URL", default_value = "coupler.schema.json")]
    pub(super) schema: String,
    /// Read a kustomization's or a chart's files as plain manifests
    #[arg(long)]
    pub(super) plain: bool,
}

/// The arguments that render and check share.
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

/// A directory, and how to build it.
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
    /// More arguments for kustomize or Helm
    #[arg(last = true, value_name = "WORD")]
    pub(super) arguments: Vec<OsString>,
    #[command(flatten)]
    pub(super) flags: Flags,
}

/// The settings of every run. A setting that is not given here is read from `coupler.yaml`.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct Flags {
    #[command(flatten)]
    pub(super) coupling: CouplingFlags,
    /// Whether Plugs, Sockets and Interfaces are kept [default: drop; with --in-place: keep]
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(super) integrations: Option<IntegrationsArg>,
    /// Treat warnings as errors
    #[arg(long)]
    pub(super) strict: bool,
    /// Settings [default: coupler.yaml next to the first PATH, else in the current directory]
    #[arg(long, value_name = "FILE")]
    pub(super) settings: Option<PathBuf>,
    /// The format of errors and warnings on standard error
    #[arg(
        long,
        value_enum,
        default_value_t,
        value_name = "FORMAT",
        display_order = 899
    )]
    pub(super) format: Format,
}

/// The settings that decide what is coupled, for each side of a comparison too.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct CouplingFlags {
    /// The namespace of objects without `metadata.namespace`
    #[arg(short, long, value_name = "NAME", value_parser = namespace)]
    pub(super) namespace: Option<String>,
    /// Also read Interfaces and Sockets, and what they refer to, from this path; may be repeated
    #[arg(long, value_name = "PATH")]
    pub(super) catalog: Vec<PathBuf>,
    /// What to do with coupled workloads if no Plug, Socket or Interface is in the input [default:
    /// refuse]
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(super) orphans: Option<OrphansArg>,
    /// For a Socket with a limit or a bind: whether all its Plugs are in the manifests and the catalog
    /// together, or in the manifests alone [default: catalog]
    #[arg(long, value_enum, value_name = "WHERE")]
    pub(super) plugs: Option<PlugsArg>,
    /// Whether ServiceBindings of servicebinding.io are coupled, or passed on to the runtime in the
    /// cluster [default: pass]
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(super) service_bindings: Option<ServiceBindingsArg>,
    /// Overwrite coupled entries that somebody edited by hand
    #[arg(long)]
    pub(super) discard_edits: bool,
    /// Paths and links in a coupler.yaml or a chart must stay in this directory [default: the Git
    /// repository, else the current directory]
    #[arg(long, value_name = "DIR")]
    pub(super) repository: Option<PathBuf>,
}

/// Parses a DNS label. It must not be empty: a script may have forgotten to set a variable.
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
    /// One JSON object on each line
    Json,
    /// One SARIF 2.1.0 log, for code scanning
    Sarif,
    /// Annotations for GitHub Actions
    Github,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    #[default]
    Auto,
    Always,
    Never,
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
