//! Lowers variables to entries of a container's `env`. Only this file, `env_content`, `env_from`
//! and `env_order` depend on the form of a variable.

use super::entry::{Conflict, Entry, RecordedBy};
use super::env_content::{content, references};
use super::slot::Slot;
use super::target::ContainerTarget;
use crate::api::{OverwriteRule, Spanned};
use crate::couple::{EnvEntry, EnvSource};

/// Variables as entries of these containers.
pub(super) fn lower<'a>(
    variables: &(impl Iterator<Item = &'a EnvEntry> + Clone),
    containers: &[ContainerTarget<'_>],
    entries: &mut Vec<Entry<'a>>,
) {
    for container in containers {
        entries.extend(variables.clone().map(|variable| Entry {
            slot: Slot::Env(container.name.to_owned()),
            key: variable.name.as_str().into(),
            content: content(&variable.source, &container.root),
            identity: RecordedBy::Content,
            conflict: conflict(variable),
            expected: expected(&variable.overwrite),
            is_secret: variable.secret,
            uses: uses(&variable.source),
            needs: variable.uses.iter().map(String::as_str).collect(),
            at: variable.at,
        }));
    }
}

fn conflict(variable: &EnvEntry) -> Conflict {
    match &variable.overwrite {
        _ if variable.helper => Conflict::Share,
        OverwriteRule::Never => Conflict::Refuse,
        OverwriteRule::Always | OverwriteRule::Expected(_) => Conflict::Replace,
    }
}

/// The text that is expected of the author's own value.
pub(super) fn expected(overwrite: &OverwriteRule) -> Option<&Spanned<String>> {
    match overwrite {
        OverwriteRule::Expected(text) => Some(text),
        OverwriteRule::Never | OverwriteRule::Always => None,
    }
}

fn uses(source: &EnvSource) -> Vec<&str> {
    match source {
        EnvSource::Value(text) => references(text).collect(),
        EnvSource::Reference(_) | EnvSource::File(_) => Vec::new(),
    }
}
