//! Runs what the READMEs and the book promise: each `sh` block, in a copy of the examples, with
//! the built binary.
//!
//! The blocks of a README each begin in its own directory. Those of a page of the book are typed
//! into one shell, which begins in the copy's root: a `cd` counts for the blocks after it.
//!
//! A block right behind it (`text`, `yaml` or `diff`) is its output; a line `…` in it means
//! any lines. A `sh` block without one must succeed. A block marked `sh needs kpt` is run where
//! that program is there. A block marked `sh ignore` is for the reader alone, and so is a line that
//! calls Cargo: only `cargo run --release -- …` is run, with the binary that is there already.
//! `COUPLER_BLESS=1` corrects the outputs.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{book, host};

/// A fenced block: its info string, its lines, the line it begins on, and whether it follows the
/// block before directly.
#[derive(Debug, PartialEq)]
struct Block<'a> {
    info: &'a str,
    text: String,
    line: usize,
    follows: bool,
}

fn blocks(page: &str) -> Vec<Block<'_>> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    let (mut open, mut follows) = (false, false);
    for (i, line) in page.lines().enumerate() {
        match line.strip_prefix("```") {
            Some(_) if open => (open, follows) = (false, true),
            Some(info) => {
                blocks.push(Block {
                    info: info.trim(),
                    text: String::new(),
                    line: i + 1,
                    follows,
                });
                open = true;
            }
            None if open => {
                let text = &mut blocks.last_mut().unwrap().text;
                text.push_str(line);
                text.push('\n');
            }
            None => follows &= line.trim().is_empty(),
        }
    }
    blocks
}

/// Whether a text is what was promised, where a line `…` matches any lines.
fn fits(promised: &str, actual: &str) -> bool {
    fn lines(promised: &[&str], actual: &[&str]) -> bool {
        match promised.split_first() {
            None => actual.is_empty(),
            Some((first, rest)) if first.trim() == "…" => {
                (0..=actual.len()).any(|skip| lines(rest, &actual[skip..]))
            }
            Some((first, rest)) => {
                actual
                    .first()
                    .is_some_and(|line| line.trim_end() == first.trim_end())
                    && lines(rest, &actual[1..])
            }
        }
    }
    lines(&split(promised), &split(actual))
}

/// A line of a block as it is run.
fn command(line: &str) -> Option<String> {
    let line = line.strip_prefix("$ ").unwrap_or(line);
    match line.strip_prefix("cargo run --release -- ") {
        Some(arguments) => Some(format!("coupler {arguments}")),
        None => (!line.starts_with("cargo ")).then(|| line.to_owned()),
    }
}

fn split(text: &str) -> Vec<&str> {
    text.trim_end().lines().collect()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

fn pages(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(pages(&path));
        } else if path.file_name().is_some_and(|name| name == "README.md") {
            found.push(path);
        }
    }
    found
}

/// The directory, as the beginning of a PATH, of the program that a block needs; `None` where the
/// block is not run.
fn needed(info: &str) -> Option<String> {
    let program = match info {
        "sh" => return Some(String::new()),
        "sh needs helm" => host::helm(),
        "sh needs kpt" => host::kpt(),
        "sh needs kustomize" => host::kustomize(),
        "sh ignore" => None,
        other => panic!("nobody knows what a block `{other}` needs"),
    };
    program.map(|program| format!("{}:", program.parent().unwrap().display()))
}

/// Where a block begins.
#[derive(Clone, Copy, PartialEq)]
enum Begins {
    /// In the page's directory.
    Anew,
    /// Where the block before it ended.
    WhereTheLastEnded,
}

