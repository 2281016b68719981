//! The golden cases: directories of `testdata/render`, each named after what it shows; those of
//! `testdata/check` are judged as a provider judges what is alone, and give diagnostics only.
//!
//! A case is `input.yaml` (or `input.json`, or several files in `input/`), perhaps `catalog.yaml`
//! and `settings.yaml` (a `Coupler`), and what comes out: `expected.yaml` or `expected/…`,
//! `expected-diagnostics.txt`, or both. `expected-env.yaml`, written by hand, has what the
//! processes see.

use std::path::{Path, PathBuf};

use coupler::api::{self, Settings};
use coupler::diagnostic::Diagnostic;
use coupler::manifest::{Place, Tree};
use coupler::render::{Input, Role, Source, check, render};

/// One case.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) dir: PathBuf,
    pub(crate) input: Input,
    /// Whether Interfaces and Sockets that are alone are judged too.
    alone: bool,
}

/// What rendering gave.
pub(crate) struct Outcome {
    /// One text per source of the stream; empty where nothing is emitted.
    pub(crate) texts: Vec<String>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The diagnostics as a person reads them.
    pub(crate) face: String,
    pub(crate) failed: bool,
}

impl Case {
    /// Every case, by name.
    pub(crate) fn all() -> Vec<Self> {
        let testdata = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
        let (render, check) = (testdata.join("render"), testdata.join("check"));
        Self::below(&render, false)
            .into_iter()
            .chain(Self::below(&check, true))
            .collect()
    }

    /// The cases of another directory of `testdata`, which are rendered first.
    pub(crate) fn in_directory(name: &str) -> Vec<Self> {
        Self::below(
            &Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("testdata")
                .join(name),
            false,
        )
    }

    fn below(root: &Path, alone: bool) -> Vec<Self> {
        let mut dirs: Vec<PathBuf> = std::fs::read_dir(root)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        dirs.sort();
        assert!(!dirs.is_empty(), "no golden case was found");
        dirs.into_iter().map(|dir| Self::read(dir, alone)).collect()
    }

    fn read(dir: PathBuf, alone: bool) -> Self {
        let mut files: Vec<PathBuf> = match std::fs::read_dir(dir.join("input")) {
            Ok(entries) => entries.map(|entry| entry.unwrap().path()).collect(),
            Err(_) => ["input.yaml", "input.json"]
                .map(|name| dir.join(name))
                .into_iter()
                .filter(|p| p.exists())
                .collect(),
        };
        files.sort();
        assert!(!files.is_empty(), "{} has no input", dir.display());
        let mut sources: Vec<Source> = files
            .iter()
            .map(|path| source(&dir, path, Role::Stream))
            .collect();
        let catalogue = dir.join("catalog.yaml");
        if catalogue.exists() {
            sources.push(source(&dir, &catalogue, Role::Catalogue));
        }
        let settings = settings(&dir.join("settings.yaml"));
        Self {
            dir,
            input: Input { sources, settings },
            alone,
        }
    }

    /// A case of this text alone.
    pub(crate) fn of(text: &str) -> Self {
        let source = Source {
            name: "input.yaml".to_owned(),
            text: text.to_owned(),
            role: Role::Stream,
        };
        Self {
            dir: PathBuf::new(),
            input: Input {
                sources: vec![source],
                settings: Settings::default(),
            },
            alone: true,
        }
    }

    pub(crate) fn name(&self) -> &str {
        self.dir.file_name().unwrap().to_str().unwrap()
    }

    pub(crate) fn run(&self) -> Outcome {
        let output = if self.alone {
            check(&self.input)
        } else {
            render(&self.input)
        };
        let failed = output.has_errors();
        let mut texts: Vec<String> = self.stream().iter().map(|_| String::new()).collect();
        for rendered in &output.rendered {
            texts[rendered.source as usize] = rendered.text();
        }
        let face = output.text(&self.input);
        Outcome {
            texts,
            diagnostics: output.diagnostics,
            face,
            failed,
        }
    }

    /// The texts of the stream's sources.
    pub(crate) fn stream(&self) -> Vec<String> {
        self.input
            .sources
            .iter()
            .filter(|s| s.role == Role::Stream)
            .map(|s| s.text.clone())
            .collect()
    }

    /// The same case over other texts of the stream.
    pub(crate) fn with(&self, texts: &[String]) -> Self {
        let mut case = self.clone();
        let stream = case
            .input
            .sources
            .iter_mut()
            .filter(|s| s.role == Role::Stream);
        stream
            .zip(texts)
            .for_each(|(source, text)| source.text.clone_from(text));
        case
    }

    /// Where the expected text of each source of the stream is.
    pub(crate) fn expected(&self) -> Vec<PathBuf> {
        let names = self
            .input
            .sources
            .iter()
            .filter(|s| s.role == Role::Stream && !self.alone);
        names
            .map(|s| self.dir.join(s.name.replacen("input", "expected", 1)))
            .collect()
    }
}

fn source(dir: &Path, path: &Path, role: Role) -> Source {
    let name = path.strip_prefix(dir).unwrap().to_str().unwrap().to_owned();
    let text =
        std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Source { name, text, role }
}

fn settings(path: &Path) -> Settings {
    let Ok(text) = std::fs::read_to_string(path) else {
        return Settings::default();
    };
    let tree = Tree::read(&text).unwrap();
    let mut diagnostics = coupler::diagnostic::Findings::new();
    let decoded = api::decode(
        &tree,
        tree.root().unwrap(),
        Place::default(),
        &api::Defaults::default(),
        &mut diagnostics,
    );
    assert!(
        diagnostics.is_empty(),
        "{}: {diagnostics:?}",
        path.display()
    );
    let Some(api::OwnObject::Settings(settings)) = decoded else {
        panic!("{} is no Coupler", path.display())
    };
    settings
}

/// The documents of a text, by its `---` lines; what is before the first is one if there is
/// more to it than comments.
pub(crate) fn documents(text: &str) -> Vec<String> {
    let mut documents = vec![String::new()];
    for line in text.split_inclusive('\n') {
        if line.trim_end() == "---" || line.starts_with("--- #") {
            documents.push(String::new());
        } else {
            documents.last_mut().unwrap().push_str(line);
        }
    }
    documents.retain(|d| {
        d.lines()
            .any(|line| !line.trim().is_empty() && !line.starts_with('#'))
    });
    documents
}
