//! A Plug to its Socket and the version that counts: named, by labels, or the only one that fits; never picked silently.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::Integrations;
use super::candidates::{self, Near};
use super::evaluate::NAMESPACE_HELP;
use super::index::{Contract, Index, Version};
use super::keys::subject;
use crate::api::{Minimum, Plug, Socket, SocketRef, Spanned, library_names, suggest};
use crate::diagnostic::{Code, Diagnostic};
use crate::limits;
use crate::manifest::Place;

/// What became of a Plug.
pub(super) enum Resolved<'i> {
    /// A Socket, by position, and the version that counts.
    To(usize, &'i Version<'i>),
    /// Nobody is there, and the Plug says that it can do without.
    Absent,
    /// An error, which was reported or follows from one that was.
    Failed,
}

/// What decides which Sockets may fit: the Interface, the least version as written, the namespace.
type Request<'i> = (&'i str, &'i str, Option<&'i str>);

/// Resolves the Plugs of one run.
pub(super) struct Resolver<'i> {
    /// Everything of ours.
    pub integrations: &'i Integrations,
    /// The same, in order.
    pub index: &'i Index<'i>,
    fitting: BTreeMap<Request<'i>, Rc<[usize]>>,
    /// How many more failed Plugs get near misses.
    near: usize,
}

impl<'i> Resolver<'i> {
    /// A resolver that has seen no Plug yet.
    pub(super) fn new(integrations: &'i Integrations, index: &'i Index<'i>) -> Self {
        Self { integrations, index, fitting: BTreeMap::new(), near: limits::NEAR_MISSES }
    }

    /// Finds the Socket of a Plug.
    pub(super) fn resolve(&mut self, plug: &'i Plug, out: &mut Vec<Diagnostic>) -> Resolved<'i> {
        let Some(contract) = self.index.contracts.get(plug.interface.value.as_str()) else {
            return self.no_interface(plug, out);
        };
        match &plug.socket {
            SocketRef::Named { name, namespace } => self.named(plug, contract, name, namespace.as_ref(), out),
            SocketRef::Any => self.only(plug, contract, None, out),
            SocketRef::Labels(labels, _) => self.only(plug, contract, Some(labels), out),
        }
    }

    fn socket(&self, i: usize) -> &'i Socket {
        &self.integrations.sockets[i]
    }

    fn no_interface(&mut self, plug: &'i Plug, out: &mut Vec<Diagnostic>) -> Resolved<'i> {
        let name = &plug.interface.value;
        let message = format!("no Interface is called `{name}`");
        let near = (self.near > 0).then(|| likely_interface(name, self.index)).flatten();
        self.near = self.near.saturating_sub(1);
        let mut diagnostic = Diagnostic::error(Code::InterfaceNotFound, message)
            .at(plug.interface.at, "asked for here")
            .help(interface_help(near))
            .on(subject("Plug", &plug.meta));
        if plug.optional && near.is_none() {
            // the provider may bring it along one day, but a typing mistake would look the same
            diagnostic.severity = crate::diagnostic::Severity::Warning;
            out.push(diagnostic);
            return Resolved::Absent;
        }
        out.push(diagnostic);
        Resolved::Failed
    }

    fn named(
        &mut self,
        plug: &'i Plug,
        contract: &'i Contract<'i>,
        name: &'i Spanned<String>,
        namespace: Option<&'i Spanned<String>>,
        out: &mut Vec<Diagnostic>,
    ) -> Resolved<'i> {
        let home = namespace.map_or(plug.meta.namespace.as_deref(), |namespace| Some(namespace.value.as_str()));
        let Some(&i) = self.index.sockets.get(&(home, name.value.as_str())) else {
            if plug.optional && !self.elsewhere_unknown(home, |socket| socket.name.value == name.value) {
                return Resolved::Absent;
            }
            return self.not_found(plug, contract, name.at, out);
        };
        let socket = self.socket(i);
        if socket.meta.broken || contract.broken {
            return Resolved::Failed;
        }
        let error = |code, message: String| {
            Diagnostic::error(code, message).at(name.at, "named here").on(subject("Plug", &plug.meta))
        };
        if socket.interface.value != plug.interface.value {
            let (offered, asked) = (&socket.interface.value, &plug.interface.value);
            let message =
                format!("Socket `{}` offers Interface `{offered}`, and the Plug asks for `{asked}`", name.value);
            let fitting = self.fitting(plug, contract);
            let help = match &fitting[..] {
                [] => {
                    format!("a plug of one kind does not fit a socket of another: name a Socket that offers `{asked}`")
                }
                some => {
                    let names: Vec<_> = some.iter().map(|&i| format!("`{}`", self.socket(i).name.value)).collect();
                    format!("name one that offers `{asked}`: {}", names.join(", "))
                }
            };
            out.push(
                error(Code::InterfaceMismatch, message)
                    .at(plug.interface.at, format!("asks for `{asked}`"))
                    .at(socket.interface.at, format!("offers `{offered}`"))
                    .help(help),
            );
            return Resolved::Failed;
        }
        let allowed = allows(socket, plug);
        if allowed != Some(true) {
            out.push(refused(plug, socket, allowed, error));
        }
        match highest(socket, contract, plug.version.as_ref()) {
            Some(version) if allowed == Some(true) => Resolved::To(i, version),
            Some(_) => Resolved::Failed,
            None => {
                if socket.versions.iter().any(|version| contract.versions.contains_key(&version.value)) {
                    out.push(no_version(plug, socket, name.at));
                } else {
                    out.extend(undefined_versions(socket, contract));
                }
                Resolved::Failed
            }
        }
    }

