//! Defines the arguments of `coupler migrate`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::namespace;

#[derive(Debug, Args)]
pub(in crate::cli) struct MigrateArgs {
    /// Files, directories (.yaml, .yml and .json, hidden ones left out), or - for standard input
    #[arg(required = true, value_name = "PATH")]
    pub(in crate::cli) paths: Vec<PathBuf>,
    /// Read a kustomization's or a chart's files as plain manifests
    #[arg(long)]
    pub(in crate::cli) plain: bool,
    /// Write changes back into the files
    #[arg(long, conflicts_with = "output")]
    pub(in crate::cli) in_place: bool,
    /// Write one file for each object into a directory
    #[arg(short, long, value_name = "DIR")]
    pub(in crate::cli) output: Option<PathBuf>,
    /// The namespace of objects without `metadata.namespace`
    #[arg(short, long, value_name = "NAME", value_parser = namespace)]
    pub(in crate::cli) namespace: Option<String>,
    /// Also read Plugs and Sockets of v1beta1 from this path, without writing them; may be repeated
    #[arg(long, value_name = "PATH")]
    pub(in crate::cli) catalog: Vec<PathBuf>,
    /// The format of the report
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(in crate::cli) report: ReportFormat,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ReportFormat {
    /// Lines, for people
    #[default]
    Text,
    /// One JSON object on each line
    Json,
    /// Tables, for a pull request
    Markdown,
}
