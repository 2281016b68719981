//! Migrates one Plug or Socket: its document, and the Interface of a Socket next to it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::MigratedDocument;
use super::config::{NewConfig, new_config};
use super::document::{ObjectDocument, SpecContent, SpecItem, SpecMember};
use super::fields;
use super::interface::{self, InterfaceNames, label};
use super::namespaces;
use super::old_object::{OldParty, OldSide};
use super::old_objects::OldObjects;
use super::read::OldReader;
use super::report::{MigrationOutcome, MigrationReport};
use super::resource::{MigratedResource, new_resources};
use super::sources::{OldDocument, value};
use super::template_scope::{MigrationRun, TemplateScope, TemplateStage};
use crate::api::{self, API_VERSION};
use crate::edit::{LongTexts, Member, Value, document};
use crate::manifest::Tree;

/// What the migration of each object depends on.
pub(super) struct PartyMigration<'m> {
    /// All objects.
    pub objects: &'m OldObjects,
    /// The names of all Interfaces.
    pub interfaces: &'m InterfaceNames,
    /// What all templates share.
    pub run: &'m MigrationRun,
}

/// The names of the Interfaces of all Sockets.
pub(super) fn interface_names(objects: &OldObjects, run: &MigrationRun) -> InterfaceNames {
    let sockets = objects.parties().iter();
    let sockets = sockets.filter(|party| party.side == OldSide::Socket);
    let versions: Vec<_> = sockets
        .map(|socket| {
            let scope = TemplateScope::new(objects, socket, TemplateStage::Config, run);
            // what becomes of its keys is reported where the Socket is written
            let config = new_config(socket, objects, &scope, &mut MigrationReport::default());
            (socket, interface::version(socket, objects, &config))
        })
        .collect();
    InterfaceNames::new(versions.iter().map(|(socket, version)| (*socket, version)))
}