    fn only(
        &mut self,
        plug: &'i Plug,
        contract: &'i Contract<'i>,
        labels: Option<&'i BTreeMap<String, String>>,
        out: &mut Vec<Diagnostic>,
    ) -> Resolved<'i> {
        if contract.broken {
            return Resolved::Failed;
        }
        let fitting = self.fitting(plug, contract);
        let wanted = |i: &&usize| labels.is_none_or(|labels| has(self.socket(**i), labels));
        let mut matching = fitting.iter().filter(wanted);
        match (matching.next(), matching.next()) {
            (Some(&i), None) if self.socket(i).meta.broken => Resolved::Failed,
            (Some(&i), None) => match highest(self.socket(i), contract, plug.version.as_ref()) {
                Some(version) => Resolved::To(i, version),
                None => Resolved::Failed,
            },
            (Some(_), Some(_)) => {
                let all: Vec<usize> = fitting.iter().filter(wanted).copied().collect();
                out.push(candidates::ambiguous(plug, &all.iter().map(|&i| self.socket(i)).collect::<Vec<_>>()));
                Resolved::Failed
            }
            (None, _) => {
                let at = match &plug.socket {
                    SocketRef::Labels(_, at) => *at,
                    SocketRef::Any | SocketRef::Named { .. } => plug.interface.at,
                };
                let home = plug.meta.namespace.as_deref();
                let offers = |socket: &Socket| {
                    socket.interface.value == plug.interface.value && labels.is_none_or(|labels| has(socket, labels))
                };
                let here: Vec<&Socket> = self.of(home).map(|i| self.socket(i)).filter(|s| !s.meta.catalogue).collect();
                if here.iter().any(|socket| socket.meta.broken && (offers(socket) || socket.interface.value.is_empty()))
                {
                    return Resolved::Failed;
                }
                // of this Interface, and of no version that fits
                let misfits: Vec<&Socket> = here.into_iter().filter(|socket| offers(socket)).collect();
                if let [socket] = misfits[..] {
                    if socket.versions.iter().any(|version| contract.versions.contains_key(&version.value)) {
                        out.push(no_version(plug, socket, at));
                    } else {
                        out.extend(undefined_versions(socket, contract));
                    }
                    return Resolved::Failed;
                }
                if plug.optional && misfits.is_empty() && !self.elsewhere_unknown(home, offers) {
                    return Resolved::Absent;
                }
                self.not_found(plug, contract, at, out)
            }
        }
    }

    /// The Sockets of a namespace.
    fn of(&self, namespace: Option<&'i str>) -> impl Iterator<Item = usize> {
        let range = self.index.sockets.range((namespace, "")..);
        range.take_while(move |((home, _), _)| *home == namespace).map(|(_, &i)| i)
    }

    /// The Sockets of the Plug's namespace in the stream that have the Interface in a version it takes.
    fn fitting(&mut self, plug: &'i Plug, contract: &'i Contract<'i>) -> Rc<[usize]> {
        let home = plug.meta.namespace.as_deref();
        let least = plug.version.as_ref().map_or("", |version| version.value.text.as_str());
        let key = (plug.interface.value.as_str(), least, home);
        if let Some(known) = self.fitting.get(&key) {
            return Rc::clone(known);
        }
        let fits = |&i: &usize| {
            let socket = self.socket(i);
            !socket.meta.catalogue
                && socket.interface.value == plug.interface.value
                && highest(socket, contract, plug.version.as_ref()).is_some()
        };
        let found: Rc<[usize]> = self.of(home).filter(fits).collect();
        self.fitting.insert(key, Rc::clone(&found));
        found
    }

    /// Whether a Socket that would do stands where it cannot be told whether it is the same namespace.
    fn elsewhere_unknown(&self, home: Option<&str>, would_do: impl Fn(&Socket) -> bool) -> bool {
        let other = |socket: &&Socket| !socket.meta.catalogue && socket.meta.namespace.is_none() != home.is_none();
        match home {
            // sorted: those without a namespace come first
            Some(_) => self.of(None).map(|i| self.socket(i)).filter(other).any(would_do),
            None => self.integrations.sockets.iter().filter(other).any(would_do),
        }
    }

    fn not_found(
        &mut self,
        plug: &'i Plug,
        contract: &'i Contract<'i>,
        at: Place,
        out: &mut Vec<Diagnostic>,
    ) -> Resolved<'i> {
        let near = if self.near == 0 {
            Near::none(plug, contract)
        } else {
            self.near -= 1;
            Near::new(plug, contract, &self.integrations.sockets)
        };
        out.push(candidates::not_found(&near, at));
        Resolved::Failed
    }
}

