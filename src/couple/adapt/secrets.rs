//! Finds out which Secrets an object makes, and with which keys.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::texts::{AdapterTexts, TextFailure, TextScope};
use crate::api::SecretTemplate;
use crate::couple::{KeyExtent, KeyNames};

/// A Secret that an object makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MadeSecret {
    /// Its name, in the namespace of the object.
    pub name: String,
    /// Its keys.
    pub keys: KeyNames,
}

/// The Secrets of one entry of `secrets`, of which those with a wanted name.
pub(super) fn made(
    template: &SecretTemplate,
    scope: &TextScope,
    texts: &mut AdapterTexts,
    is_wanted: impl Fn(&str) -> bool,
) -> Result<Vec<MadeSecret>, TextFailure> {
    let mut secrets = Vec::new();
    for scope in texts.scopes(template.each.as_ref(), scope)? {
        if !texts.holds(template.condition.as_ref(), &scope)? {
            continue;
        }
        let name = texts.text(&template.name, &scope)?;
        let Some(name) = name.filter(|name| is_wanted(name)) else {
            continue;
        };
        let mut names = BTreeSet::new();
        for key in &template.keys {
            add_names(texts.value(key, &scope)?, &mut names);
        }
        let extent = match texts.is_on(&template.complete, &scope)? {
            true => KeyExtent::All,
            false => KeyExtent::Some,
        };
        let keys = KeyNames { names, extent };
        secrets.push(MadeSecret { name, keys });
    }
    Ok(secrets)
}

/// The texts of a value: of one text, or of a list of them.
fn add_names(value: Json, names: &mut BTreeSet<String>) {
    match value {
        Json::String(name) => {
            names.insert(name);
        }
        Json::Array(items) => items.into_iter().for_each(|item| add_names(item, names)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Object(_) => {}
    }
}
