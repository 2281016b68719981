//! Defines what is known of a Socket's Service before it is evaluated.

use super::template_node::Expr;
use crate::api::{Service, ServicePort, Spanned};

/// The Service of a Socket, and its name as a template.
pub(super) struct ProvidedService<'a> {
    /// As written.
    pub written: &'a Service,
    /// Its name.
    pub name: Expr<'a>,
}

/// Which port of a Service counts.
#[derive(Clone, Copy)]
pub(super) enum PortChoice<'a> {
    /// This one.
    Written(&'a Spanned<ServicePort>),
    /// The only one, or the one that is called as the Interface is.
    OfInterface,
}
