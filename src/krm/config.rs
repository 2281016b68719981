//! Decodes a functionConfig into settings: none, a ConfigMap of flat strings (kpt's `--
//! KEY=VALUE`), or a `Coupler`.

use super::list::List;
use crate::api::{self, API_VERSION, Defaults, Integrations, OwnObject, Settings};
use crate::diagnostic::{Code, Diagnostic, Findings};
use crate::manifest::{Place, Reading};

/// The settings of a run; `None` if they have errors, which are reported.
///
/// By default our own kinds are marked `local-config`: a function returns what it was given.
pub(super) fn read(list: &List<'_>, out: &mut Findings) -> Option<Settings> {
    let default = Settings {
        integrations: Integrations::LocalConfig,
        ..Settings::default()
    };
    let Some(config) = list.config else {
        return Some(default);
    };
    let tree = &list.tree;
    let text = |key| {
        // decoding refuses aliases and merge keys
        tree.read_text(config, &[key]).shown().unwrap_or_default()
    };
    let (settings, holder) = match (text("apiVersion"), text("kind")) {
        ("v1", "ConfigMap") => (api::decode_data(tree, config, list.at(), out)?, "data"),
        (API_VERSION, "Coupler") => {
            match api::decode(tree, config, list.at(), &Defaults::default(), out)? {
                OwnObject::Settings(settings) => (settings, "spec"),
                _ => return None,
            }
        }
        (version, kind) => {
            out.report(
                unknown(version, kind).at(place(list, &["kind"]), "not settings of coupler"),
            );
            return None;
        }
    };
    if !settings.catalog.is_empty() {
        let message = "`catalog` names files, and a function reads no files";
        out.report(
            Diagnostic::error(Code::InvalidField, message)
                .at(place(list, &[holder, "catalog"]), "cannot be read")
                .help(format!(
                    "give the objects as items, annotated `{}: \"true\"`",
                    api::CATALOGUE_ANNOTATION
                )),
        );
        return None;
    }
    match tree.read_at(config, &[holder, "integrations"]) {
        Reading::Value(_) | Reading::NotReadable(_) => Some(settings),
        Reading::Absent => Some(Settings {
            integrations: default.integrations,
            ..settings
        }),
    }
}

/// Where a member of the functionConfig is, or the functionConfig.
fn place(list: &List<'_>, path: &[&str]) -> Place {
    let at = list.at();
    let node = list
        .config
        .and_then(|config| list.tree.read_at(config, path).shown())
        .or(list.config);
    let span = node.map(|node| list.tree.span(node)).unwrap_or_default();
    let shift = |offset| at.span.start + offset;
    Place {
        span: crate::manifest::Span {
            start: shift(span.start),
            end: shift(span.end),
        },
        ..at
    }
}

fn unknown(version: &str, kind: &str) -> Diagnostic {
    let what = if kind.is_empty() {
        "an object without a kind".to_owned()
    } else {
        format!("`{version}` `{kind}`")
    };
    let message = format!("the functionConfig is {what}, which coupler cannot read");
    let diagnostic = Diagnostic::error(Code::UnsupportedApi, message);
    let near = api::suggest(kind, ["ConfigMap", "Coupler"])
        .map(|near| format!("did you mean `{near}`? "))
        .unwrap_or_default();
    diagnostic.help(format!("{near}write settings as `kind: Coupler` of `{API_VERSION}`, or as `kind: ConfigMap` of `v1` with them in `data`"))
}
