//! Keeps the lists of objects that Adapters asked for.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::couple::FoundObject;

/// The objects of one kind and namespace.
type KindAndNamespace = (String, String, Option<String>);

/// What was asked for before.
#[derive(Debug, Default)]
pub(super) struct FoundLists {
    pub(super) lists: RefCell<BTreeMap<KindAndNamespace, Rc<[FoundObject]>>>,
}
