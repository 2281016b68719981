//! Defines what is written for a Plug, a Socket or a ServiceBinding: variables and files of
//! workloads, and fields of any object.

use std::rc::Rc;

use super::value::{
    EnvEntry, EnvSource, FieldEntry, FileSource, FilesEntry, Reference, ReferredObject,
};
use crate::api::WorkloadRef;

/// What is written for one of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bindings {
    /// What is written into workloads, and where.
    pub deliveries: Vec<Delivery>,
    /// The fields of objects that are written.
    pub fields: Vec<FieldEntry>,
}

/// What is written into some objects.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// The workloads that get it.
    pub targets: Rc<[WorkloadRef]>,
    /// What they get; variables in the order in which they are to be, parts before the text that
    /// uses them.
    pub bindings: Vec<Binding>,
}

/// One thing that is written into workloads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Binding {
    /// A variable of containers.
    Env(EnvEntry),
    /// A directory of files in containers.
    Files(FilesEntry),
}

impl Bindings {
    /// Whether there is nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.bindings().next().is_none() && self.fields.is_empty()
    }

    fn bindings(&self) -> impl Iterator<Item = &Binding> + Clone {
        let deliveries = self.deliveries.iter();
        deliveries.flat_map(|delivery| &delivery.bindings)
    }

    /// The variables.
    pub fn variables(&self) -> impl Iterator<Item = &EnvEntry> + Clone {
        self.bindings().filter_map(|binding| match binding {
            Binding::Env(variable) => Some(variable),
            Binding::Files(_) => None,
        })
    }

    /// The directories of files.
    pub fn directories(&self) -> impl Iterator<Item = &FilesEntry> + Clone {
        self.bindings().filter_map(|binding| match binding {
            Binding::Files(files) => Some(files),
            Binding::Env(_) => None,
        })
    }

    /// Every reference to a key that is written into workloads.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        let variables = self
            .variables()
            .filter_map(|variable| match &variable.source {
                EnvSource::Reference(reference) => Some(&**reference),
                EnvSource::Value(_) | EnvSource::File(_) => None,
            });
        let files = self.directories().flat_map(|directory| &directory.files);
        variables.chain(files.filter_map(|file| match &file.source {
            FileSource::Reference(reference) => Some(&**reference),
            FileSource::Text(_) => None,
        }))
    }

    /// Every object that what is written into workloads refers to.
    pub fn objects(&self) -> impl Iterator<Item = ReferredObject<'_>> {
        let whole = self.directories().filter_map(FilesEntry::whole_secret);
        self.references().map(Reference::object).chain(whole)
    }
}