/// Whether a Socket has all these labels.
pub(super) fn has(socket: &Socket, labels: &BTreeMap<String, String>) -> bool {
    labels.iter().all(|(key, value)| socket.meta.labels.get(key) == Some(value))
}

/// The highest version that the Socket keeps, the Interface defines and the Plug takes.
pub(super) fn highest<'c, 'i>(
    socket: &Socket,
    contract: &'c Contract<'i>,
    least: Option<&Spanned<Minimum>>,
) -> Option<&'c Version<'i>> {
    socket
        .versions
        .iter()
        .filter(|version| least.is_none_or(|least| least.value.admits(&version.value)))
        .filter_map(|version| contract.versions.get(&version.value))
        .max_by_key(|version| version.number)
}

/// Whether the Socket takes Plugs of the Plug's namespace; `None`: that cannot be known.
pub(super) fn allows(socket: &Socket, plug: &Plug) -> Option<bool> {
    let home = &plug.meta.namespace;
    if *home == socket.meta.namespace {
        return Some(true);
    }
    let globs = socket.allow.as_deref().unwrap_or_default();
    match home {
        Some(home) if globs.iter().any(|glob| matches(&glob.value, home)) => Some(true),
        None if globs.iter().any(|glob| !glob.value.is_empty() && glob.value.bytes().all(|b| b == b'*')) => Some(true),
        // the two may be one, if somebody said which
        Some(_) if socket.meta.namespace.is_none() => None,
        Some(_) => Some(false),
        None => None,
    }
}

/// The name of an Interface that was probably meant.
pub(super) fn likely_interface<'i>(name: &str, index: &'i Index<'_>) -> Option<&'i str> {
    let mut names: Vec<&str> = library_names().collect();
    names.extend(index.contracts.keys());
    suggest(name, names)
}

/// What to do where no Interface has a name.
pub(super) fn interface_help(near: Option<&str>) -> String {
    match near {
        Some(name) => format!("did you mean `{name}`?"),
        None => "add its manifest to the input, or the catalogue that has it: `--catalog PATH`; an Interface is found by its `spec.name`"
            .to_owned(),
    }
}

/// Whether a name matches a glob whose one wildcard is `*`; each byte is looked at once.
fn matches(glob: &str, name: &str) -> bool {
    let Some((first, rest)) = glob.split_once('*') else { return glob == name };
    let Some(mut name) = name.strip_prefix(first) else { return false };
    let mut pieces = rest.split('*').peekable();
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return name.ends_with(piece);
        }
        let Some(at) = name.find(piece) else { return false };
        name = &name[at + piece.len()..];
    }
    true
}

