//! Finds circles of files within one room: files that import from each other can only be read
//! together.
//!
//! A child may use its parent's types, and a parent its children: that is no circle. A re-export
//! leads to the file it is from.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::floors::{code, paths, rust_files};

/// A file's module path, as in `cli::args::watch`.
type Module = String;

/// The files by their modules, without comments and without the tests at their ends.
struct Sources(BTreeMap<Module, String>);

impl Sources {
    fn read(src: &Path) -> Self {
        let mut files = BTreeMap::new();
        for path in rust_files(src) {
            let relative = path.strip_prefix(src).unwrap().with_extension("");
            let mut steps: Vec<_> = relative.iter().map(|step| step.to_str().unwrap()).collect();
            if steps.last() == Some(&"mod") {
                steps.pop();
            }
            if steps.contains(&"tests") || matches!(steps[..], ["lib" | "main"]) {
                continue;
            }
            files.insert(steps.join("::"), std::fs::read_to_string(&path).unwrap());
        }
        Self::of(files)
    }

    fn of(files: BTreeMap<Module, String>) -> Self {
        let without_tests =
            |text: String| code(text.split("#[cfg(test)]\nmod tests").next().unwrap());
        Self(
            files
                .into_iter()
                .map(|(module, text)| (module, without_tests(text)))
                .collect(),
        )
    }

    /// The file that a path leads to, through re-exports.
    fn file(&self, path: &str) -> Option<Module> {
        let mut module = path;
        while !self.0.contains_key(module) {
            module = module.rsplit_once("::")?.0;
        }
        let Some(item) = path
            .strip_prefix(module)
            .and_then(|rest| rest.strip_prefix("::"))
        else {
            return Some(module.to_owned());
        };
        let item = item.split("::").next().unwrap();
        for exported in paths(&self.0[module], "pub use ") {
            let is_it = exported.rsplit("::").next() == Some(item);
            let target = format!("{module}::{exported}");
            if is_it
                && exported.contains("::")
                && self.0.contains_key(target.rsplit_once("::").unwrap().0)
            {
                return self.file(&target);
            }
        }
        Some(module.to_owned())
    }

    /// The files of its own room that a file imports from, but its ancestors.
    fn imports(&self, module: &str) -> BTreeSet<Module> {
        let text = &self.0[module];
        let parent = module.rsplit_once("::").map_or("", |(parent, _)| parent);
        let of_parent = paths(text, "super::")
            .into_iter()
            .map(|path| format!("{parent}::{path}"));
        let absolute = paths(text, "crate::");
        let children = text
            .lines()
            .filter_map(|line| line.trim_start_matches("pub ").strip_prefix("mod "));
        let children =
            children.filter_map(|line| Some(format!("{module}::{}", line.strip_suffix(';')?)));
        let all = of_parent
            .chain(absolute)
            .chain(children)
            .filter_map(|path| self.file(&path));
        let is_ancestor =
            |other: &str| module == other || module.starts_with(&format!("{other}::"));
        all.filter(|other| room(other) == room(module) && !is_ancestor(other))
            .collect()
    }

    /// Every group of files that all lead to each other.
    fn circles(&self) -> BTreeSet<BTreeSet<Module>> {
        let imports: BTreeMap<&str, _> = self
            .0
            .keys()
            .map(|module| (module.as_str(), self.imports(module)))
            .collect();
        let reached = |from: &str| {
            let (mut seen, mut left) = (BTreeSet::new(), vec![from.to_owned()]);
            while let Some(module) = left.pop() {
                let next = imports.get(module.as_str()).into_iter().flatten();
                left.extend(next.filter(|next| seen.insert((*next).clone())).cloned());
            }
            seen
        };
        let reached: BTreeMap<&str, _> = self
            .0
            .keys()
            .map(|module| (module.as_str(), reached(module)))
            .collect();
        let circle = |module: &str| -> BTreeSet<_> {
            reached[module]
                .iter()
                .filter(|other| reached[other.as_str()].contains(module))
                .cloned()
                .collect()
        };
        self.0
            .keys()
            .map(|module| circle(module))
            .filter(|circle| circle.len() > 1)
            .collect()
    }
}

fn room(module: &str) -> &str {
    module.split("::").next().unwrap()
}

#[test]
fn no_files_of_a_room_form_a_circle() {
    let sources = Sources::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    assert!(sources.0.len() > 100, "the sources were not found");
    let circles: Vec<String> = sources
        .circles()
        .into_iter()
        .map(|circle| circle.into_iter().collect::<Vec<_>>().join(", "))
        .collect();
    assert!(circles.is_empty(), "{}", circles.join("\n"));
}

#[test]
fn a_circle_is_found() {
    let circles = |files: &[(&str, &str)]| {
        let files = files
            .iter()
            .map(|(module, text)| ((*module).to_owned(), (*text).to_owned()));
        Sources::of(files.collect()).circles().len()
    };
    let one_way = [
        ("a", "mod b; mod c;"),
        ("a::b", "use super::c::C;"),
        ("a::c", "use super::A;"),
    ];
    assert_eq!(circles(&one_way), 0);
    assert_eq!(
        circles(&[
            ("a::b", "use super::c::C;"),
            ("a::c", "fn f() { super::b::g() }")
        ]),
        1
    );
    assert_eq!(
        circles(&[
            ("a::b", "use crate::a::{d, c::C};"),
            ("a::c", "use super::b;")
        ]),
        1
    );
    // by a re-export, by a third file, and only in tests
    let exported = [
        ("a", "mod b;\nmod c;\npub use b::B;"),
        ("a::b", "use super::c;"),
        ("a::c", "use crate::a::B;"),
    ];
    assert_eq!(circles(&exported), 1);
    let three = [
        ("a::b", "use super::c;"),
        ("a::c", "use super::d;"),
        ("a::d", "use super::b;"),
    ];
    assert_eq!(circles(&three), 1);
    let tests = [
        ("a::b", "use super::c;"),
        (
            "a::c",
            "#[cfg(test)]\nmod tests {\n use super::super::b;\n}",
        ),
    ];
    assert_eq!(circles(&tests), 0);
}
