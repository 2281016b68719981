//! Finds the Interface that a first Plug or Socket is written for: of the input, else built in.

use crate::api::{self, Interface, InterfaceVersion, Settings};
use crate::diagnostic::Findings;
use crate::manifest::stream::Stream;
use crate::render::own_objects::OwnObjects;

/// The Interfaces that are known: those of the input, and the built-in ones.
#[derive(Debug)]
pub(super) struct KnownInterfaces {
    written: Vec<Interface>,
}

impl KnownInterfaces {
    pub(super) fn new(stream: &Stream<'_>) -> Self {
        // what is wrong with one is for `coupler check`
        let ours = OwnObjects::decode(stream, &Settings::default(), &mut Findings::new());
        Self {
            written: ours.integrations.interfaces,
        }
    }

    /// The highest version of an Interface that is not deprecated.
    pub(super) fn latest(&self, name: &str) -> Option<InterfaceVersion> {
        let mut written = self.written.iter();
        let interface = written
            .find(|interface| interface.name.value == name)
            .cloned()
            .or_else(|| api::library_interface(name))?;
        interface
            .versions
            .into_iter()
            .max_by_key(|version| (version.deprecated.is_none(), version.version.value.clone()))
    }

    /// What is printed of a name that no Interface has.
    pub(super) fn unknown(&self, name: &str) -> String {
        let mut names: Vec<&str> = api::library_names().collect();
        names.extend(self.written.iter().map(|one| one.name.value.as_str()));
        let near = api::suggest(name, names);
        let near = near
            .map(|near| format!("; did you mean `{near}`?"))
            .unwrap_or_default();
        format!("no Interface `{name}` is built in or was read{near}")
    }
}
