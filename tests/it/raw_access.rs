//! Refuses access to documents that does not distinguish what is absent from what cannot be read.

use std::path::Path;

use crate::floors::{code, rust_files};

/// Where documents are read and edited as they are written.
const ROOMS: [&str; 2] = ["manifest", "edit"];

/// What finds a member only where it is written, and so passes an alias and a merge key by.
const RAW: [&str; 4] = [".written_member(", ".written_at(", ".items_with(", ".item("];

fn faults(text: &str) -> Vec<&'static str> {
    let code = code(text);
    let production = code.split("#[cfg(test)]\nmod tests {").next();
    let production = production.unwrap_or_default();
    RAW.into_iter()
        .filter(|call| production.contains(call))
        .collect()
}

#[test]
fn decisions_are_made_by_readings() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut files, mut wrong) = (0, Vec::new());
    for path in rust_files(&src) {
        let relative = path.strip_prefix(&src).unwrap();
        let steps: Vec<&str> = relative.iter().map(|step| step.to_str().unwrap()).collect();
        let is_test = steps.iter().any(|step| step.starts_with("tests"));
        if is_test || ROOMS.contains(&steps[0]) {
            continue;
        }
        files += 1;
        let text = std::fs::read_to_string(&path).unwrap();
        for call in faults(&text) {
            wrong.push(format!(
                "src/{}: `{call}…)`: ask `read_member`, `read_at`, `read_text` or `read_items`",
                relative.display()
            ));
        }
    }
    assert!(files > 100, "the sources were not found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn raw_access_is_seen() {
    assert_eq!(
        faults("tree\n    .written_member(node, key)"),
        [".written_member("]
    );
    assert!(faults("#[cfg(test)]\nmod tests {\ntree.written_at(a, b)").is_empty());
    assert!(faults("// tree.written_member(node, key)").is_empty());
}
