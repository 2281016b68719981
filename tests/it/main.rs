//! The integration tests: one binary, since linking is what costs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "tests read files, start programs and may panic"
)]

mod adapters;
#[cfg(feature = "cli")]
mod argocd;
mod book;
#[cfg(feature = "cli")]
mod build;
mod case;
#[cfg(feature = "cli")]
mod case_links;
mod causes;
#[cfg(feature = "cli")]
mod ci;
mod circles;
#[cfg(feature = "cli")]
mod cli;
#[cfg(feature = "cli")]
mod cli_formats;
#[cfg(feature = "cli")]
mod cli_migrate;
#[cfg(feature = "cli")]
mod cli_read;
#[cfg(feature = "cli")]
mod cli_test;
#[cfg(feature = "cli")]
mod cli_words;
#[cfg(feature = "cli")]
mod cli_write;
#[cfg(feature = "cli")]
mod clients;
#[cfg(feature = "cli")]
mod cluster;
mod codes;
#[cfg(feature = "cli")]
mod diff;
mod doors;
mod drift;
#[cfg(feature = "cli")]
mod every_kind;
#[cfg(feature = "cli")]
mod explain;
mod floors;
mod frozen_adapters;
#[cfg(feature = "cli")]
mod function;
mod golden;
#[cfg(feature = "cli")]
mod host;
mod hostile;
#[cfg(feature = "cli")]
mod hostile_builds;
#[cfg(feature = "cli")]
mod hostile_charts;
#[cfg(feature = "cli")]
mod hostile_repositories;
mod image;
#[cfg(feature = "cli")]
mod init;
#[cfg(feature = "cli")]
mod kpt;
#[cfg(feature = "cli")]
mod kpt_expected;
mod kubelet;
#[cfg(feature = "cli")]
mod kustomization;
#[cfg(feature = "cli")]
mod kustomize;
mod laws;
mod library;
#[cfg(feature = "cli")]
mod list;
#[cfg(feature = "cli")]
mod migrate;
mod mistakes;
#[cfg(feature = "cli")]
mod overlays;
mod packaging;
#[cfg(feature = "cli")]
mod printed;
mod raw_access;
#[cfg(feature = "cli")]
mod reach;
#[cfg(feature = "cli")]
mod readme;
#[cfg(feature = "cli")]
mod reference;
#[cfg(feature = "cli")]
mod resource_hosts;
#[cfg(feature = "cli")]
mod rig;
mod skip;
mod tags;
mod type_names;
#[cfg(feature = "watch")]
mod watch;
mod workload_kinds;
