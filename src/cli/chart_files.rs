//! Checks the files of a chart before Helm reads them: Helm follows every link and every reference
//! of a schema, and its templates print any file of the chart.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;
use walkdir::{DirEntry, WalkDir};

use super::fault::{Error, TypedContext};
use super::path_within::{PathWithin, Refused, Root};
use super::read::{Named, PathTarget, open_within};
use super::walk::quoted;
use crate::diagnostic::lines;
use crate::limits;

/// What Helm checks values against: files and addresses that its references lead to are read.
const SCHEMA: &str = "values.schema.json";
/// The files of a chart that are none of its files to Helm.
const IGNORE: &str = ".helmignore";
/// The keywords of JSON Schema that lead to another schema.
const REFERENCES: [&str; 4] = ["$ref", "$dynamicRef", "$recursiveRef", "$schema"];
/// The dialects of JSON Schema that Helm knows by itself, behind `http://json-schema.org/` and
/// without the last `#`.
const DIALECTS: [&str; 6] = [
    "schema",
    "draft-04/schema",
    "draft-06/schema",
    "draft-07/schema",
    "draft/2019-09/schema",
    "draft/2020-12/schema",
];

/// What becomes of the schemas of a chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Schemas {
    /// Helm checks values against them.
    Obeyed,
    /// The chart contains an archive, whose schemas were not read: Helm checks nothing.
    Skipped,
}

/// Refuses a chart that would have Helm read what is not the chart's: by a link or a reference that
/// leads out of its repository, or below a `.git`, which holds credentials.
pub(super) fn judge(root: &Root, directory: &Path) -> Result<Schemas, Error> {
    let mut chart = Chart {
        root,
        directory,
        schemas: Schemas::Obeyed,
        left: Vec::new(),
        seen: BTreeSet::new(),
    };
    chart.left.push(directory.to_path_buf());
    while let Some(directory) = chart.left.pop() {
        chart.below(&directory)?;
    }
    Ok(chart.schemas)
}

struct Chart<'a> {
    root: &'a Root,
    directory: &'a Path,
    schemas: Schemas,
    /// Directories that are still to be judged.
    left: Vec<PathBuf>,
    /// Directories that links lead to.
    seen: BTreeSet<PathBuf>,
}

impl Chart<'_> {
    fn below(&mut self, directory: &Path) -> Result<(), Error> {
        let mut entries = WalkDir::new(directory).into_iter();
        while let Some(entry) = entries.next() {
            // what cannot be read is Helm's to report
            let Ok(entry) = entry else { continue };
            if entry.depth() == 0 {
                continue;
            }
            if entry.file_name() == ".git" && entry.file_type().is_dir() {
                self.git(entry.path())?;
                entries.skip_current_dir();
                continue;
            }
            self.entry(&entry)?;
        }
        Ok(())
    }

    fn entry(&mut self, entry: &DirEntry) -> Result<(), Error> {
        let path = entry.path();
        if entry.path_is_symlink() {
            match self.resolve(path) {
                Ok(within) if within.path().is_dir() => {
                    if self.seen.insert(within.path().to_path_buf()) {
                        self.left.push(within.path().to_path_buf());
                    }
                }
                Ok(_) | Err(Refused::Io(_)) => {}
                Err(refused @ Refused::Outside(_)) => return Err(refused.fault(path, self.root)),
            }
        }
        if self.is_trusted() {
            return Ok(());
        }
        if path.extension().is_some_and(|extension| extension == "tgz") {
            self.schemas = Schemas::Skipped;
        }
        if entry.file_name() == SCHEMA {
            return self.schema(path);
        }
        Ok(())
    }

    fn resolve(&self, path: &Path) -> Result<PathWithin, Refused> {
        let (parent, name) = (
            path.parent().unwrap_or(Path::new("")),
            path.file_name().unwrap_or_default(),
        );
        self.root.resolve(parent, Path::new(name))
    }

    /// Whether the user lets the chart read every file.
    fn is_trusted(&self) -> bool {
        self.root.path().parent().is_none()
    }

    /// Refuses a schema that leads out of itself.
    fn schema(&self, path: &Path) -> Result<(), Error> {
        // Helm reports a schema that is not there
        let Ok(within) = self.resolve(path) else {
            return Ok(());
        };
        let shown = format!("`{}`", path.display());
        let text = open_within(&within, path)?.text(&shown, limits::CHART_FILE_BYTES)?;
        let wrong = match serde_json::from_str::<Value>(&text) {
            Ok(schema) => leads_to(&schema)
                .map(|target| format!("{shown} refers to `{target}`, which is not in it")),
            Err(error) => Some(format!("{shown} cannot be read: {error}")),
        };
        wrong.map_or(Ok(()), |wrong| {
            let help = "a schema may refer only to itself, as in `#/definitions/port`; if you trust the author of the chart:\n  \
                        --repository /";
            Err(Error::msg(wrong).help(help))
        })
    }

    /// Refuses a directory of Git's that templates could print.
    fn git(&self, path: &Path) -> Result<(), Error> {
        if self.ignores_git()? {
            return Ok(());
        }
        let ignore = quoted(&self.directory.join(IGNORE));
        Err(Error::msg(format!(
            "`{}` is in the chart, and may contain credentials",
            path.display()
        ))
        .help(lines![
            ("leave it out of the chart:"),
            ("  echo .git/ >> {ignore}")
        ]))
    }

    fn ignores_git(&self) -> Result<bool, Error> {
        let named = Named::Found {
            root: self.root.clone(),
            directory: self.directory.to_path_buf(),
            path: IGNORE.into(),
        };
        if !self.directory.join(IGNORE).exists() {
            return Ok(false);
        }
        let PathTarget::File(opened) = named.open() else {
            return Ok(false);
        };
        let text = opened?.text(&format!("`{IGNORE}`"), limits::CHART_FILE_BYTES)?;
        Ok(leaves_git_out(&text))
    }
}

