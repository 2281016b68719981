//! The table of codes: kebab-case, forever, each with a page in `src/diagnostic/explain/` and a
//! golden case.

macro_rules! codes {
    ($($variant:ident $name:literal $fact:literal,)*) => {
        /// A diagnostic's code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Code { $(#[doc = $fact] $variant,)* }

        impl Code {
            /// Every code, in the table's order.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The code as written.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// One line that says what the code means.
            pub fn fact(self) -> &'static str {
                match self { $(Self::$variant => $fact,)* }
            }

            /// The page that explains it, in Markdown.
            pub fn page(self) -> &'static str {
                match self { $(Self::$variant => include_str!(concat!("explain/", $name, ".md")),)* }
            }
        }
    };
}

codes! {
    // reading
    AmbiguousScalar "ambiguous-scalar" "YAML readers disagree about this plain text",
    DuplicateKey "duplicate-key" "a mapping has one key twice",
    LimitExceeded "limit-exceeded" "the input is larger than a limit allows",
    ScalarRewritten "scalar-rewritten" "a plain number or boolean is passed on in another spelling",
    UnreadableDocument "unreadable-document" "a document that is not ours cannot be read; it passes through",
    YamlSyntax "yaml-syntax" "a document cannot be read as YAML",
    // our kinds as written
    DuplicateObject "duplicate-object" "one object stands in the input twice",
    InvalidField "invalid-field" "a field has a value it cannot have",
    MissingField "missing-field" "a required field is absent",
    SimilarGroup "similar-group" "an object's API group is nearly coupler's own",
    UnknownField "unknown-field" "a field does not exist",
    UnsupportedApi "unsupported-api" "a kind or version of our group that this coupler does not know",
    // interfaces
    ExampleFailed "example-failed" "an Interface's example does not do what it says",
    InterfaceConflict "interface-conflict" "one version of an Interface is defined in two ways",
    InterfaceNotFound "interface-not-found" "no Interface has this name",
    InvalidSchema "invalid-schema" "an Interface's schema cannot be used",
    MisspeltKeyword "misspelt-keyword" "a schema has a keyword that JSON Schema does not know, and knows nearly the same",
    KeyCollision "key-collision" "two keys of an Interface would have one variable name",
    // resolving
    AmbiguousSocket "ambiguous-socket" "several Sockets fit and none is named",
    DeprecatedVersion "deprecated-version" "the coupled version of the Interface is deprecated",
    InterfaceMismatch "interface-mismatch" "the named Socket offers another Interface",
    NamespaceNotAllowed "namespace-not-allowed" "the Socket does not allow the Plug's namespace",
    NamespaceUnknown "namespace-unknown" "a namespace must be known here and is not",
    SocketNotFound "socket-not-found" "no Socket fits the Plug",
    VersionMismatch "version-mismatch" "Plug and Socket have no version in common",
    // both sides against the Interface
    KeyGivenTwice "key-given-twice" "one key is given in two ways",
    KeyNotGiven "key-not-given" "a key is asked for that nobody gives",
    NotChecked "not-checked" "a value that only the cluster knows could not be checked",
    NothingBound "nothing-bound" "a Plug is coupled, and nothing is bound",
    ObjectNotFound "object-not-found" "a referenced object, or the path in it, is not in the stream",
    PortNotFound "port-not-found" "the Service in the stream has no such port",
    PlugConfigInvalid "plug-config-invalid" "what the Plug hands over breaks the Interface",
    ReferenceInPlainText "reference-in-plain-text" "a Secret's or ConfigMap's key is used where only plain text can stand",
    ReferenceUnreachable "reference-unreachable" "a Secret or ConfigMap of another namespace cannot be referenced",
    ReferenceWanted "reference-wanted" "a field asks for the name or the key of a Secret, and the value comes from none",
    SecretInUrl "secret-in-url" "a secret is spliced into a URL unencoded",
    SecretIsText "secret-is-text" "a key of a Secret is text, and the Interface wants a list or an object",
    SecretKeyNotFound "secret-key-not-found" "the Secret in the stream has no such key",
    SecretNotBound "secret-not-bound" "a Socket gives secrets, and the Plug binds none of them",
    SecretNotReferenced "secret-not-referenced" "a secret key of the Interface is given as plain text",
    SecretValueRequested "secret-value-requested" "a value is read out of a Secret",
    SimilarName "similar-name" "nothing in the input has this name, and something has nearly the same",
    SocketConfigInvalid "socket-config-invalid" "what the Socket hands over breaks the Interface",
    TargetPortUnknown "target-port-unknown" "a headless Service leads to a named port of its pods whose number is not known",
    UndeclaredKey "undeclared-key" "a key that the Interface does not declare",
    ValueHasNoText "value-has-no-text" "a value cannot be written as the text of a variable",
    // templates
    TemplateCycle "template-cycle" "templates ask for each other in a circle",
    TemplateFailed "template-failed" "a template cannot be evaluated",
    ForeignTemplate "foreign-template" "a value has what looks like a template of another tool",
    TemplateSyntax "template-syntax" "a template cannot be read",
    // workloads
    BakedEntryEdited "baked-entry-edited" "an entry that coupler wrote was edited by somebody",
    BakedEntryMissing "baked-entry-missing" "an entry that coupler wrote was removed by somebody",
    BakedEntryShadowed "baked-entry-shadowed" "a second variable of the same name hides one that coupler wrote",
    CannotEdit "cannot-edit" "a document cannot be edited safely here",
    ContainerNotFound "container-not-found" "the workload has no such container",
    ContainerLeftOut "container-left-out" "a container gets nothing of a Plug, and seems to need what another one gets",
    ContainersUnnamed "containers-unnamed" "the workload has several containers and the Plug names none",
    CreatedTooLate "created-too-late" "a workload is created before a Secret or ConfigMap of the stream that it needs",
    Decoupled "decoupled" "a Plug is gone, and what it brought into a workload is removed",
    EnvCollision "env-collision" "a variable of this name stands there already",
    EnvFromUnseen "env-from-unseen" "a container takes variables from an object that is not in the stream",
    ResourceCollision "resource-collision" "an object of a resource's kind and name is there already",
    ResourceNotDistinct "resource-not-distinct" "a Socket's resource is one object, whichever Plug couples",
    ResourceRefused "resource-refused" "a resource that coupler does not write",
    ResourceScope "resource-scope" "a resource of the cluster is said to be in a namespace",
    SeveralNamespaces "several-namespaces" "what a Plug couples is used in more than one namespace",
    UnexpectedValue "unexpected-value" "a value is not the one that a Plug expects there",
    FieldCollision "field-collision" "a field has another value, or another owner, already",
    FieldNotWritable "field-not-writable" "a field that coupler does not write, or whose path leads to no place for one",
    FilesCollision "files-collision" "a file, a directory or a volume of this name is there already",
    ImmutableTemplate "immutable-template" "the cluster will refuse to update this object once it is there",
    IntegrationsMissing "integrations-missing" "coupled workloads came without any Plug, Socket or Interface",
    NotRendered "not-rendered" "the stream is not what rendering it gives",
    NothingReplaced "nothing-replaced" "a variable is to replace the workload's own, which has none of its name",
    ProvenanceInvalid "provenance-invalid" "the record of what was baked cannot be used",
    ReplacesPlainSecret "replaces-plain-secret" "a secret would replace plain text, which the record would keep",
    SourcesOmitted "sources-omitted" "a coupled workload's sources were left out on purpose",
    UnknownVariable "unknown-variable" "a text uses a variable that the container does not define before it",
    UnsupportedWorkload "unsupported-workload" "a kind that has no pod template we know",
    VerifyFailed "verify-failed" "coupler's own check of its output failed: a bug",
    WorkloadNotFound "workload-not-found" "no workload of this name is in the stream",
    // a cluster beside what was baked
    InterfaceGone "interface-gone" "the Interface of a coupling is not in the cluster any more",
    PlugGone "plug-gone" "the Plug of a coupling is not in the cluster any more, and what it brought still is",
    RecordStripped "record-stripped" "a coupled workload was replaced by a manifest that was not rendered",
    RenamedAfterRender "renamed-after-render" "a Plug or Socket bears another name than when it was coupled",
    SocketGone "socket-gone" "the Socket of a coupling is not in the cluster any more",
    WorkloadBehind "workload-behind" "Plug or Socket changed in the cluster, and the workload was not rendered since",
}

impl Code {
    /// The code of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|c| c.as_str() == name)
    }
}