/// Runs the blocks of one page, in `dir`, and returns what did not come out as promised; and the
/// page with what did.
fn run(page: &str, dir: &Path, begins: Begins) -> (Vec<String>, String) {
    let ended = tempfile::NamedTempFile::new().unwrap();
    let mut current = dir.to_owned();
    let coupler = Path::new(env!("CARGO_BIN_EXE_coupler")).parent().unwrap();
    let paths = std::env::var("PATH").unwrap_or_default();
    let (mut faults, mut corrected) = (Vec::new(), page.to_owned());
    let blocks = blocks(page);
    for (i, block) in blocks
        .iter()
        .enumerate()
        .filter(|(_, block)| block.info.starts_with("sh"))
    {
        let Some(needed) = needed(block.info) else {
            continue;
        };
        let path = format!("{}:{needed}{paths}", coupler.display());
        let promise = blocks
            .get(i + 1)
            .filter(|b| b.follows && ["text", "yaml", "diff"].contains(&b.info));
        let both = if promise.is_some_and(|p| p.info == "text") {
            "exec 2>&1\n"
        } else {
            ""
        };
        let script: String = block
            .text
            .lines()
            .filter_map(command)
            .map(|line| line + "\n")
            .collect();
        let mut shell = Command::new("sh");
        shell
            .arg("-c")
            .arg(format!("{both}trap 'pwd > \"$ENDED\"' EXIT\n{script}"))
            .current_dir(&current)
            .env("PATH", &path)
            .env("ENDED", ended.path())
            .env_remove("CLICOLOR_FORCE");
        let output = shell.output().unwrap();
        if begins == Begins::WhereTheLastEnded {
            let directory = std::fs::read_to_string(ended.path()).unwrap();
            current = PathBuf::from(directory.trim_end());
        }
        let stdout = String::from_utf8_lossy(&output.stdout);
        let stderr = String::from_utf8_lossy(&output.stderr);
        let kept = match promise {
            Some(promise) => fits(&promise.text, &stdout),
            None => output.status.success(),
        };
        if !kept {
            if let Some(promise) = promise {
                let written = format!("```{}\n{}```", promise.info, promise.text);
                corrected = corrected.replacen(
                    &written,
                    &format!("```{}\n{}\n```", promise.info, stdout.trim_end()),
                    1,
                );
            }
            faults.push(format!(
                "line {}: {}gives\n{stdout}{stderr}",
                block.line, block.text
            ));
        }
    }
    (faults, corrected)
}

/// Runs the blocks of these pages, each page in a copy of the examples of its own.
fn hold(pages: &[PathBuf], begins: Begins) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut faults = Vec::new();
    for page in pages {
        let sandbox = tempfile::tempdir().unwrap();
        for dir in ["examples", "krm-fn"] {
            copy(&root.join(dir), &sandbox.path().join(dir));
        }
        let relative = page.strip_prefix(root).unwrap();
        let dir = match begins {
            Begins::Anew => sandbox.path().join(relative.parent().unwrap()),
            Begins::WhereTheLastEnded => sandbox.path().to_owned(),
        };
        let (found, corrected) = run(&std::fs::read_to_string(page).unwrap(), &dir, begins);
        if std::env::var_os("COUPLER_BLESS").is_some() {
            std::fs::write(page, corrected).unwrap();
        }
        let named = |fault: &String| format!("{}, {fault}", relative.display());
        faults.extend(found.iter().map(named));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn what_the_readmes_promise_is_true() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut readmes = pages(&root.join("examples"));
    readmes.push(root.join("README.md"));
    hold(&readmes, Begins::Anew);
}

#[test]
fn what_the_book_promises_is_true() {
    hold(&book::pages(), Begins::WhereTheLastEnded);
}

#[test]
fn runs_the_blocks_of_a_page() {
    let dir = tempfile::tempdir().unwrap();
    let kept = "```sh\n$ printf 'a\\nb\\nc\\n'\n```\n\n```text\na\n…\nc\n```\n```sh ignore\nfalse\n```\n```sh\ncargo test\n```\n";
    assert_eq!(
        run(kept, dir.path(), Begins::Anew),
        (Vec::new(), kept.to_owned())
    );
    for broken in [
        "```sh\nfalse\n```\nwords\n```text\n```\n",
        "```sh\necho a\n```\n```yaml\nb\n```\n",
    ] {
        assert_eq!(run(broken, dir.path(), Begins::Anew).0.len(), 1, "{broken}");
    }
    let (_, corrected) = run(
        "```sh\necho a\n```\n```yaml\nb\n```\n",
        dir.path(),
        Begins::Anew,
    );
    assert_eq!(corrected, "```sh\necho a\n```\n```yaml\na\n```\n");
    std::fs::create_dir(dir.path().join("in")).unwrap();
    let moves = "```sh\ncd in\n```\n```sh\nbasename \"$(pwd)\"\n```\n```text\nin\n```\n";
    assert_eq!(run(moves, dir.path(), Begins::WhereTheLastEnded).0.len(), 0);
    assert_eq!(run(moves, dir.path(), Begins::Anew).0.len(), 1);
}
