//! Looks up the version of coupler that first had a field of its own kinds.

use std::collections::BTreeMap;

/// A line for each field: its path, as in `plug.spec.bind.env`, and the version.
const FIELDS: &str = include_str!("since.txt");

/// The versions by path.
pub(super) struct FieldVersions {
    by_path: BTreeMap<&'static str, &'static str>,
}

impl FieldVersions {
    /// Reads the table.
    pub(super) fn read() -> Self {
        let lines = FIELDS.lines().filter_map(|line| line.split_once(' '));
        Self {
            by_path: lines.collect(),
        }
    }

    /// The version since which a field is there.
    pub(super) fn since(&self, path: &str) -> Option<&'static str> {
        self.by_path.get(path).copied()
    }
}
