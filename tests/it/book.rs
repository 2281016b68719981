//! Checks the book in `docs/`: its summary lists every page, and every link of it and of the other
//! documents leads to a file and a heading that exist.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Markdown file below a directory.
fn markdown(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(markdown(&path));
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The pages of the book.
pub(crate) fn pages() -> Vec<PathBuf> {
    markdown(&root().join("docs/src"))
}

/// The lines of a page outside of code blocks.
fn prose(page: &str) -> impl Iterator<Item = &str> {
    let mut code = false;
    page.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        code ^= fence;
        !code && !fence
    })
}

/// A line without what is written as code in it.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect()
}

/// The targets of a page's links.
fn links(page: &str) -> Vec<String> {
    let targets = |line: &str| -> Vec<String> {
        let line = without_code(line);
        let after = line.split("](").skip(1);
        after
            .filter_map(|rest| rest.split_once(')'))
            .map(|(target, _)| target.to_owned())
            .collect()
    };
    prose(page).flat_map(targets).collect()
}

/// The anchor that mdBook and GitHub make of a heading.
fn anchor(heading: &str) -> String {
    let kept = |c: char| match c {
        ' ' => Some('-'),
        '-' | '_' => Some(c),
        _ if c.is_alphanumeric() => Some(c.to_ascii_lowercase()),
        _ => None,
    };
    heading.chars().filter_map(kept).collect()
}

/// The anchors of a page; a heading that is repeated gets a number.
fn anchors(page: &str) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut anchors = Vec::new();
    for line in prose(page).filter(|line| line.starts_with('#')) {
        let name = anchor(line.trim_start_matches('#').trim());
        let count = seen.entry(name.clone()).or_default();
        anchors.push(match *count {
            0 => name,
            n => format!("{name}-{n}"),
        });
        *count += 1;
    }
    anchors
}

/// The path without `..` in it.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                normal.pop();
            }
            Component::CurDir => {}
            other => normal.push(other),
        }
    }
    normal
}

/// What is wrong with a link of a file, if anything.
fn fault(file: &Path, link: &str) -> Option<String> {
    if link.starts_with("https://") || link.starts_with("http://") {
        return None;
    }
    let (path, heading) = match link.split_once('#') {
        Some((path, heading)) => (path, Some(heading)),
        None => (link, None),
    };
    let target = match path {
        "" => file.to_owned(),
        path => normal(&file.parent().unwrap().join(path)),
    };
    if !target.exists() {
        return Some("no such file".to_owned());
    }
    let book = root().join("docs/src");
    if file.starts_with(&book) && !target.starts_with(&book) {
        return Some("the built book does not have it".to_owned());
    }
    let heading = heading?;
    let known = anchors(&std::fs::read_to_string(&target).unwrap());
    let missing = !known.iter().any(|known| known == heading);
    missing.then(|| format!("no such heading; it has {}", known.join(", ")))
}

#[test]
fn every_link_leads_somewhere() {
    let mut files = pages();
    for directory in ["examples", "krm-fn"] {
        files.extend(markdown(&root().join(directory)));
    }
    for file in [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
    ] {
        files.push(root().join(file));
    }
    let (mut seen, mut faults) = (0, Vec::new());
    for file in &files {
        for link in links(&std::fs::read_to_string(file).unwrap()) {
            seen += 1;
            if let Some(fault) = fault(file, &link) {
                faults.push(format!("{}: {link}: {fault}", file.display()));
            }
        }
    }
    assert!(seen > 100, "{seen} links only");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_summary_lists_every_page_once() {
    let book = root().join("docs/src");
    let summary = book.join("SUMMARY.md");
    let mut listed: Vec<PathBuf> = links(&std::fs::read_to_string(&summary).unwrap())
        .iter()
        .map(|link| book.join(link))
        .collect();
    listed.sort();
    let mut pages = pages();
    pages.retain(|page| *page != summary);
    assert_eq!(listed, pages);
}

#[test]
fn a_link_that_leads_nowhere_is_found() {
    let page = root().join("docs/src/tutorial.md");
    for broken in ["gone.md", "#gone", "guides/files.md#gone", "../book.toml"] {
        assert!(fault(&page, broken).is_some(), "{broken}");
    }
    for good in ["#install", "guides/files.md", "https://example.com"] {
        assert_eq!(fault(&page, good), None);
    }
    assert_eq!(
        links("a [b](c.md#d)\n```\n[x](y)\n```\n`[x](y)`"),
        ["c.md#d"]
    );
    assert_eq!(anchors("# A `b`: c\n## d\n## d\n"), ["a-b-c", "d", "d-1"]);
}
