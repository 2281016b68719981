//! Migrates manifests of the integration-operator's `v1beta1` to coupler's `v1`: documents in,
//! documents and a report out.
//!
//! A document without an object of `v1beta1` goes out as the slice that it came in as, and so does
//! one that cannot be read. Of a Secret, only the names of its keys are read.

mod body;
mod body_type;
mod comments;
mod config;
mod document;
mod fields;
mod go_template;
mod interface;
mod namespaces;
mod old_object;
mod old_objects;
mod party;
mod policy;
mod read;
mod report;
mod residual;
mod resource;
mod secret_readers;
mod sources;
mod template_scope;
mod template_text;
mod translate;
mod ways_out;

use std::borrow::Cow;

use crate::manifest::{SourceId, Tree};
use crate::render::Input;
use old_object::{OldDeferred, OldObject, OldParty};
use old_objects::OldObjects;
use party::PartyMigration;
pub use report::{MigrationOutcome, MigrationReport, ReportLine};
use sources::{OldDocument, OldSources};
use template_scope::MigrationRun;

/// What a migration gives.
#[derive(Debug, Default)]
pub struct Migration<'a> {
    /// One for each source of the stream, in order.
    pub sources: Vec<MigratedSource<'a>>,
    /// What became of everything.
    pub report: MigrationReport,
}

/// A source, migrated.
#[derive(Debug)]
pub struct MigratedSource<'a> {
    /// Which source.
    pub source: SourceId,
    /// Its documents, in order: their texts are its bytes.
    pub documents: Vec<MigratedDocument<'a>>,
}

/// A document of the output.
#[derive(Debug)]
pub struct MigratedDocument<'a> {
    /// Its bytes, with the `---` before it.
    pub text: Cow<'a, str>,
}

impl MigratedDocument<'_> {
    /// The document without the `---` before it.
    pub fn alone(&self) -> &str {
        let text = self.text.trim_start_matches(['\r', '\n']);
        let rest = text.strip_prefix("---");
        rest.and_then(|rest| {
            rest.strip_prefix('\n')
                .or_else(|| rest.strip_prefix("\r\n"))
        })
        .unwrap_or(text)
    }

    /// A file name for it, without its ending: `plug-shop-db`; `None`: it is empty.
    pub fn file_name(&self) -> Option<String> {
        let text = self.alone();
        if crate::manifest::scan::is_empty(text) {
            return None;
        }
        let tree = Tree::read(text).ok();
        let text = |path: &[&str]| {
            let tree = tree.as_ref()?;
            let found = tree.read_text(tree.root()?, path).shown();
            found.map(str::to_owned)
        };
        let parts = [
            text(&["kind"]),
            text(&["metadata", "namespace"]),
            text(&["metadata", "name"]),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        let is_kept = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
        let name: String = parts
            .join("-")
            .chars()
            .map(|c| {
                if is_kept(&c) {
                    c.to_ascii_lowercase()
                } else {
                    '-'
                }
            })
            .take(200)
            .collect();
        Some(if name.trim_matches('-').is_empty() {
            "document".to_owned()
        } else {
            name
        })
    }
}

impl MigratedSource<'_> {
    /// Whether any document came out otherwise than it came in.
    pub fn is_changed(&self) -> bool {
        let mut documents = self.documents.iter();
        documents.any(|document| matches!(document.text, Cow::Owned(_)))
    }

    /// Its bytes.
    pub fn text(&self) -> String {
        self.documents
            .iter()
            .map(|document| &*document.text)
            .collect()
    }
}

/// Migrates the sources of the stream. Those of the catalogue are only read: for the Sockets that
/// Plugs name, and the Plugs of Sockets.
pub fn migrate(input: &Input) -> Migration<'_> {
    let mut report = MigrationReport::default();
    let found = OldSources::read(input, &mut report);
    let parties: Vec<OldParty> = found.parties().cloned().collect();
    let objects = OldObjects::new(parties, found.secrets.clone());
    let run = MigrationRun::new(found.readers(input.settings.namespace.as_deref()));
    let interfaces = party::interface_names(&objects, &run);
    let mut sources: Vec<MigratedSource<'_>> = Vec::new();
    for old in &found.documents {
        if sources.last().is_none_or(|last| last.source != old.source) {
            sources.push(MigratedSource {
                source: old.source,
                documents: Vec::new(),
            });
        }
        let Some(source) = sources.last_mut() else {
            continue;
        };
        let migration = PartyMigration {
            objects: &objects,
            interfaces: &interfaces,
            run: &run,
        };
        let documents = migrated(old, &migration, &mut report);
        for document in documents {
            separate(&mut source.documents, document);
        }
    }
    report.lines.sort_by_key(|line| line.at);
    Migration { sources, report }
}

/// What a document becomes.
fn migrated<'a>(
    old: &OldDocument<'a>,
    migration: &PartyMigration<'_>,
    report: &mut MigrationReport,
) -> Vec<MigratedDocument<'a>> {
    match &old.object {
        None => vec![MigratedDocument {
            text: old.text.clone(),
        }],
        Some(OldObject::Party(party)) => migration.documents(old, party, report),
        Some(OldObject::Deferred(deferred)) => {
            vec![deferred_document(old, deferred, report)]
        }
    }
}

/// Adds a document; where it does not begin with its own `---`, one is put before it.
fn separate<'a>(documents: &mut Vec<MigratedDocument<'a>>, mut document: MigratedDocument<'a>) {
    let before = documents.last().map(|last| &last.text);
    let is_written = documents
        .iter()
        .any(|document| matches!(document.text, Cow::Owned(_)));
    if let Some(before) = before
        && (is_written || matches!(document.text, Cow::Owned(_)))
        && !document.text.trim_start().starts_with("---")
        && !document.text.trim().is_empty()
    {
        let newline = if before.ends_with('\n') { "" } else { "\n" };
        document.text = Cow::Owned(format!("{newline}---\n{}", document.text));
    }
    documents.push(document);
}

/// The manifest of a DeferredResource, in its place.
fn deferred_document<'a>(
    old: &OldDocument<'a>,
    deferred: &OldDeferred,
    report: &mut MigrationReport,
) -> MigratedDocument<'a> {
    let Some(text) = sources::deferred_text(old, deferred) else {
        let message = "it is not changed: it does not contain a manifest";
        let outcome = MigrationOutcome::NoCounterpart;
        report.add(outcome, &deferred.subject, deferred.at, message);
        return MigratedDocument {
            text: old.text.clone(),
        };
    };
    let message = "the manifest in it is now a document, which is applied with all others";
    let outcome = MigrationOutcome::Changed;
    report.add(outcome, &deferred.subject, deferred.at, message);
    report.help(
        "the operator waited, applied it only if no such object existed, and never updated it",
    );
    for field in &deferred.others {
        let message = format!("`{}` is left out", field.value);
        report.add(outcome, &deferred.subject, field.at, message);
        if field.value == "waitFor" {
            report.help(
                "to apply other objects first, give them a lower sync wave: the annotation \
                 `argocd.argoproj.io/sync-wave`",
            );
        }
    }
    MigratedDocument {
        text: Cow::Owned(text),
    }
}
