//! Decides whether all readers of YAML treat a tag in the same way.

use granit_parser::Tag;

use crate::manifest::scalar::Scalar;
use crate::manifest::tree::Kind;

/// Whether a tag is `!`, which only keeps a value from being resolved.
pub(super) fn is_plain(tag: &Tag) -> bool {
    tag.parts() == ("", "!") || tag.parts() == ("!", "")
}

/// Whether every reader makes of a collection with this tag what it is.
pub(super) fn fits(tag: &Tag, kind: Kind) -> bool {
    let own = if kind == Kind::Mapping { "map" } else { "seq" };
    is_plain(tag) || tag.is_yaml_core_schema_tag(own)
}

/// The same of a scalar, which is this without its tag: one of another type is converted by some
/// readers, refused by others, and left as it is by the rest.
pub(super) fn fits_scalar(tag: &Tag, scalar: Scalar<'_>) -> bool {
    let own: &[&str] = match scalar {
        Scalar::Null => &["null"],
        Scalar::Bool(_) => &["bool"],
        Scalar::Int(_) | Scalar::Big(_) => &["int", "float"],
        Scalar::Float(_) => &["float"],
        Scalar::Str(_) => &[],
    };
    let fits = |suffix: &&str| tag.is_yaml_core_schema_tag(suffix);
    is_plain(tag) || fits(&"str") || own.iter().any(fits)
}