impl PartyMigration<'_> {
    /// The documents that an object becomes.
    pub(super) fn documents<'a>(
        &self,
        old: &OldDocument<'a>,
        party: &OldParty,
        report: &mut MigrationReport,
    ) -> Vec<MigratedDocument<'a>> {
        let Ok(tree) = Tree::read(&old.readable) else {
            return vec![MigratedDocument {
                text: old.text.clone(),
            }];
        };
        let Some(root) = tree.root() else {
            return Vec::new();
        };
        let message = format!("it is a {} of `{API_VERSION}`", party.side.kind());
        report.add(
            MigrationOutcome::CarriedOver,
            &party.subject,
            party.at,
            message,
        );
        let scope = |stage| TemplateScope::new(self.objects, party, stage, self.run);
        let config = new_config(party, self.objects, &scope(TemplateStage::Config), report);
        let resources = new_resources(party, &scope(TemplateStage::Resource), report);
        fields::report_others(party, report);
        let spec = match party.side {
            OldSide::Plug => self.plug_spec(party, &config, resources, report),
            OldSide::Socket => self.socket_spec(party, &config, resources, report),
        };
        let reader = OldReader {
            tree: &tree,
            source: old.source,
            start: 0,
            namespace: None,
        };
        let metadata = tree.read_at(root, &["metadata"]).shown();
        let metadata = metadata.and_then(|metadata| reader.manifest(metadata).ok());
        let object = ObjectDocument { tree: &tree, root };
        let mut documents = vec![MigratedDocument {
            text: Cow::Owned(object.with_spec(metadata.as_ref().map(value), spec)),
        }];
        if party.side == OldSide::Socket {
            let version = interface::version(party, self.objects, &config);
            let has_namespace = tree
                .read_at(root, &["metadata", "namespace"])
                .shown()
                .is_some();
            documents.push(self.interface_document(party, version, has_namespace, report));
        }
        documents
    }

    /// The Interface of a Socket, or of the Socket that a Plug names.
    fn interface_name(&self, party: &OldParty) -> String {
        let socket = match party.side {
            OldSide::Socket => Some(party.subject.name.as_str()),
            OldSide::Plug => party
                .socket
                .as_ref()
                .map(|socket| socket.name.value.as_str()),
        };
        let namespace = match party.side {
            OldSide::Socket => party.subject.namespace.clone(),
            OldSide::Plug => OldObjects::socket_namespace(party),
        };
        self.interfaces
            .name(socket.unwrap_or_default(), namespace.as_deref())
    }

    fn plug_spec(
        &self,
        party: &OldParty,
        config: &NewConfig,
        resources: Vec<MigratedResource>,
        report: &mut MigrationReport,
    ) -> Vec<SpecMember> {
        let interface = self.interface_name(party);
        self.report_socket(party, &interface, report);
        let mut spec = vec![
            new_member("name", text(&label(&party.subject.name))),
            new_member("interface", map([("name", text(&interface))])),
        ];
        if party.socket.is_some() {
            spec.push(SpecMember {
                key: "socket",
                content: SpecContent::AsWritten,
                made_of: &["socket"],
            });
        }
        add_config(&mut spec, config);
        if resources.is_empty() {
            // it only hands its config to the Socket
            spec.push(new_member("bind", map([("env", Value::List(Vec::new()))])));
        }
        add_resources(&mut spec, resources);
        spec
    }

    fn report_socket(&self, party: &OldParty, interface: &str, report: &mut MigrationReport) {
        let Some(socket) = &party.socket else {
            let message = "it names no Socket: coupler uses the one of its namespace that fits";
            return report.add(MigrationOutcome::Changed, &party.subject, party.at, message);
        };
        if self.objects.socket(party).is_some() {
            return;
        }
        let message = format!(
            "the Socket `{}` is not in the input: its Interface is assumed to be `{interface}`, \
             and its keys are not known",
            socket.name.value
        );
        let at = socket.name.at;
        report.add(MigrationOutcome::Changed, &party.subject, at, message);
        report.help("migrate both together, or read its repository too: `--catalog PATH`");
    }

    fn socket_spec(
        &self,
        party: &OldParty,
        config: &NewConfig,
        resources: Vec<MigratedResource>,
        report: &mut MigrationReport,
    ) -> Vec<SpecMember> {
        let name = self.interface_name(party);
        let versions = Value::List(vec![text(interface::VERSION)]);
        let interface = map([("name", text(&name)), ("versions", versions)]);
        let mut spec = vec![new_member("interface", interface)];
        if let Some(allow) = namespaces::allow(party, report) {
            spec.push(SpecMember {
                key: "allow",
                content: SpecContent::Value(map([("namespaces", allow)])),
                made_of: &["validation"],
            });
        }
        self.report_shared_names(party, &resources, report);
        add_config(&mut spec, config);
        add_resources(&mut spec, resources);
        spec
    }

    /// Reports resources that several Plugs of one namespace share.
    fn report_shared_names(
        &self,
        party: &OldParty,
        resources: &[MigratedResource],
        report: &mut MigrationReport,
    ) {
        let mut plugs: BTreeMap<Option<&str>, usize> = BTreeMap::new();
        for plug in self.objects.plugs(party) {
            *plugs.entry(plug.subject.namespace.as_deref()).or_default() += 1;
        }
        let shared = plugs.into_iter().find(|(_, count)| *count > 1);
        let Some((namespace, count)) = shared else {
            return;
        };
        for resource in resources
            .iter()
            .filter(|resource| resource.is_of_namespace())
        {
            let old = &party.resources[resource.position];
            let message = format!(
                "`resources[{}]` has the same name for {count} Plugs of the namespace `{}`: the \
                 operator keeps the last one, and in coupler it is an error",
                resource.position,
                namespace.unwrap_or_default()
            );
            report.add(
                MigrationOutcome::NoCounterpart,
                &party.subject,
                old.at,
                message,
            );
            report
                .help("put the Plug's name into it too: `<% plug.namespace %>-<% plug.object %>`");
        }
    }

    fn interface_document<'a>(
        &self,
        party: &OldParty,
        version: Value<'static>,
        has_namespace: bool,
        report: &mut MigrationReport,
    ) -> MigratedDocument<'a> {
        let name = self.interface_name(party);
        let at = party
            .interface
            .as_ref()
            .map_or(party.at, |interface| interface.at);
        let message = format!(
            "the schema is version {} of the Interface `{name}`",
            interface::VERSION
        );
        report.add(MigrationOutcome::CarriedOver, &party.subject, at, message);
        let socket = &party.subject.name;
        if api::library(&label(socket)).is_some() {
            report.help(format!(
                "check whether the built-in Interface `{}` can replace it: `coupler explain {0}`",
                label(socket)
            ));
        }
        if self.interfaces.is_ambiguous(socket) {
            report.help(format!(
                "Sockets `{socket}` of other namespaces have other schemas: Plugs that are migrated without this one must name `{name}`"
            ));
        }
        let mut metadata: Vec<Member<'static>> = vec![("name".into(), text(&name))];
        let namespace = party.subject.namespace.as_ref().filter(|_| has_namespace);
        metadata.extend(namespace.map(|namespace| ("namespace".into(), text(namespace))));
        let spec = map([
            ("name", text(&name)),
            ("versions", Value::List(vec![version])),
        ]);
        let members: [Member<'static>; 4] = [
            ("apiVersion".into(), text(API_VERSION)),
            ("kind".into(), text("Interface")),
            ("metadata".into(), Value::Map(metadata)),
            ("spec".into(), spec),
        ];
        let lines = document(&members, "\n", LongTexts::AsLines);
        MigratedDocument {
            text: Cow::Owned(format!("{lines}\n")),
        }
    }
}

fn add_config(spec: &mut Vec<SpecMember>, config: &NewConfig) {
    if let Some(value) = config.config() {
        spec.push(if config.is_as_written {
            SpecMember {
                key: "config",
                content: SpecContent::AsWritten,
                made_of: &["config"],
            }
        } else {
            SpecMember {
                key: "config",
                content: SpecContent::Value(value),
                made_of: &["config", "configTemplate"],
            }
        });
    }
    if let Some(from) = config.config_from() {
        spec.push(SpecMember {
            key: "configFrom",
            content: SpecContent::Value(from),
            made_of: &["configSecretName", "configConfigMapName", "vars"],
        });
    }
}

fn add_resources(spec: &mut Vec<SpecMember>, resources: Vec<MigratedResource>) {
    if resources.is_empty() {
        return;
    }
    let items = resources.into_iter().map(|resource| SpecItem {
        value: resource.entry,
        position: resource.position,
        comments: resource.comments,
    });
    spec.push(SpecMember {
        key: "resources",
        content: SpecContent::Items(items.collect()),
        made_of: &["resources"],
    });
}

fn new_member(key: &'static str, value: Value<'static>) -> SpecMember {
    SpecMember {
        key,
        content: SpecContent::Value(value),
        made_of: &[],
    }
}

fn text(text: &str) -> Value<'static> {
    Value::Text(text.to_owned().into())
}

fn map<const N: usize>(members: [(&'static str, Value<'static>); N]) -> Value<'static> {
    let members = members.into_iter();
    Value::Map(members.map(|(key, value)| (key.into(), value)).collect())
}
