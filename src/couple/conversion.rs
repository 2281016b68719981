//! Couples a Plug to a converted Socket: finds the version of its source, and validates what the
//! converter hands over and what the source gives.

use super::evaluate::{Evaluation, SourceKeys};
use super::index::{DefinedVersion, Index};
use super::prepared::{PreparedSockets, other_schemas, satisfied};
use super::provided::{Owner, ProvidedKeys};
use super::resolve::offers_no_interface;
use super::template::Side;
use super::version_mismatch::undefined_versions;
use super::{CouplingInput, SocketId, validate};
use crate::api::{Converter, Plug, Socket};
use crate::diagnostic::Findings;

/// A source that is converted for a Plug.
pub(super) struct Conversion<'i> {
    /// The source.
    pub source: SocketId,
    version: &'i DefinedVersion<'i>,
    /// What the converter hands over.
    plug: ProvidedKeys<'i>,
}

/// What becomes of a Socket for a Plug.
pub(super) enum ConversionSource<'i> {
    /// It is not converted.
    None,
    /// It is converted of this one.
    Converted(Conversion<'i>),
    /// It cannot be converted, which was reported.
    Failed,
}

impl<'i> ConversionSource<'i> {
    /// Finds what a Socket is converted of, and reads the keys of that.
    pub(super) fn prepare(
        integrations: &'i CouplingInput,
        index: &'i Index<'i>,
        sockets: &mut PreparedSockets<'i>,
        plug: &'i Plug,
        socket: SocketId,
        out: &mut Findings,
    ) -> Self {
        let Some(converter) = &integrations[socket].converter else {
            return Self::None;
        };
        let source = integrations.source_of(socket);
        let Some(version) = version(&integrations[source], converter, index, out) else {
            return Self::Failed;
        };
        sockets.prepare(integrations, index, source, version, out);
        let owner = Owner::converted_plug(plug, converter);
        let plug = ProvidedKeys::new(owner, version.side_schema(Side::Plug), &[], out);
        Self::Converted(Conversion {
            source,
            version,
            plug,
        })
    }
}

/// The highest version of a source that its converter takes.
fn version<'i>(
    source: &Socket,
    converter: &Converter,
    index: &'i Index<'i>,
    out: &mut Findings,
) -> Option<&'i DefinedVersion<'i>> {
    let Some(definition) = index.interfaces.get(source.interface.value.as_str()) else {
        out.report(offers_no_interface(source, None));
        return None;
    };
    if definition.broken {
        return None;
    }
    let listed = source.versions.iter();
    let admitted = listed.filter(|version| converter.source.admits(&version.value));
    let defined = admitted.filter_map(|version| definition.versions.get(&version.value));
    let highest = defined.max_by_key(|version| version.number);
    if highest.is_none() {
        out.extend(undefined_versions(source, definition));
    }
    highest
}

impl<'i> Conversion<'i> {
    /// Evaluates the source for a converted Socket, and validates both its sides.
    pub(super) fn convert<'s>(
        &'s self,
        integrations: &'i CouplingInput,
        index: &'i Index<'i>,
        sockets: &'s PreparedSockets<'i>,
        evaluation: &mut Evaluation<'s, 'i>,
    ) -> Option<()> {
        let version = self.version;
        let keys = SourceKeys {
            plug: &self.plug,
            socket: sockets.provided(self.source, version)?,
            version,
        };
        evaluation.convert(keys);
        evaluation.with_source(|inner| {
            inner.evaluate();
            validate::check(inner, Side::Plug, version, &[]);
            let kept = satisfied(index, &integrations[self.source], version);
            for each in &kept {
                let others = other_schemas(&kept, each);
                validate::check(inner, Side::Socket, each, &others);
            }
        })
    }
}
