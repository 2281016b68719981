//! Lowers the bindings of a coupling to entries: each kind of binding has a file of its own that
//! knows what it holds.

use super::entry::Entry;
use super::env;
use crate::couple::{Binding, Delivery};

/// What these deliveries write into a workload of which these containers are chosen.
pub fn lower<'a>(deliveries: &'a [Delivery], containers: &[&str]) -> Vec<Entry<'a>> {
    let bindings: usize = deliveries
        .iter()
        .map(|delivery| delivery.bindings.len())
        .sum();
    let mut entries = Vec::with_capacity(bindings * containers.len());
    for delivery in deliveries {
        let variables = delivery
            .bindings
            .iter()
            .map(|Binding::Env(variable)| variable);
        env::lower(&variables, containers, &mut entries);
    }
    entries
}
