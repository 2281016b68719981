//! Runs the steps of coupling in order: read it first to know this module.

use std::rc::Rc;

use super::adapt::{AdaptedSecrets, report_conflicts, take_over};
use super::conversion::ConversionSource;
use super::evaluate::{CouplingRun, Evaluation};
use super::index::{DefinedVersion, Index};
use super::prepared::{PreparedSockets, library, other_schemas, satisfied, socket_name};
use super::provided::{Owner, ProvidedKeys, subject};
use super::resolve::{Resolved, Resolver};
use super::secret_makers::SecretMakers;
use super::socket_coupling::SocketCouplings;
use super::template::Side;
use super::{
    Binding, Bindings, Coupling, CouplingInput, CouplingNames, CouplingResult, DefaultEnv,
    Delivery, Objects, PlugId, ResolvedPlug, SocketId, bind, config_not_read, consumer, fields,
    files, not_bound, resource_rules, resources, service_binding, validate,
};
use crate::api::Plug;
use crate::diagnostic::{self, Affected, Code, Diagnostic, Findings};

/// Couples every Plug: all of them, or all reasons why not.
pub fn couple(integrations: &CouplingInput, objects: &dyn Objects) -> CouplingResult {
    let plugs = integrations.plugs.iter();
    let asked = plugs.map(|plug| plug.interface.value.as_str());
    let sockets = integrations.sockets.iter();
    let written = sockets.filter(|socket| socket.writes());
    let offered = written.map(|socket| socket.interface.value.as_str());
    let converted = integrations.converted.iter();
    let sources = converted.map(|one| integrations[one.source].interface.value.as_str());
    let library = library(asked.chain(offered).chain(sources));
    let mut out = Findings::new();
    report_conflicts(integrations, &mut out);
    let index = Index::new(integrations, &library, &mut out);
    let mut run = CouplingRun::new(objects, out);
    run.makers = secret_makers(integrations, objects);
    let mut resolver = Resolver::new(integrations, &index);
    let mut sockets = PreparedSockets::default();
    let mut of_sockets = SocketCouplings::new(integrations);
    let mut plugs: Vec<_> = integrations.plugs().collect();
    plugs.sort_by_key(|(_, plug)| (&plug.meta.namespace, &plug.meta.name.value, plug.meta.at));
    let mut resolved = Vec::new();
    let mut couplings = Vec::new();
    for (id, plug) in plugs {
        if plug.suspend || plug.meta.broken {
            continue;
        }
        if let Resolved::To(socket, version) = resolver.resolve(id, plug, &mut run.out) {
            resolved.push(ResolvedPlug { plug: id, socket });
            sockets.prepare(integrations, &index, socket, version, &mut run.out);
            let before = run.out.mark();
            let source = ConversionSource::prepare(
                integrations,
                &index,
                &mut sockets,
                plug,
                socket,
                &mut run.out,
            );
            let pair = Pair {
                plug: id,
                socket,
                version,
                source,
            };
            let coupling = pair.couple(&mut run, &index, &sockets, integrations, &mut of_sockets);
            if coupling.is_none() {
                of_sockets.lack(integrations.source_of(socket));
            }
            couplings.extend(coupling);
            // several keys may run into one mistake, such as the name of the Secret that they come
            // from
            run.out.without_repeats_since(before);
            let affected = Affected {
                at: Some(plug.meta.name.at),
                subject: subject("Plug", &plug.meta),
            };
            run.out.share_since(before, &affected);
        }
    }
    let service_bindings = service_binding::couple(integrations, &mut run);
    let written = of_sockets.couple(&mut run, &index, &mut resolver, &mut sockets);
    // a Plug that is defined twice was reported: that both write the same variables only follows
    let meta = |coupling: &Coupling| &integrations[coupling.plug].meta;
    couplings.dedup_by(|b, a| {
        (&meta(a).namespace, &meta(a).name.value) == (&meta(b).namespace, &meta(b).name.value)
    });
    CouplingResult {
        resolved,
        couplings,
        sockets: written,
        service_bindings,
        diagnostics: take_over(run.out.conclude(&[]), integrations),
    }
}

/// The objects of the input that make Secrets.
pub(super) fn secret_makers<'a>(
    integrations: &'a CouplingInput,
    objects: &'a dyn Objects,
) -> Option<Box<dyn SecretMakers + 'a>> {
    let objects = objects.adaptable()?;
    Some(Box::new(AdaptedSecrets::new(
        objects,
        &integrations.adapters,
    )))
}

/// A Plug, the Socket that it resolved to, and the version that counts.
struct Pair<'i> {
    plug: PlugId,
    socket: SocketId,
    version: &'i DefinedVersion<'i>,
    /// What the Socket is converted from.
    source: ConversionSource<'i>,
}

