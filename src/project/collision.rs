//! Writes the errors of a plan: which entries collide, and how to fix it.

use std::collections::BTreeMap;

use super::author::AuthorEntry;
use super::desired::DesiredCoupling;
use super::entry::{Conflict, Entry};
use super::owner::EntryOwner;
use super::service_binding::{files_elsewhere, with_root_known};
use super::slot::Slot;
use super::workload::{Collection, WorkloadNode};
use crate::api::{BinderKind, Spanned};
use crate::couple::DefaultEnv;
use crate::diagnostic::{Code, Diagnostic, Help, Paste, Subject, lines, list};
use crate::manifest::path::Step;
use crate::manifest::{NodeId, Place};

/// Where the entries go that collide.
pub(super) struct CollisionPlace<'p, 't> {
    pub(super) workload: &'p WorkloadNode<'t>,
    pub(super) collection: &'p Collection<'t>,
}

impl CollisionPlace<'_, '_> {
    /// The collection in words: ``container `web` of Deployment `web` ``.
    pub(super) fn called(&self) -> String {
        let called = self.workload.called();
        match self.collection.slot.container() {
            Some(container) => format!("container `{container}` of {called}"),
            None => called,
        }
    }
}

/// An entry, and the Plug or the Socket that writes it.
pub(super) type OfOwner<'w> = (EntryOwner<'w>, &'w Entry<'w>);

/// Entries that two owners both write, by the two: one prefix is what they share.
#[derive(Default)]
pub(super) struct Clashes<'w> {
    by_owners: BTreeMap<[EntryOwner<'w>; 2], Vec<[&'w Entry<'w>; 2]>>,
}

impl<'w> Clashes<'w> {
    pub(super) fn add(&mut self, (first, one): OfOwner<'w>, (second, other): OfOwner<'w>) {
        self.by_owners
            .entry([first, second])
            .or_default()
            .push([one, other]);
    }

    /// One error for each two.
    pub(super) fn into_errors<'s>(
        self,
        target: &'s CollisionPlace<'_, '_>,
        couplings: &'s [DesiredCoupling<'s>],
    ) -> impl Iterator<Item = Diagnostic> + use<'s, 'w> {
        self.by_owners.into_iter().map(|(owners, entries)| {
            let mut of_owners = couplings.iter();
            let second = of_owners.find(|coupling| coupling.owner == owners[1]);
            let default_env = second.and_then(|coupling| coupling.default_env);
            two_owners(target, owners, &entries, default_env)
        })
    }
}

/// The code of a collision in a collection.
fn code(slot: &Slot) -> Code {
    match slot {
        Slot::Env(_) => Code::EnvCollision,
        Slot::Labels
        | Slot::Annotations
        | Slot::Members(_)
        | Slot::Items(_)
        | Slot::Appended(_)
        | Slot::Found(_) => Code::FieldCollision,
        _ => Code::FilesCollision,
    }
}

