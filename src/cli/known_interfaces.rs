//! Finds an Interface by its name, for a page or a first manifest: in the input, in the catalogue,
//! and among the built-in ones.

use std::collections::BTreeMap;
use std::path::PathBuf;

use semver::Version;

use super::fault::Errors;
use super::input::{self, Given, ReadOptions};
use super::read::Named;
use super::report::Reporting;

use crate::api::{self, Interface, InterfaceVersion, Settings};
use crate::diagnostic::Findings;
use crate::manifest::stream::Stream;
use crate::render::own_objects::OwnObjects;
use crate::render::{Role, Source};

/// The Interfaces that are known: those that were read, and the built-in ones.
#[derive(Debug, Default)]
pub(super) struct KnownInterfaces {
    /// Those of the stream before those of the catalogue.
    written: Vec<Interface>,
    /// The names of the sources.
    sources: Vec<String>,
}

/// An Interface with all versions that are defined of it, by whatever objects.
#[derive(Debug)]
pub(super) struct KnownInterface {
    pub(super) name: String,
    pub(super) description: Option<String>,
    /// The newest first.
    pub(super) versions: Vec<InterfaceVersion>,
    /// Where it is defined: `built in`, or a file.
    pub(super) defined_in: Vec<String>,
    /// The version of coupler since which it is built in.
    pub(super) since: Option<&'static str>,
}

impl KnownInterfaces {
    /// Those of the sources that a stream was made of.
    pub(super) fn new(stream: &Stream<'_>, sources: &[Source]) -> Self {
        // what is wrong with one is for `coupler check`
        let ours = OwnObjects::decode(stream, &Settings::default(), &mut Findings::new());
        let mut written = ours.integrations.interfaces;
        written.sort_by_key(|interface| interface.meta.catalogue);
        Self {
            written,
            sources: sources.iter().map(|source| source.name.clone()).collect(),
        }
    }

    /// Those of catalogues alone.
    pub(super) fn of_catalogue(
        paths: &[PathBuf],
        command: &'static str,
        report: &Reporting,
    ) -> Result<Self, Errors> {
        if paths.is_empty() {
            return Ok(Self::default());
        }
        let options = ReadOptions {
            command,
            plain: false,
            settings: None,
            mappings: None,
        };
        let nothing = Source {
            name: String::new(),
            text: String::new(),
            role: Role::Stream,
        };
        let catalogue: Vec<_> = paths.iter().cloned().map(Named::ByUser).collect();
        let read = input::collect(Given::Printed(nothing), &catalogue, options)?;
        report.warnings(&read.warnings);
        let mut stream = Stream::default();
        for (id, source) in (0..).zip(&read.sources) {
            stream.add(id, &source.text, source.role == Role::Catalogue);
        }
        Ok(Self::new(&stream, &read.sources))
    }

    /// The Interface of this name. A version that is defined twice is read where it is found
    /// first: in the stream, in the catalogue, among the built-in ones.
    pub(super) fn find(&self, name: &str) -> Option<KnownInterface> {
        let mut versions: BTreeMap<Version, InterfaceVersion> = BTreeMap::new();
        let mut defined_in = Vec::new();
        let mut description = None;
        let written = self.written.iter().cloned();
        let written = written.filter(|interface| interface.name.value == name);
        let built_in = api::library_interface(name);
        let own = written.map(|interface| (self.source(&interface), interface));
        let all = own.chain(built_in.map(|interface| ("built in".to_owned(), interface)));
        for (home, interface) in all {
            description = description.or(interface.description);
            let before = versions.len();
            for version in interface.versions {
                let number = version.version.value.clone();
                versions.entry(number).or_insert(version);
            }
            if versions.len() > before && !defined_in.contains(&home) {
                defined_in.push(home);
            }
        }
        if versions.is_empty() {
            return None;
        }
        Some(KnownInterface {
            name: name.to_owned(),
            description,
            versions: versions.into_values().rev().collect(),
            defined_in,
            since: api::library_since(name),
        })
    }

    fn source(&self, interface: &Interface) -> String {
        let source = interface.meta.at.source as usize;
        self.sources.get(source).cloned().unwrap_or_default()
    }

    /// The highest version of an Interface that is not deprecated.
    pub(super) fn latest(&self, name: &str) -> Option<InterfaceVersion> {
        let versions = self.find(name)?.versions.into_iter();
        versions.max_by_key(|version| (version.deprecated.is_none(), version.version.value.clone()))
    }

    /// The names of all, sorted.
    pub(super) fn names(&self) -> Vec<String> {
        let written = self.written.iter();
        let mut names: Vec<String> = written.map(|one| one.name.value.clone()).collect();
        names.extend(api::library_names().map(str::to_owned));
        names.sort_unstable();
        names.dedup();
        names
    }

    /// What is printed of a name that no Interface has.
    pub(super) fn unknown(&self, name: &str) -> String {
        let names = self.names();
        let near = api::suggest(name, names.iter().map(String::as_str));
        let near = near
            .map(|near| format!("; did you mean `{near}`?"))
            .unwrap_or_default();
        format!("no Interface `{name}` is built in or in the input{near}")
    }
}
