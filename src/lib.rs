//! coupler, a linker for Kubernetes manifests: it resolves Plugs to Sockets and bakes the coupled
//! config into workloads.
//!
//! The library is one pure function, [`render()`]: manifests in, manifests and diagnostics out. It
//! reads no file, no clock and no environment, and the `coupler` command and the KRM function are
//! shells around it.
//!
//! ```
//! use coupler::{Input, Role, Settings, Source, render};
//!
//! let manifests = "\
//! apiVersion: integration.rock8s.com/v1
//! kind: Socket
//! metadata: {name: db, namespace: shop}
//! spec:
//!   interface: {name: postgresql, versions: [1.0.0]}
//!   service: {name: db}
//!   config: {database: shop}
//!   configFrom: [{secretRef: {name: db-login}, keys: {username: username, password: password}}]
//! ---
//! apiVersion: integration.rock8s.com/v1
//! kind: Plug
//! metadata: {name: db, namespace: shop}
//! spec:
//!   interface: {name: postgresql}
//!   config: {database: shop}
//!   workloads: [{name: web}]
//!   bind: {env: [{name: DATABASE_HOST, key: host}, {name: DATABASE_PASSWORD, key: password}]}
//! ---
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata: {name: web, namespace: shop}
//! spec:
//!   template:
//!     spec:
//!       containers:
//!         - name: web
//!           image: shop/web
//! ";
//! let source = Source { name: "shop.yaml".to_owned(), text: manifests.to_owned(), role: Role::Stream };
//! let mut input = Input { sources: vec![source], settings: Settings::default() };
//!
//! let output = render(&input);
//! assert!(!output.has_errors(), "{}", output.text(&input));
//! let rendered = output.rendered[0].text();
//! assert!(rendered.contains("- name: DATABASE_HOST"), "{rendered}");
//!
//! // an error: what is wrong, where, and how to fix it
//! input.sources[0].text = manifests.replace("workloads: [{name: web}]", "workloads: [{name: wbe}]");
//! let output = render(&input);
//! assert!(output.has_errors() && output.rendered.is_empty());
//! assert_eq!(output.diagnostics[0].code.as_str(), "workload-not-found");
//! assert!(output.text(&input).contains("shop.yaml:16"), "{}", output.text(&input));
//! ```
//!
//! [`check()`] also judges Interfaces and Sockets that no Plug asks for. All other modules are the
//! house behind this face: they are public for coupler's own tests and benchmarks, are not
//! documented here, and change without notice.

pub use api::{AllPlugs, Integrations, Orphans, Settings};
pub use diagnostic::{
    Affected, Code, CommonCause, Diagnostic, Label, Quote, Severity, Subject, Topic,
};
pub use manifest::{Place, SourceId, Span};
pub use render::{Input, Output, Rendered, Role, Source, check, render, render_in_place};

#[doc(hidden)]
pub mod api;
#[doc(hidden)]
pub mod compare;
#[doc(hidden)]
pub mod couple;
#[doc(hidden)]
pub mod diagnostic;
#[doc(hidden)]
pub mod drift;
#[doc(hidden)]
pub mod edit;
#[doc(hidden)]
pub mod krm;
#[doc(hidden)]
pub mod limits;
#[doc(hidden)]
pub mod listing;
#[doc(hidden)]
pub mod manifest;
#[doc(hidden)]
pub mod migrate;
#[doc(hidden)]
pub mod project;
#[doc(hidden)]
pub mod render;

#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
#[cfg(feature = "watch")]
#[doc(hidden)]
pub mod watch;