fn two_owners(
    place: &CollisionPlace<'_, '_>,
    [first, second]: [EntryOwner<'_>; 2],
    entries: &[[&Entry<'_>; 2]],
    default_env: Option<&DefaultEnv>,
) -> Diagnostic {
    let target = place.called();
    let slot = &place.collection.slot;
    let names = list(entries.iter().map(|[_, entry]| slot.named(&entry.key)));
    let (message, help) = if first == second {
        (
            format!("{first} writes {names} twice into {target}"),
            Help::from("remove one of the two, or rename it"),
        )
    } else if code(slot) == Code::FieldCollision {
        (
            format!("{} both write {names} of {target}", first.and(&second)),
            Help::from(format!(
                "only one {} can write a field: remove one of the two",
                match first.kind == second.kind {
                    true => first.kind.word(),
                    false => "of them",
                }
            )),
        )
    } else if matches!(slot, Slot::Mounts(_)) {
        (
            format!("{} both mount {names} into {target}", first.and(&second)),
            files_elsewhere(second.kind, place.workload.owner(second)),
        )
    } else if code(slot) == Code::FilesCollision {
        let advice = format!("give one of them a name of its own, for example {second}:");
        (
            format!(
                "{} both write files of one name into {target}",
                first.and(&second)
            ),
            other_name(advice, place.workload.owner(second), second.name),
        )
    } else {
        let message = format!("{} both write {names} into {target}", first.and(&second));
        let help = match default_env {
            Some(default_env) => other_name(
                format!("give one of them a prefix of its own, for example {second}:"),
                default_env.plug.clone(),
                second.name,
            ),
            None => format!(
                "rename {names} in the `{}` of one of them, for example of {second}",
                env_path(second.kind)
            )
            .into(),
        };
        (message, help)
    };
    let error = Diagnostic::error(code(slot), message).help(help);
    entries
        .first()
        .into_iter()
        .fold(error, |error, [other, entry]| {
            error
                .at(entry.at, format!("from {second}"))
                .at(other.at, format!("from {first}"))
        })
}

/// The lines that give what a Plug writes names that begin with another one.
fn other_name(advice: String, plug: Subject, name: &str) -> Help {
    let name = name.split('.').next().unwrap_or(name);
    let lines = lines![("spec:"), ("  name: {name}")];
    Help::from(advice).paste(Paste::merge(plug, lines))
}

/// The author has an entry of the key with other content, or several: `times`.
pub(super) fn with_author(
    target: &CollisionPlace<'_, '_>,
    own: &AuthorEntry<'_>,
    owner: EntryOwner<'_>,
    entry: &Entry<'_>,
    times: usize,
) -> Diagnostic {
    let slot = &target.collection.slot;
    let name = &slot.named(&entry.key);
    let noun = slot.noun();
    let message = format!(
        "{} already has {} `{name}`, and {owner} writes one too",
        target.called(),
        with_article(noun)
    );
    let help = if code(slot) == Code::FieldCollision {
        lines![
            (
                "to replace it, add `replace: true` to `{}` in its `bind.fields`;",
                path_text(slot, &entry.key)
            ),
            (
                "or delete your own; or keep it, and remove the entry from {}",
                owner.kind.the()
            )
        ]
    } else if entry.conflict == Conflict::Common {
        with_root_known(owner.kind, target.workload.owner(owner))
    } else if matches!(slot, Slot::Mounts(_)) {
        files_elsewhere(owner.kind, target.workload.owner(owner))
    } else if code(slot) == Code::FilesCollision {
        other_name(
            format!(
                "rename your own {noun}, or give {} another name:",
                owner.kind.the()
            ),
            target.workload.owner(owner),
            &format!(
                "{}-files",
                owner.name.split('.').next().unwrap_or(owner.name)
            ),
        )
    } else if entry.conflict == Conflict::Share {
        lines![(
            "`{name}` is a part of another variable's text; rename your own variable, or give {} another `spec.name`",
            owner.kind.the()
        )]
    } else if times > 1 {
        lines![("the workload has it {times} times: remove or rename all but one")]
    } else {
        match owner.kind {
            BinderKind::Plug | BinderKind::Socket => lines![(
                "to let {} replace it, add `replace: true` to `{name}` in its `bind.env`; or rename one of the two",
                owner.kind.the()
            )],
            BinderKind::ServiceBinding => lines![
                ("remove your own `{name}`, or remove it from `spec.env` of the ServiceBinding")
            ],
        }
    };
    let error = Diagnostic::error(code(slot), message).with_topic([slot.entry(&entry.key)]);
    both_places(target, own, (owner, entry), error).help(help)
}

/// Where an owner lists its variables.
pub(super) fn env_path(kind: BinderKind) -> &'static str {
    match kind {
        BinderKind::Plug | BinderKind::Socket => "bind.env",
        BinderKind::ServiceBinding => "spec.env",
    }
}

fn with_article(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'i']) {
        "an"
    } else {
        "a"
    };
    format!("{article} {noun}")
}

/// The path of an entry as a Plug writes it.
fn path_text(slot: &Slot, key: &str) -> String {
    match slot {
        Slot::Labels => Slot::Members(steps(&["metadata", "labels"])).named(key),
        Slot::Annotations => Slot::Members(steps(&["metadata", "annotations"])).named(key),
        _ => slot.named(key),
    }
}

fn steps(keys: &[&str]) -> Vec<Step> {
    keys.iter()
        .map(|key| Step::Key((*key).to_owned()))
        .collect()
}

/// The author's own is not the text that the Plug expects; `None`: there is none.
pub(super) fn unexpected(
    target: &CollisionPlace<'_, '_>,
    own: Option<&AuthorEntry<'_>>,
    owner: EntryOwner<'_>,
    entry: &Entry<'_>,
    expected: &Spanned<String>,
) -> Diagnostic {
    let slot = &target.collection.slot;
    let name = slot.named(&entry.key);
    let noun = slot.noun();
    let called = target.called();
    let (message, help) = match own {
        Some(_) => (
            format!("the {noun} `{name}` of {called} does not have the value that {owner} expects"),
            "correct `expect`, or the object's own value",
        ),
        None => (
            format!("{called} has no {noun} `{name}`, and {owner} expects one"),
            "correct the name or the path; or remove `expect`, and the value is added",
        ),
    };
    let error =
        Diagnostic::error(Code::UnexpectedValue, message).at(expected.at, "the expected text");
    let error = own.into_iter().fold(error, |error, own| {
        let label = match own.original {
            None => "the present value",
            Some(_) => "the author's value is in the record",
        };
        error.at(target.workload.at(own.node), label)
    });
    error.help(help)
}

