//! Reads which kind a body of `resources` declares, before it is translated.

use super::old_object::{OldBody, OldScalar};
use crate::api::{GROUP, ManifestValue};
use crate::manifest::stream::group;

/// The kind that a body declares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct BodyType {
    /// `apiVersion`
    pub api_version: String,
    /// `kind`
    pub kind: String,
}

impl BodyType {
    /// Its group.
    pub(super) fn group(&self) -> &str {
        group(&self.api_version)
    }

    /// Whether it is a Secret of Kubernetes.
    pub(super) fn is_secret(&self) -> bool {
        self.group().is_empty() && self.kind == "Secret"
    }

    /// Whether it is of the integration-operator's own kinds.
    pub(super) fn is_own(&self) -> bool {
        self.group() == GROUP
    }
}

/// The kind that a body declares, where it is written out.
pub(super) fn body_type(body: &OldBody) -> BodyType {
    match body {
        OldBody::Object(node) => {
            let text = |key: &str| match node.member(key).map(|node| &node.value) {
                Some(ManifestValue::Leaf(OldScalar::Text(text, _))) => text.clone(),
                _ => String::new(),
            };
            BodyType {
                api_version: text("apiVersion"),
                kind: text("kind"),
            }
        }
        OldBody::Text(text) => {
            let member = |key: &str| {
                let mut lines = text.value.lines();
                let line = lines.find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
                line.unwrap_or_default()
                    .trim()
                    .trim_matches(['"', '\''])
                    .to_owned()
            };
            BodyType {
                api_version: member("apiVersion"),
                kind: member("kind"),
            }
        }
    }
}
