//! Defines the owners of entries, Plugs, Sockets and ServiceBindings, and the names of their
//! annotations.

use std::borrow::Cow;
use std::fmt;

use super::digest;
use crate::api::BinderKind;

/// Kubernetes allows 63 characters after the slash of an annotation's name.
const NAME: usize = 63;

/// An object that entries are written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntryOwner<'a> {
    /// Which kind it is of.
    pub kind: BinderKind,
    /// `apiVersion`
    pub api_version: &'a str,
    /// Its `metadata.name`.
    pub name: &'a str,
}

impl EntryOwner<'_> {
    /// Two of them, in words: ``Plugs `a` and `b` ``.
    pub(super) fn and(&self, other: &Self) -> String {
        match self.kind == other.kind {
            true => format!("{}s `{}` and `{}`", self.kind.word(), self.name, other.name),
            false => format!("{self} and {other}"),
        }
    }

    /// As a record names it.
    pub fn key(&self) -> OwnerKey {
        OwnerKey::of(self.kind, self.name)
    }
}

impl fmt::Display for EntryOwner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}`", self.kind.word(), self.name)
    }
}

/// The same as a record names it: by its annotation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OwnerKey {
    /// Which kind it is of.
    pub kind: BinderKind,
    /// The annotation's name without its prefix: the object's own name, or as much of it as fits
    /// and a hash.
    pub name: Box<str>,
}

impl OwnerKey {
    /// Of an object with this name.
    pub fn of(kind: BinderKind, name: &str) -> Self {
        Self {
            kind,
            name: annotation_key(name).into(),
        }
    }

    /// Of a Plug.
    pub fn plug(name: &str) -> Self {
        Self::of(BinderKind::Plug, name)
    }

    /// Whose annotation it is; `None`: it is no owner's.
    pub fn of_annotation(annotation: &str) -> Option<Self> {
        BinderKind::ALL.into_iter().find_map(|kind| {
            let name = annotation.strip_prefix(prefix(kind))?;
            Some(Self {
                kind,
                name: name.into(),
            })
        })
    }

    /// A Plug by its name alone, any other with its kind: as lists of Plugs show them.
    pub fn short(&self) -> String {
        match self.kind {
            BinderKind::Plug => self.name.to_string(),
            kind @ (BinderKind::Socket | BinderKind::ServiceBinding) => {
                format!("{} {}", kind.word(), self.name)
            }
        }
    }

    /// The annotation's whole name.
    pub fn annotation(&self) -> String {
        format!("{}{}", prefix(self.kind), self.name)
    }
}

impl fmt::Display for OwnerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}`", self.kind.word(), self.name)
    }
}

/// What the annotations of owners of a kind begin with.
const fn prefix(kind: BinderKind) -> &'static str {
    match kind {
        BinderKind::Plug => "coupled.integration.rock8s.com/",
        BinderKind::Socket => "coupled-socket.integration.rock8s.com/",
        BinderKind::ServiceBinding => "coupled-binding.integration.rock8s.com/",
    }
}

/// A name as it can be that of an annotation, behind the slash.
pub(super) fn annotation_key(name: &str) -> Cow<'_, str> {
    let fits = name.len() <= NAME
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b));
    let ends = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
    if fits && ends(name.as_bytes().first()) && ends(name.as_bytes().last()) {
        return name.into();
    }
    let head: String = name
        .chars()
        .take(46)
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '-' || c == '.' {
                c
            } else {
                'x'
            }
        })
        .collect();
    format!("{head}-{}", digest::hash(name, 16)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_or_odd_name_is_cut_and_hashed() {
        assert_eq!(annotation_key("mongo"), "mongo");
        assert_eq!(annotation_key(&"a".repeat(63)), "a".repeat(63));
        let long = annotation_key(&"a".repeat(64)).into_owned();
        assert_eq!(long.len(), NAME);
        assert!(long.starts_with(&format!("{}-", "a".repeat(46))));
        assert_ne!(long, annotation_key(&"a".repeat(65)));
        assert!(
            annotation_key("a b: c")
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        );
    }

    #[test]
    fn owners_of_one_name_have_annotations_of_their_own() {
        let keys = BinderKind::ALL.map(|kind| OwnerKey::of(kind, "sso"));
        let annotations = keys.clone().map(|key| key.annotation());
        let expected = ["coupled", "coupled-socket", "coupled-binding"];
        assert_eq!(
            annotations,
            expected.map(|prefix| format!("{prefix}.integration.rock8s.com/sso"))
        );
        for (key, annotation) in keys.into_iter().zip(annotations) {
            assert_eq!(OwnerKey::of_annotation(&annotation), Some(key));
        }
        assert_eq!(
            OwnerKey::of_annotation("integration.rock8s.com/coupled"),
            None
        );
    }
}