impl<'i> Pair<'i> {
    /// Checks both sides against the version, and evaluates what the Plug binds; `None`: there are
    /// errors.
    fn couple(
        self,
        run: &mut CouplingRun<'i>,
        index: &'i Index<'i>,
        sockets: &PreparedSockets<'i>,
        integrations: &'i CouplingInput,
        of_sockets: &mut SocketCouplings<'i>,
    ) -> Option<Coupling> {
        let (plug, socket) = (&integrations[self.plug], &integrations[self.socket]);
        let version = self.version;
        let conversion = match &self.source {
            ConversionSource::None => None,
            ConversionSource::Converted(conversion) => Some(conversion),
            ConversionSource::Failed => return None,
        };
        let provided_by_socket = sockets.provided(self.socket, version)?;
        let before = run.out.mark();
        let provided_by_plug = ProvidedKeys::new(
            Owner::plug(plug),
            version.side_schema(Side::Plug),
            &[],
            &mut run.out,
        );
        if let Some(text) = &version.written.deprecated {
            run.out.report(deprecated(plug, version, text));
        }
        let judged = resource_rules::judge(&provided_by_plug, &plug.resources, &mut run.out);
        let mut evaluation =
            Evaluation::new(run, Some(&provided_by_plug), provided_by_socket, version);
        // before any key is evaluated
        match consumer::find(evaluation.run.objects, plug.binder()) {
            Ok(consumer) => evaluation.consumer = consumer,
            Err(error) => {
                evaluation.report(*error);
                return None;
            }
        }
        if let Some(conversion) = conversion {
            conversion.convert(integrations, index, sockets, &mut evaluation)?;
        }
        evaluation.evaluate();
        validate::check(&mut evaluation, Side::Plug, version, &[]);
        let kept = satisfied(index, socket, version);
        for each in &kept {
            let others = other_schemas(&kept, each);
            validate::check(&mut evaluation, Side::Socket, each, &others);
        }
        let files = files::bind(&mut evaluation, plug, socket, version);
        let bound = files.as_ref().map(Option::as_ref).map_err(|&why| why);
        let fields = fields::bind(&mut evaluation, plug.binder());
        let written = fields.as_deref().unwrap_or_default();
        let variables = bind::bind(&mut evaluation, plug, bound, written);
        let mut written_by_both = Vec::new();
        if judged.is_none() {
            written_by_both.push((Side::Plug, &plug.resources));
        }
        if !sockets.is_refused(self.socket) {
            written_by_both.push((Side::Socket, &socket.resources));
        }
        let mut objects = Vec::new();
        for (side, written) in written_by_both {
            // what has no value was reported
            objects.extend(resources::resolve(&mut evaluation, side, written).unwrap_or_default());
        }
        if let Some(conversion) = conversion {
            let source = conversion.source;
            let written = match sockets.is_refused(source) {
                true => &[][..],
                false => &integrations[source].resources,
            };
            let made = evaluation.with_source(|inner| {
                of_sockets.add(self.plug, source, inner);
                resources::resolve(inner, Side::Socket, written)
            });
            objects.extend(made?.unwrap_or_default());
        }
        let (Ok(files), Ok(variables), Ok(fields)) = (files, variables, fields) else {
            return None;
        };
        let given = not_bound::given_secrets(&evaluation);
        let default_env = DefaultEnv::of(plug, &evaluation);
        of_sockets.add(self.plug, self.socket, &evaluation);
        if diagnostic::has_errors(run.out.since(before)) {
            return None;
        }
        let mut coupling = Coupling {
            plug: self.plug,
            socket: self.socket,
            names: CouplingNames {
                binder: plug.meta.name.value.clone(),
                socket: socket_name(socket),
                interface: format!("{}@{}", plug.interface.value, version.number),
                at: plug.meta.name.at,
                default_env: default_env.clone(),
            },
            version: version.number.clone(),
            written: Bindings {
                deliveries: vec![Delivery {
                    targets: Rc::clone(&plug.workloads),
                    bindings: variables
                        .into_iter()
                        .map(Binding::Env)
                        .chain(files.map(Binding::Files))
                        .collect(),
                }],
                fields,
            },
            resources: objects,
            secrets_not_bound: Vec::new(),
        };
        let reading = &integrations[integrations.source_of(self.socket)];
        run.out.report_all(config_not_read::judge(plug, reading));
        let is_empty = coupling.written.is_empty();
        if is_empty && plug.env.is_none() {
            let warning = not_bound::nothing_bound(plug, version, provided_by_socket);
            run.out.report(warning);
        }
        if !is_empty {
            coupling.secrets_not_bound = given.not_bound(&coupling);
        }
        if !coupling.secrets_not_bound.is_empty() && !plug.workloads.is_empty() {
            let keys = &coupling.secrets_not_bound;
            let info =
                not_bound::secrets_not_bound(plug, provided_by_socket, default_env.as_ref(), keys);
            run.out.report(info);
        }
        Some(coupling)
    }
}

fn deprecated(plug: &Plug, version: &DefinedVersion<'_>, text: &str) -> Diagnostic {
    let message = format!(
        "Interface `{}` {} is deprecated: {text}",
        version.name, version.number
    );
    let place = plug
        .version
        .as_ref()
        .map_or(plug.interface.at, |version| version.at);
    let diagnostic =
        Diagnostic::warning(Code::DeprecatedVersion, message).at(place, "coupled by this version");
    let diagnostic = if version.builtin {
        diagnostic
    } else {
        diagnostic.at(version.written.version.at, "deprecated here")
    };
    diagnostic.on(subject("Plug", &plug.meta))
}
