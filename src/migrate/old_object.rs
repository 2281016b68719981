//! Defines Plugs, Sockets and DeferredResources of `v1beta1` as their authors wrote them.

use crate::api::{ManifestNode, Spanned};
use crate::diagnostic::Subject;
use crate::manifest::{Place, Style};

/// The `apiVersion` that is migrated.
pub(super) const OLD_API_VERSION: &str = "integration.rock8s.com/v1beta1";

/// A manifest within an object, or a part of it.
pub(super) type OldManifest = ManifestNode<OldScalar>;

/// A scalar as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum OldScalar {
    /// Text.
    Text(String, Style),
    /// Null, a boolean or a number.
    Token(String),
}

/// One object.
#[derive(Clone, Debug)]
pub(super) enum OldObject {
    /// A request or an offer.
    Party(Box<OldParty>),
    /// A manifest that was to be applied later.
    Deferred(Box<OldDeferred>),
}

/// A Plug or a Socket.
#[derive(Clone, Debug)]
pub(super) struct OldParty {
    /// The object.
    pub subject: Subject,
    /// Which of the two.
    pub side: OldSide,
    /// Where its name is.
    pub at: Place,
    /// `socket`, of a Plug.
    pub socket: Option<OldSocketRef>,
    /// `interface`, of a Socket.
    pub interface: Option<OldInterface>,
    /// `config`
    pub config: Vec<OldEntry>,
    /// `configTemplate`
    pub config_template: Vec<OldEntry>,
    /// `configSecretName`
    pub config_secret: Option<Spanned<String>>,
    /// `configConfigMapName`
    pub config_map: Option<Spanned<String>>,
    /// `data`
    pub data: Vec<OldEntry>,
    /// `vars`
    pub vars: Vec<OldVar>,
    /// `resources`
    pub resources: Vec<OldResource>,
    /// `validation`
    pub validation: Option<OldValidation>,
    /// All other fields, by name.
    pub others: Vec<Spanned<String>>,
}

/// Which side of a coupling an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum OldSide {
    /// A Plug.
    Plug,
    /// A Socket.
    Socket,
}

/// The Socket that a Plug names.
#[derive(Clone, Debug)]
pub(super) struct OldSocketRef {
    /// Its name.
    pub name: Spanned<String>,
    /// Its namespace, where written.
    pub namespace: Option<String>,
}

/// The schema in a Socket.
#[derive(Clone, Debug)]
pub(super) struct OldInterface {
    /// Where it is.
    pub at: Place,
    /// The keys of `config`; `None`: nothing is checked.
    pub config: Option<OldStage>,
    /// Whether it has a schema of results.
    pub result: Option<Place>,
}

/// The keys that both sides have in a stage.
#[derive(Clone, Debug, Default)]
pub(super) struct OldStage {
    /// Of the Plug.
    pub plug: Vec<OldProperty>,
    /// Of the Socket.
    pub socket: Vec<OldProperty>,
}

/// A key of an interface.
#[derive(Clone, Debug)]
pub(super) struct OldProperty {
    /// Its name.
    pub key: Spanned<String>,
    /// `description`
    pub description: Option<String>,
    /// `default`, if it is not empty.
    pub default: Option<String>,
    /// `required`
    pub is_required: bool,
}

/// A key and its text.
#[derive(Clone, Debug)]
pub(super) struct OldEntry {
    /// The key.
    pub key: Spanned<String>,
    /// The text.
    pub text: Spanned<String>,
    /// Whether it is written as text: the API server rejects anything else.
    pub is_text: bool,
}

/// A value that is read from another object.
#[derive(Clone, Debug)]
pub(super) struct OldVar {
    /// Its name.
    pub name: Spanned<String>,
    /// `objref`
    pub object: OldObjectRef,
    /// `fieldref.fieldPath`
    pub path: Spanned<String>,
}

/// The object of a variable.
#[derive(Clone, Debug, Default)]
pub(super) struct OldObjectRef {
    /// `apiVersion`, or `v1`.
    pub api_version: String,
    /// `kind`
    pub kind: String,
    /// `name`, where it is no template.
    pub name: Option<String>,
    /// `namespace`
    pub namespace: Option<String>,
}

/// An entry of `resources`.
#[derive(Clone, Debug)]
pub(super) struct OldResource {
    /// Where it is.
    pub at: Place,
    /// `do`
    pub action: Option<String>,
    /// `when`
    pub when: Vec<String>,
    /// Whether the object is to stay.
    pub is_retained: Option<Place>,
    /// All bodies, in the order in which they count.
    pub bodies: Vec<OldBody>,
}

/// A manifest of an entry.
#[derive(Clone, Debug)]
pub(super) enum OldBody {
    /// `template`
    Object(OldManifest),
    /// `stringTemplate`
    Text(Spanned<String>),
}

impl OldBody {
    /// Where it is.
    pub(super) fn at(&self) -> Place {
        match self {
            Self::Object(node) => node.at,
            Self::Text(text) => text.at,
        }
    }
}

/// Who may couple.
#[derive(Clone, Debug)]
pub(super) struct OldValidation {
    /// Where it is.
    pub at: Place,
    /// `namespaceWhitelist`
    pub allowed: Option<Vec<Spanned<String>>>,
    /// `namespaceBlacklist`
    pub refused: Vec<Spanned<String>>,
}

/// A DeferredResource.
#[derive(Clone, Debug)]
pub(super) struct OldDeferred {
    /// The object.
    pub subject: Subject,
    /// Where its name is.
    pub at: Place,
    /// `resource`
    pub resource: OldManifest,
    /// `timeout`, `waitFor`, `serviceAccountName`
    pub others: Vec<Spanned<String>>,
}

impl OldSide {
    /// The kind of its objects.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Plug => "Plug",
            Self::Socket => "Socket",
        }
    }

    /// As a template names it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Plug => "plug",
            Self::Socket => "socket",
        }
    }
}

impl OldStage {
    /// The keys of a side.
    pub(super) fn of(&self, side: OldSide) -> &[OldProperty] {
        match side {
            OldSide::Plug => &self.plug,
            OldSide::Socket => &self.socket,
        }
    }
}