/// The entry is as it would be written, but it is not known who wrote it.
pub(super) fn without_record(
    target: &CollisionPlace<'_, '_>,
    own: &AuthorEntry<'_>,
    owner: EntryOwner<'_>,
    entry: &Entry<'_>,
) -> Diagnostic {
    let noun = target.collection.slot.noun();
    let message = format!(
        "{} has the {noun} `{}` that {owner} writes, and coupler cannot know whether it wrote it: \
         the object has the label of a coupled object and no record",
        target.called(),
        target.collection.slot.named(&entry.key)
    );
    let help = "render the object from its source; or, if it is written by hand, remove the label \
     `integration.rock8s.com/coupled`: its entries are then kept";
    both_places(
        target,
        own,
        (owner, entry),
        Diagnostic::error(code(&target.collection.slot), message),
    )
    .help(help)
}

/// A literal that a Secret's key would replace: it would be kept as it is in the record.
pub(super) fn plain_secret(
    target: &CollisionPlace<'_, '_>,
    own: &AuthorEntry<'_>,
    owner: EntryOwner<'_>,
    entry: &Entry<'_>,
) -> Diagnostic {
    let name = &entry.key;
    let noun = target.collection.slot.noun();
    let tree = target.workload.tree;
    let message = format!(
        "the {noun} `{name}` of {} is plain text, and {owner} would replace it with a secret",
        target.called()
    );
    let (label, help) = match own.original {
        None => (
            "this text would be kept in the record, where everybody can read it",
            format!(
                "delete the old value first: remove `{name}` from the workload, and `replace: true` from {}",
                owner.kind.the()
            ),
        ),
        Some(_) => (
            "the author's text is in the record, where everybody can read it",
            format!(
                "remove {} and render; then delete the value of `{name}` in the workload, and add \
                 it again without `replace: true`",
                owner.kind.the()
            ),
        ),
    };
    let named = target
        .collection
        .slot
        .item_key()
        .and_then(|field| tree.read_member(own.node, field).shown())
        .unwrap_or(own.node);
    Diagnostic::error(Code::ReplacesPlainSecret, message)
        .with_topic([target.collection.slot.entry(name)])
        .at(target.workload.at(named), label)
        .at(entry.at, "a secret is written here")
        .help(help)
}

pub(super) fn both_places(
    target: &CollisionPlace<'_, '_>,
    own: &AuthorEntry<'_>,
    (owner, entry): OfOwner<'_>,
    error: Diagnostic,
) -> Diagnostic {
    let own_label = match code(&target.collection.slot) {
        Code::FieldCollision => "the object's own",
        _ => "the workload's own",
    };
    error
        .at(target.workload.at(own.node), own_label)
        .at(entry.at, format!("{}'s", owner.kind.the()))
}

/// A collection that is not there.
pub(super) fn no_container(workload: &WorkloadNode<'_>, slot: &Slot, at: Place) -> Diagnostic {
    let message = match slot.container() {
        Some(container) => format!("{} has no container `{container}`", workload.called()),
        None => format!("{} has no pod template", workload.called()),
    };
    Diagnostic::error(Code::ContainerNotFound, message).at(at, "asked for here")
}

/// An entry that is used before it is there.
pub(super) fn too_late(
    target: &CollisionPlace<'_, '_>,
    entry: &Entry<'_>,
    name: &str,
    own: Option<NodeId>,
) -> Diagnostic {
    let container = target.collection.slot.container().unwrap_or_default();
    let message = format!(
        "`{}` must be before an entry of container `{container}` that uses it, but it contains \
         `{name}`, which is defined after that entry",
        entry.key
    );
    let error = Diagnostic::error(Code::EnvCollision, message);
    let error = own.into_iter().fold(error, |error, own| {
        error.at(target.workload.at(own), "is defined too late")
    });
    error
        .at(entry.at, "asked for here")
        .help(format!("move your own `{name}` to the beginning of `env`"))
}

/// A variable that the text of a Plug's author uses, and that is not there before it.
pub(super) fn unknown(
    target: &CollisionPlace<'_, '_>,
    entry: &Entry<'_>,
    name: &str,
    later: Option<Place>,
) -> Diagnostic {
    let message = format!(
        "the text of `{}` uses `$({name})`, which {} does not define before it",
        entry.key,
        target.called()
    );
    if let Some(later) = later {
        return Diagnostic::warning(Code::UnknownVariable, message)
            .with_topic([entry.key.to_string(), name.to_owned()])
            .at(entry.at, "used here")
            .at(later, "defined here, after it")
            .help(format!(
                "move `{name}` before `{}`: otherwise the application gets `$({name})` as text",
                entry.key
            ));
    }
    let env_from = target.collection.holder.and_then(|container| {
        target
            .workload
            .tree
            .read_member(container, "envFrom")
            .shown()
    });
    let other = if env_from.is_some() {
        "its `envFrom` may define it; if not, "
    } else {
        "unless the cluster defines it (`<SERVICE>_SERVICE_HOST`), "
    };
    let warning = Diagnostic::warning(Code::UnknownVariable, message)
        .with_topic([entry.key.to_string(), name.to_owned()]);
    warning.at(entry.at, "used here").help(format!(
        "{other}the application gets `$({name})` as text: define it in the container's `env`, or write `$$({name})` to \
         get that text"
    ))
}
