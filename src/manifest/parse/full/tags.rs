//! Judges whether every reader of YAML makes the same of a tag.

use granit_parser::Tag;

use crate::manifest::tree::Kind;

/// Whether a tag is `!`, which only keeps a value from being resolved.
pub(super) fn is_plain(tag: &Tag) -> bool {
    tag.parts() == ("", "!") || tag.parts() == ("!", "")
}

/// Whether every reader makes of a value with this tag what it is.
pub(super) fn fits(tag: &Tag, kind: Kind) -> bool {
    let own: &[&str] = match kind {
        Kind::Mapping => &["map"],
        Kind::Sequence => &["seq"],
        Kind::Scalar | Kind::Alias => &["str", "null", "bool", "int", "float"],
    };
    is_plain(tag) || own.iter().any(|suffix| tag.is_yaml_core_schema_tag(suffix))
}
