//! Finds what `coupler watch` watches for the kinds that are named to it: the built-in table, and
//! the mappings behind the settings.

use crate::cli::args::{Flags, NamedKind, WatchArgs};
use crate::cli::exit::Exit;
use crate::cli::fault::{Error, TypedContext as _};
use crate::cli::settings::{self, WrongSettings};
use crate::diagnostic::lines;
use crate::drift::LiveKind;
use crate::manifest::stream::{Stream, group};
use crate::project::{BUILT_IN, WorkloadKinds, plural};
use crate::render::Source;

/// The kinds that are named; and those that are always watched, where a mapping replaces what is
/// built in.
pub(super) fn named(args: &WatchArgs) -> Result<Vec<&'static LiveKind>, Error> {
    let flags = Flags {
        settings: args.settings.clone(),
        ..Flags::default()
    };
    let source = settings::load(&flags, None)?.mappings;
    let known = source.as_ref().map_or(&BUILT_IN, read);
    let mut kinds = Vec::new();
    for name in &args.kind {
        let (api_version, kind) = match name {
            NamedKind::Resource(known) => (known.api_version(), known.kind),
            // it is one for the whole process
            NamedKind::Versioned { kind, api_version } => {
                (&*api_version.clone().leak(), &*kind.clone().leak())
            }
        };
        kinds.push(find(api_version, kind, known, source.as_ref())?);
    }
    for always in LiveKind::always() {
        if known
            .mapped_resource(always.api_version, always.kind)
            .is_some()
        {
            let found = find(always.api_version, always.kind, known, source.as_ref())?;
            kinds.push(found);
        }
    }
    Ok(kinds)
}

/// The mappings of a file, which are there for the whole process.
fn read(source: &Source) -> &'static WorkloadKinds {
    let mut stream = Stream::default();
    stream.add(0, &source.text, true);
    Box::leak(Box::new(WorkloadKinds::read(&stream)))
}

fn find(
    api_version: &'static str,
    kind: &'static str,
    known: &'static WorkloadKinds,
    source: Option<&Source>,
) -> Result<&'static LiveKind, Error> {
    if let Some(found) = LiveKind::known(api_version, kind, known) {
        return Ok(Box::leak(Box::new(found)));
    }
    let faults = known.faults(api_version, kind);
    if let (Some(source), false) = (source, faults.is_empty()) {
        let wrong = WrongSettings {
            name: source.name.clone(),
            text: source.text.clone(),
            diagnostics: faults,
        };
        return Err(Error::new(wrong).exit(Exit::Findings));
    }
    let plural = plural(kind);
    let resource = match group(api_version) {
        "" => plural,
        group => format!("{plural}.{group}"),
    };
    let error = Error::msg(format!(
        "where a `{kind}` of `{api_version}` has its pods is not known"
    ));
    Err(error.help(lines![
        ("give the settings that its mapping follows: --settings coupler.yaml, with"),
        ("  apiVersion: servicebinding.io/v1"),
        ("  kind: ClusterWorkloadResourceMapping"),
        ("  metadata: {{name: {resource}}}")
    ]))
}
