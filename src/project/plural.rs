//! Makes the plural of a kind, by which a cluster and a mapping name its resource.

/// The names that a kind may have in the plural: there is no cluster to look it up.
pub(super) fn plurals(kind: &str) -> impl Iterator<Item = String> {
    let kind = kind.to_lowercase();
    let ies = kind.strip_suffix('y').map(|stem| format!("{stem}ies"));
    ["s", "es", ""]
        .into_iter()
        .map(move |end| format!("{kind}{end}"))
        .chain(ies)
}

/// The usual plural of a kind: a controller may have chosen another one.
pub fn plural(kind: &str) -> String {
    let kind = kind.to_lowercase();
    match kind.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{stem}ies"),
        _ if kind.ends_with(['s', 'x', 'z']) => format!("{kind}es"),
        _ if kind.ends_with("ch") || kind.ends_with("sh") => format!("{kind}es"),
        _ => format!("{kind}s"),
    }
}
