//! coupler, a linker for Kubernetes manifests: it resolves Plugs to Sockets and bakes the coupled config into workloads.
//!
//! The floors, from the ground: [`manifest`], [`api`] and [`diagnostic`]; [`couple`]; [`project`]; [`render`]; the shells, of which [`krm`] is one.
//! An arrow only points down. Below the shells nothing touches a file, a clock or the environment.

pub mod api;
pub mod couple;
pub mod diagnostic;
pub mod edit;
pub mod krm;
pub mod limits;
pub mod manifest;
pub mod project;
pub mod render;

#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "watch")]
pub mod watch;
