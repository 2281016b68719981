//! Recognises a name to which a build added the same prefix or suffix as to other names.

/// The name that one becomes by a prefix and a suffix which the name of the object that holds it
/// has too.
pub fn renamed<'n>(
    written: &str,
    holder: &str,
    names: impl IntoIterator<Item = &'n str>,
) -> Option<&'n str> {
    let is_renamed = |name: &&str| {
        let mut places = name.match_indices(written);
        places.any(|(at, _)| {
            let (prefix, suffix) = (&name[..at], &name[at + written.len()..]);
            let is_longer = !prefix.is_empty() || !suffix.is_empty();
            is_longer && holder.starts_with(prefix) && holder.ends_with(suffix)
        })
    };
    let mut found = names.into_iter().filter(is_renamed);
    match (written.is_empty(), found.next(), found.next()) {
        (false, Some(only), None) => Some(only),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::renamed;

    #[test]
    fn what_the_holder_has_too_was_put_there_by_a_build() {
        let names = ["dev-web", "dev-worker", "web-2", "prod-web"];
        assert_eq!(renamed("web", "dev-db", names), Some("dev-web"));
        assert_eq!(renamed("web", "db", names), None);
        assert_eq!(renamed("api", "dev-db", names), None);
        assert_eq!(renamed("", "dev-db", names), None);
        let both = ["dev-web-x", "dev-web"];
        assert_eq!(renamed("web", "dev-db-x", both), None);
        assert_eq!(renamed("web", "dev-db-x", ["dev-web-x"]), Some("dev-web-x"));
    }
}
