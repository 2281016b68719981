//! Decides whether a Socket fits a Plug: by its labels, its versions and the namespaces that it
//! allows.

use std::collections::BTreeMap;

use super::index::{DefinedInterface, DefinedVersion};
use crate::api::{Minimum, Plug, Socket, Spanned};

/// Whether a Socket has all these labels.
pub(super) fn has(socket: &Socket, labels: &BTreeMap<String, String>) -> bool {
    labels
        .iter()
        .all(|(key, value)| socket.meta.labels.get(key) == Some(value))
}

/// The highest version that the Socket keeps, the Interface defines and the Plug takes.
pub(super) fn highest<'c, 'i>(
    socket: &Socket,
    definition: &'c DefinedInterface<'i>,
    least: Option<&Spanned<Minimum>>,
) -> Option<&'c DefinedVersion<'i>> {
    socket
        .versions
        .iter()
        .filter(|version| least.is_none_or(|least| least.value.admits(&version.value)))
        .filter_map(|version| definition.versions.get(&version.value))
        .max_by_key(|version| version.number)
}

/// Whether the Socket takes Plugs of the Plug's namespace; `None`: that cannot be known.
pub(super) fn allows(socket: &Socket, plug: &Plug) -> Option<bool> {
    let home = &plug.meta.namespace;
    if *home == socket.meta.namespace {
        return Some(true);
    }
    let globs = socket.allow.as_deref().unwrap_or_default();
    match home {
        Some(home) if globs.iter().any(|glob| matches(&glob.value, home)) => Some(true),
        None if globs
            .iter()
            .any(|glob| !glob.value.is_empty() && glob.value.bytes().all(|b| b == b'*')) =>
        {
            Some(true)
        }
        // the two may be one, if somebody named it
        Some(_) if socket.meta.namespace.is_none() => None,
        Some(_) => Some(false),
        None => None,
    }
}

/// Whether a name matches a glob whose one wildcard is `*`; each byte is looked at once.
fn matches(glob: &str, name: &str) -> bool {
    let Some((first, rest)) = glob.split_once('*') else {
        return glob == name;
    };
    let Some(mut name) = name.strip_prefix(first) else {
        return false;
    };
    let mut pieces = rest.split('*').peekable();
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return name.ends_with(piece);
        }
        let Some(at) = name.find(piece) else {
            return false;
        };
        name = &name[at + piece.len()..];
    }
    true
}

/// The versions of a Socket, as a message lists them.
pub(super) fn versions(socket: &Socket) -> String {
    let all: Vec<_> = socket
        .versions
        .iter()
        .map(|version| version.value.to_string())
        .collect();
    if all.is_empty() {
        "none".to_owned()
    } else {
        all.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_glob_has_one_wildcard() {
        for (glob, name, expected) in [
            ("shop", "shop", true),
            ("shop", "shops", false),
            ("*", "", true),
            ("team-*", "team-a", true),
            ("team-*", "tea", false),
            ("*-dev", "shop-dev", true),
            ("*-dev", "shop-dev-2", false),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxcyyb", false),
            ("a*a", "a", false),
            ("**", "x", true),
            ("a?", "ab", false),
        ] {
            assert_eq!(matches(glob, name), expected, "{glob} {name}");
        }
        let hostile = format!("{}b", "*a".repeat(1000));
        assert!(!matches(&hostile, &"a".repeat(5000)));
    }
}
