//! Lists the Interfaces of an input, and the built-in ones that it uses.

use std::collections::{BTreeMap, BTreeSet};

use semver::Version;

use super::plugs::read_from;
use super::{ListedInterface, ReadFrom};
use crate::api::{InterfaceVersion, library_interface};
use crate::couple::CouplingInput;

/// What is known of one Interface, whose versions may be in several objects.
struct Definition {
    versions: BTreeSet<Version>,
    from: ReadFrom,
}

/// The Interfaces, by name.
pub(super) fn interfaces(integrations: &CouplingInput) -> Vec<ListedInterface> {
    let plugs = count(integrations.plugs.iter().map(|plug| &plug.interface.value));
    let sockets = count(
        integrations
            .sockets
            .iter()
            .map(|socket| &socket.interface.value),
    );
    let mut known: BTreeMap<String, Definition> = BTreeMap::new();
    for name in plugs.keys().chain(sockets.keys()) {
        if let Some(interface) = library_interface(name) {
            add(
                &mut known,
                interface.name.value,
                ReadFrom::Library,
                &interface.versions,
            );
        }
    }
    for interface in &integrations.interfaces {
        let from = read_from(&interface.meta);
        let name = interface.name.value.clone();
        add(&mut known, name, from, &interface.versions);
    }
    known
        .into_iter()
        .map(|(name, Definition { versions, from })| ListedInterface {
            versions: versions.iter().map(Version::to_string).collect(),
            from,
            plugs: plugs.get(name.as_str()).copied().unwrap_or_default(),
            sockets: sockets.get(name.as_str()).copied().unwrap_or_default(),
            name,
        })
        .collect()
}

fn count<'n>(names: impl Iterator<Item = &'n String>) -> BTreeMap<&'n str, usize> {
    let mut counts = BTreeMap::new();
    for name in names {
        *counts.entry(name.as_str()).or_default() += 1;
    }
    counts
}

/// Adds versions; what is in the stream counts as read there, whatever else defines it.
fn add(
    known: &mut BTreeMap<String, Definition>,
    name: String,
    from: ReadFrom,
    versions: &[InterfaceVersion],
) {
    let definition = known.entry(name).or_insert(Definition {
        versions: BTreeSet::new(),
        from,
    });
    definition.from = definition.from.min(from);
    let numbers = versions.iter().map(|version| version.version.value.clone());
    definition.versions.extend(numbers);
}