/// Whether a `.helmignore` surely leaves out every `.git`: one that denies a pattern is not
/// understood here.
fn leaves_git_out(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim);
    lines.clone().any(|line| line == ".git" || line == ".git/")
        && !lines.any(|line| line.starts_with('!'))
}

/// Where a schema leads, if that is not in it.
fn leads_to(schema: &Value) -> Option<&str> {
    match schema {
        Value::Object(members) => members.iter().find_map(|(key, value)| match value {
            Value::String(target) if REFERENCES.contains(&key.as_str()) => Some(target.as_str())
                .filter(|target| !target.starts_with('#') && !is_dialect(target)),
            _ => leads_to(value),
        }),
        Value::Array(items) => items.iter().find_map(leads_to),
        _ => None,
    }
}

fn is_dialect(target: &str) -> bool {
    let rest = target
        .strip_prefix("http://json-schema.org/")
        .or_else(|| target.strip_prefix("https://json-schema.org/"));
    rest.is_some_and(|rest| DIALECTS.contains(&rest.strip_suffix('#').unwrap_or(rest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_that_leads_out_is_found_wherever_it_is() {
        let leads = |text: &str| leads_to(&serde_json::from_str(text).unwrap()).map(str::to_owned);
        for text in [
            "true",
            "[]",
            r##"{"$ref": "#"}"##,
            r##"{"properties": {"$ref": {"$ref": "#/definitions/a"}}}"##,
            r#"{"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "https://example.com/a"}"#,
        ] {
            assert_eq!(leads(text), None, "{text}");
        }
        for target in [
            "file:///etc/a",
            "a.json",
            "",
            " #",
            "https://json-schema.org/draft-07/schema/../../a",
        ] {
            for keyword in REFERENCES {
                let text = serde_json::json!({"a": [{"not": {keyword: target}}]}).to_string();
                assert_eq!(leads(&text).as_deref(), Some(target));
            }
        }
    }

    #[test]
    fn a_pattern_that_is_not_understood_leaves_nothing_out() {
        for text in [".git/", "# a\n\t.git\r\nb"] {
            assert!(leaves_git_out(text), "{text}");
        }
        for text in [
            "",
            "#.git/",
            ".git/\n!.git/config",
            "/.git",
            "a/.git/",
            "\u{feff}.git",
        ] {
            assert!(!leaves_git_out(text), "{text}");
        }
    }
}
