//! Defines the table of codes: kebab-case names that never change, each with a page in
//! `src/diagnostic/explain/` and a golden case.

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

            /// One line that explains the code.
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
    AmbiguousScalar "ambiguous-scalar" "YAML readers read this value differently",
    DuplicateKey "duplicate-key" "a mapping has one key twice",
    LimitExceeded "limit-exceeded" "the input is larger than a limit allows",
    ScalarRewritten "scalar-rewritten" "a number or boolean without quotes is written in another spelling",
    UnreadableDocument "unreadable-document" "a document cannot be read, and is written unchanged",
    YamlSyntax "yaml-syntax" "a document cannot be read as YAML",
    // our kinds as written
    DuplicateObject "duplicate-object" "one object is defined twice in the input",
    InvalidField "invalid-field" "a field has a value it cannot have",
    MissingField "missing-field" "a required field is absent",
    SimilarGroup "similar-group" "an object's API group is nearly coupler's own",
    UnknownField "unknown-field" "a field does not exist",
    UnsupportedApi "unsupported-api" "a kind or version of coupler's group is not supported",
    // interfaces and adapters
    AdapterConflict "adapter-conflict" "two Adapters define how one kind of object is a Socket of one Interface",
    ExampleFailed "example-failed" "an example of an Interface or an Adapter has another result than it declares",
    InterfaceConflict "interface-conflict" "one version of an Interface is defined in two ways",
    InterfaceNotFound "interface-not-found" "no Interface has this name",
    InvalidSchema "invalid-schema" "an Interface's schema cannot be used",
    MisspeltKeyword "misspelt-keyword" "a schema has a misspelt keyword",
    KeyCollision "key-collision" "two keys of an Interface would have one variable name",
    // resolving
    AdaptedSocketNotFound "adapted-socket-not-found" "the `from` of a Socket leads to no Socket",
    AmbiguousPort "ambiguous-port" "a Service has several ports, and the Plug names none",
    AmbiguousSocket "ambiguous-socket" "several Sockets fit and none is named",
    BindingWithoutType "binding-without-type" "the directory of a ServiceBinding has no file `type`",
    BoundSecretUnknown "bound-secret-unknown" "the Secret of a ServiceBinding is not known",
    DeprecatedVersion "deprecated-version" "the coupled version of the Interface is deprecated",
    InterfaceMismatch "interface-mismatch" "the named Socket offers another Interface",
    NamespaceNotAllowed "namespace-not-allowed" "the Socket does not allow the Plug's namespace",
    NamespaceUnknown "namespace-unknown" "a namespace is needed here, and is not known",
    PlugsUnseen "plugs-unseen" "a Socket has a `limit` or a `bind`, and not all of its Plugs are in the input",
    SocketLimitExceeded "socket-limit-exceeded" "more Plugs couple to a Socket than its `limit` allows",
    SocketNotFound "socket-not-found" "no Socket fits the Plug",
    VersionMismatch "version-mismatch" "Plug and Socket have no version in common",
    // both sides against the Interface
    KeyGivenTwice "key-given-twice" "a key is given twice",
    KeyNotGiven "key-not-given" "a key is used that the Socket does not give",
    NotChecked "not-checked" "a value that is known only in the cluster could not be checked",
    NothingBound "nothing-bound" "a Plug is coupled, and nothing is bound",
    ObjectNotFound "object-not-found" "a referenced object, or the path in it, is not in the stream",
    PortNotFound "port-not-found" "the Service in the stream has no such port",
    PlugConfigInvalid "plug-config-invalid" "the Plug's config does not satisfy the Interface",
    OptionalInText "optional-in-text" "a text contains a Secret's or ConfigMap's key that may be absent",
    ReferenceInPlainText "reference-in-plain-text" "a Secret's or ConfigMap's key is used where only plain text is possible",
    ReferenceUnreachable "reference-unreachable" "a Secret or ConfigMap of another namespace cannot be referenced",
    ReferenceWanted "reference-wanted" "a field asks for the name or the key of a Secret, and the value comes from none",
    SecretInUrl "secret-in-url" "a secret is part of a URL without encoding",
    SecretIsText "secret-is-text" "a key of a Secret is text, and the Interface requires a list or an object",
    SecretKeyNotFound "secret-key-not-found" "the Secret in the stream has no such key",
    SecretNotBound "secret-not-bound" "a Socket gives secrets, and the Plug binds none of them",
    SecretNotReferenced "secret-not-referenced" "a secret key of the Interface is given as plain text",
    SecretValueRequested "secret-value-requested" "a value would be read from a Secret",
    SimilarName "similar-name" "nothing in the input has this name, and something has nearly the same",
    SocketConfigInvalid "socket-config-invalid" "what the Socket gives does not satisfy the Interface",
    TargetPortUnknown "target-port-unknown" "the number of a port of a headless Service is not known",
    UndeclaredKey "undeclared-key" "a key that the Interface does not declare",
    ValueHasNoText "value-has-no-text" "a value cannot be written as the text of a variable",
    // templates
    TemplateCycle "template-cycle" "templates refer to each other in a circle",
    TemplateFailed "template-failed" "a template cannot be evaluated",
    ForeignTemplate "foreign-template" "a value contains a template of another tool",
    TemplateSyntax "template-syntax" "a template cannot be parsed",
    // workloads
    BakedEntryEdited "baked-entry-edited" "an entry that coupler wrote was edited by somebody",
    BakedEntryMissing "baked-entry-missing" "an entry that coupler wrote was removed by somebody",
    BakedEntryShadowed "baked-entry-shadowed" "a second variable of the same name hides one that coupler wrote",
    CannotEdit "cannot-edit" "a document cannot be edited safely here",
    ContainerNotFound "container-not-found" "the workload has no such container",
    ContainerLeftOut "container-left-out" "a container gets nothing from a Plug, and may need what another one gets",
    ContainersUnnamed "containers-unnamed" "the workload has several containers and the Plug names none",
    CreatedTooLate "created-too-late" "a workload is created before a Secret or ConfigMap of the stream that it needs",
    Decoupled "decoupled" "a Plug was removed, and what was written for it is removed",
    EnvCollision "env-collision" "a variable of this name already exists",
    EnvFromUnseen "env-from-unseen" "a container takes variables from an object that is not in the stream",
    ResourceCollision "resource-collision" "an object of a resource's kind and name already exists",
    ResourceNotDistinct "resource-not-distinct" "a Socket's resource has one name for all Plugs",
    ResourceRefused "resource-refused" "a resource that coupler does not write",
    ResourceScope "resource-scope" "a cluster-wide resource is declared to be in a namespace",
    SeveralNamespaces "several-namespaces" "what a Plug couples is used in more than one namespace",
    UnexpectedValue "unexpected-value" "a value is not the one that a Plug expects there",
    FieldCollision "field-collision" "a field already has another value or another owner",
    FindMismatch "find-mismatch" "a text does not contain the part that a Plug replaces exactly once",
    ConfigNotRead "config-not-read" "a Plug only hands its config to a Socket that reads nothing of it",
    ConfigNotReloaded "config-not-reloaded" "a ConfigMap is changed, and pods that read it may not be restarted",
    FieldNotWritable "field-not-writable" "a field cannot be written",
    FilesCollision "files-collision" "a file, a directory or a volume of this name already exists",
    ImmutableTemplate "immutable-template" "the cluster will refuse to update this object after it is created",
    IntegrationsMissing "integrations-missing" "the input has coupled workloads, and no Plug, Socket or Interface",
    NotRendered "not-rendered" "rendering would change the manifests",
    NameNotFollowed "name-not-followed" "kustomize renames an object later, and does not change the name where coupler writes it",
    NothingReplaced "nothing-replaced" "a variable with `replace: true` replaces nothing",
    ProvenanceInvalid "provenance-invalid" "the record of what coupler wrote cannot be used",
    ReplacesPlainSecret "replaces-plain-secret" "a secret would replace plain text, which would be kept in the record",
    RevisionRefused "revision-refused" "Knative will refuse a Service with this variable or these files",
    ServiceBindingKept "service-binding-kept" "a coupled ServiceBinding is kept in the output, and may be bound again in the cluster",
    ServiceBindingPassed "service-binding-passed" "ServiceBindings are in the input, and are not coupled",
    SourcesOmitted "sources-omitted" "a coupled workload's sources were left out on purpose",
    UnknownVariable "unknown-variable" "a text uses a variable that the container does not define before it",
    UnsupportedWorkload "unsupported-workload" "a workload's kind has no known pod template",
    VerifyFailed "verify-failed" "coupler's own check of its output failed: a bug",
    WorkloadNotFound "workload-not-found" "no workload of this name is in the stream",
    // a cluster beside what was baked
    InterfaceGone "interface-gone" "the Interface of a coupling was deleted from the cluster",
    PlugGone "plug-gone" "the Plug of a coupling was deleted from the cluster, and what was written for it is still there",
    RecordStripped "record-stripped" "a coupled workload was replaced by a manifest that was not rendered",
    RenamedAfterRender "renamed-after-render" "a Plug or Socket has another name than when it was coupled",
    SocketGone "socket-gone" "the Socket of a coupling was deleted from the cluster",
    WorkloadBehind "workload-behind" "Plug or Socket changed in the cluster, and the workload was not rendered again",
}

impl Code {
    /// The code of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|c| c.as_str() == name)
    }
}
