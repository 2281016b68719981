//! Reads a text with actions of Go templates as YAML; its values contain the actions as they are
//! written.

use crate::api::ManifestValue;
use crate::manifest::{Place, Tree};
use crate::migrate::old_object::{OldManifest, OldScalar};
use crate::migrate::read::OldReader;

/// The manifest; `None`: it cannot be read, or an action is around keys.
pub(super) fn manifest_of_text(text: &str, at: Place) -> Option<OldManifest> {
    let mut number = 0;
    let mark = loop {
        let mark = format!("Q{number}x");
        if !text.contains(&mark) {
            break mark;
        }
        number += 1;
    };
    let mut sketch = String::with_capacity(text.len());
    let mut actions = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{%") {
        let (action, after) = after.split_once("%}")?;
        sketch.push_str(before);
        sketch.push_str(&format!("{mark}{}Q", actions.len()));
        actions.push(format!("{{%{action}%}}"));
        rest = after;
    }
    sketch.push_str(rest);
    let tree = Tree::read(&sketch).ok()?;
    let reader = OldReader {
        tree: &tree,
        source: at.source,
        start: 0,
        namespace: None,
    };
    let mut manifest = reader.manifest(tree.root()?).ok()?;
    restore(&mut manifest, &mark, &actions);
    Some(manifest)
}

fn restore(node: &mut OldManifest, mark: &str, actions: &[String]) {
    match &mut node.value {
        ManifestValue::Leaf(OldScalar::Text(text, _)) => *text = restored(text, mark, actions),
        ManifestValue::Leaf(OldScalar::Token(_)) => {}
        ManifestValue::List(items) => {
            items
                .iter_mut()
                .for_each(|item| restore(item, mark, actions));
        }
        ManifestValue::Map(members) => members
            .iter_mut()
            .for_each(|member| restore(&mut member.node, mark, actions)),
    }
}

fn restored(text: &str, mark: &str, actions: &[String]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(mark) {
        out.push_str(before);
        let Some((number, after)) = after.split_once('Q') else {
            break;
        };
        let action = number
            .parse::<usize>()
            .ok()
            .and_then(|number| actions.get(number));
        out.push_str(action.map_or("", String::as_str));
        rest = after;
    }
    out.push_str(rest);
    out
}
