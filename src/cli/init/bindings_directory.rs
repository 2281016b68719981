//! Finds the directory that a container reads its bindings from: `SERVICE_BINDING_ROOT`, or the
//! directory of Spring's `configtree:`.
//!
//! <https://docs.spring.io/spring-boot/reference/features/external-config.html#features.external-config.files.configtree>

use crate::cli::draft::plug::DraftFiles;
use crate::manifest::{NodeId, NotReadable, Tree};
use crate::project::{BINDING_ROOT, Container};

/// What Spring has before the path of such a directory.
const CONFIG_TREE: &str = "configtree:";

/// The directory that a container reads, as its variables, command and arguments show.
///
/// # Errors
/// What is in the way of reading them.
pub(super) fn bindings_directory(
    tree: &Tree<'_>,
    container: &Container<'_>,
) -> Result<Option<DraftFiles>, NotReadable> {
    let mut texts: Vec<&str> = Vec::new();
    let env = container.env.items(tree, container.node).known()?;
    for entry in env.unwrap_or_default() {
        if text(tree, entry, "name")? == Some(BINDING_ROOT) {
            return Ok(Some(DraftFiles::BelowRoot));
        }
        texts.extend(text(tree, entry, "value")?);
    }
    for list in ["command", "args"] {
        let items = tree.read_items(container.node, &[list]).known()?;
        for item in items.unwrap_or_default() {
            texts.extend(tree.read_text(item, &[]).known()?);
        }
    }
    let found = texts.into_iter().find_map(config_tree);
    Ok(found.map(|directory| DraftFiles::Within(directory.to_owned())))
}

fn text<'t>(tree: &'t Tree<'_>, node: NodeId, key: &str) -> Result<Option<&'t str>, NotReadable> {
    tree.read_text(node, &[key]).known()
}

/// The absolute directory of a `configtree:` in a text.
fn config_tree(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once(CONFIG_TREE)?;
    let is_end = |c: char| c.is_whitespace() || ",;\"'".contains(c);
    let path = rest.split(is_end).next()?;
    let directory = path.trim_end_matches(['/', '*']);
    directory.starts_with('/').then_some(directory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_directory_of_a_config_tree_is_found_in_a_text() {
        for (text, directory) in [
            ("optional:configtree:/etc/config/", Some("/etc/config")),
            (
                "classpath:a.yaml;configtree:/etc/config/*/;x",
                Some("/etc/config"),
            ),
            (
                "--spring.config.import=configtree:/run/secrets",
                Some("/run/secrets"),
            ),
            ("configtree:${DIR}/", None),
            ("configtree:", None),
            ("/etc/config/", None),
        ] {
            assert_eq!(config_tree(text), directory, "{text}");
        }
    }
}