fn refused(
    plug: &Plug,
    socket: &Socket,
    allowed: Option<bool>,
    error: impl Fn(Code, String) -> Diagnostic,
) -> Diagnostic {
    let name = &socket.name.value;
    let (Some(home), Some(false)) = (&plug.meta.namespace, allowed) else {
        let message = format!("whether Socket `{name}` allows the Plug depends on a namespace that is not known");
        let unknown = if plug.meta.namespace.is_none() { plug.meta.name.at } else { socket.meta.name.at };
        return error(Code::NamespaceUnknown, message).at(unknown, "has no `metadata.namespace`").help(NAMESPACE_HELP);
    };
    let message = format!("Socket `{name}` does not allow Plugs of namespace `{home}`");
    let (place, text) = match &socket.allow {
        Some(globs) => (globs.first().map_or(socket.meta.name.at, |glob| glob.at), "allows these"),
        None => (socket.meta.name.at, "allows its own namespace alone"),
    };
    let mut all: Vec<String> = socket.allow.iter().flatten().map(|glob| format!("\"{}\"", glob.value)).collect();
    all.push(format!("\"{home}\""));
    error(Code::NamespaceNotAllowed, message)
        .at(place, text)
        .help(format!("whoever owns the Socket can allow it:\n\nspec:\n  allow: {{namespaces: [{}]}}", all.join(", ")))
}

fn no_version(plug: &Plug, socket: &Socket, at: Place) -> Diagnostic {
    let kept = versions(socket);
    let asked = plug.version.as_ref();
    let least = asked.map_or("", |version| version.value.text.as_str());
    let message = format!("the Plug asks for version `{least}`, and Socket `{}` keeps {kept}", socket.name.value);
    let newest = socket.versions.iter().map(|version| &version.value).max();
    let mut diagnostic = Diagnostic::error(Code::VersionMismatch, message)
        .at(asked.map_or(at, |version| version.at), "at least this, within one major")
        .on(subject("Plug", &plug.meta));
    if let Some(version) = socket.versions.first() {
        diagnostic = diagnostic.at(version.at, "the versions it keeps");
    }
    match newest {
        Some(newest) => diagnostic.help(format!(
            "ask for a version that it keeps, or have the Socket keep the one you need:\n\nspec:\n  interface: {{name: {}, version: \"{}\"}}",
            plug.interface.value, newest.major
        )),
        None => diagnostic,
    }
}

/// The versions of a Socket, as a message lists them.
pub(super) fn versions(socket: &Socket) -> String {
    let all: Vec<_> = socket.versions.iter().map(|version| version.value.to_string()).collect();
    if all.is_empty() { "none".to_owned() } else { all.join(", ") }
}

/// The versions that a Socket lists and its Interface does not define.
pub(super) fn undefined_versions(socket: &Socket, contract: &Contract<'_>) -> Vec<Diagnostic> {
    let known: Vec<_> = contract.versions.keys().map(ToString::to_string).collect();
    let undefined = socket.versions.iter().filter(|version| !contract.versions.contains_key(&version.value));
    undefined
        .map(|version| {
            let message = format!("Interface `{}` has no version {}", socket.interface.value, version.value);
            Diagnostic::error(Code::VersionMismatch, message)
                .at(version.at, "kept by this Socket")
                .help(format!("it has {}", known.join(", ")))
                .on(subject("Socket", &socket.meta))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_glob_has_one_wildcard() {
        for (glob, name, expected) in [
            ("shop", "shop", true),
            ("shop", "shops", false),
            ("*", "", true),
            ("team-*", "team-a", true),
            ("team-*", "tea", false),
            ("*-dev", "shop-dev", true),
            ("*-dev", "shop-dev-2", false),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxcyyb", false),
            ("a*a", "a", false),
            ("**", "x", true),
            ("a?", "ab", false),
        ] {
            assert_eq!(matches(glob, name), expected, "{glob} {name}");
        }
        let hostile = format!("{}b", "*a".repeat(1000));
        assert!(!matches(&hostile, &"a".repeat(5000)));
    }
}
