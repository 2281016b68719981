//! Defines every limit on hostile input, in one table. Each has a test in `tests/it/hostile.rs`,
//! those of the watcher in `src/watch`.

/// Bytes of one source (a file, or standard input). Spans are 32-bit.
pub const SOURCE_BYTES: usize = 1 << 30;
/// Bytes of all files that one run reads.
pub const INPUT_BYTES: usize = 1 << 30;
/// Bytes of a `coupler.yaml`.
pub const SETTINGS_BYTES: usize = 1 << 20;
/// Bytes of a chart's schema of values, and of its `.helmignore`; Helm reads no larger file of a
/// chart.
pub const CHART_FILE_BYTES: usize = 5 << 20;
/// Links that are followed on the way to one file; Linux follows as many.
pub const LINKS: usize = 40;
/// Directories within one another below the one that is searched for test cases, and in a case.
pub const DIRECTORY_DEPTH: usize = 32;
/// Documents of a run; empty ones in a row count as one.
pub const DOCUMENTS: usize = 200_000;
/// Nesting of one document, both parsers.
pub const DEPTH: usize = 64;
/// Nodes of one document's tree.
pub const NODES: usize = 1_000_000;
/// Nodes of all values and schemas of one Plug, Socket or Interface: as JSON, a map of one member
/// takes a hundred times its text.
pub const JSON_NODES: usize = 50_000;
/// Bytes of one mapping key (YAML 1.2 §7.4.2 allows 1,024 characters for an implicit key).
pub const KEY_BYTES: usize = 1_000;
/// Bytes of a path into an object.
pub const PATH_BYTES: usize = 1 << 10;
/// Bytes of a text of which a Plug replaces a part; a ConfigMap can have no longer one.
pub const FIND_BYTES: usize = 1 << 20;
/// Versions of a `ClusterWorkloadResourceMapping`, and paths to containers of each.
pub const MAPPING_ENTRIES: usize = 64;
/// Nesting of template evaluation, key by key.
pub const EVALUATION_DEPTH: usize = 32;
/// Bytes of one computed expression, or of a text with statements in it: the engine recurses along
/// its operators.
pub const TEMPLATE_BYTES: usize = 4 << 10;
/// Nesting of `if`s, and of parentheses, of one Go template that is migrated.
pub const GO_TEMPLATE_DEPTH: usize = 32;
/// `if`s next to each other in one body of a Go template that is migrated.
pub const GO_CHOICES: usize = 16;
/// Resources that one body of a Go template becomes, by the `if`s around its keys.
pub const MIGRATED_VARIANTS: usize = 16;
/// Bytes of bodies that one migration parses to find out what their `if`s are around.
pub const MIGRATED_TRIAL_BYTES: usize = 64 << 20;
/// Fuel of one computed expression, in minijinja instructions.
pub const TEMPLATE_FUEL: u64 = 50_000;
/// Fuel of all computed expressions of one run.
pub const RUN_FUEL: u64 = 5_000_000;
/// Fuel of all computed texts of the Adapters of one run.
pub const ADAPTER_FUEL: u64 = 20_000_000;
/// Bytes of one value of an Adapter: a part of an object.
pub const ADAPTER_VALUE_BYTES: usize = 256 << 10;
/// Items of one `each` of an Adapter.
pub const ADAPTED_ITEMS: usize = 1_000;
/// Bytes of memory, roughly, of all objects that Adapters read in one run.
pub const ADAPTED_BYTES: usize = 24 << 20;
/// Objects that are adapted for messages alone: for a Plug that found none.
pub const ADAPTED_NEAR: usize = 64;
/// Objects that all conditions and labels of `related` of one run are compared with.
pub const RELATED_LOOKS: usize = 200_000;
/// Bytes of one evaluated value (Linux allows 128 KiB for one environment string).
pub const VALUE_BYTES: usize = 64 << 10;
/// Bytes that coupler adds to one workload.
pub const WORKLOAD_BYTES: usize = 512 << 10;
/// Bytes of all values that the Plugs of Sockets with a `bind` hand over in one run.
pub const SOCKET_PLUG_BYTES: usize = 2 << 20;
/// Bytes of one resource, once its templates are evaluated.
pub const RESOURCE_BYTES: usize = 256 << 10;
/// Resources of one run.
pub const RUN_RESOURCES: usize = 50_000;
/// Bytes of all resources of one run.
pub const RUN_RESOURCE_BYTES: usize = 12 << 20;
/// Bytes of all annotations that coupler writes on one object (the API allows 256 KiB for all
/// together).
pub const RECORD_BYTES: usize = 64 << 10;
/// Bytes of all annotations of the pods of one workload, its author's too: the API allows no more.
pub const POD_ANNOTATION_BYTES: usize = 256 << 10;
/// Cost of a JSON Schema with its `$ref`s expanded, in subschemas.
pub const SCHEMA_COST: u64 = 10_000;
/// Bytes of the JSON pointers of all values of one schema.
pub const SCHEMA_POINTERS: usize = 1 << 20;
/// Bytes of a regular expression of a schema as it is written: its syntax tree takes a hundred
/// times as many.
pub const PATTERN_TEXT: usize = 4 << 10;
/// Bytes of a compiled regular expression of a schema.
pub const PATTERN_BYTES: usize = 1 << 20;
/// Bytes of all compiled regular expressions of a schema, shared out evenly.
pub const PATTERNS_BYTES: usize = 8 << 20;
/// Keys that all texts of `x-value` of one schema use together.
pub const KEY_TEXT_PATHS: usize = 500;
/// Validators that are kept for one schema, one for each set of keys with unknown values.
pub const VALIDATORS: usize = 32;
/// Bytes of a message, of a label or of a help.
pub const WORDS_BYTES: usize = 4 << 10;
/// Nodes of a value that a help writes again; for a larger value only the message is printed.
pub const REMEDY_NODES: usize = 512;
/// Errors that one run shows; the others are counted.
pub const DIAGNOSTICS: usize = 200;
/// Diagnostics of one run that a format for programs lists; the others are counted.
pub const LISTED: usize = 1_000;
/// Places that one diagnostic lists.
pub const LABELS: usize = 12;
/// Candidates that are shown for one Plug without a Socket; the others are counted.
pub const CANDIDATES: usize = 8;
/// Plugs without a Socket that get closest matches and suggestions; the others get only the
/// message.
pub const NEAR_MISSES: usize = 50;
/// Bytes of a name that gets a *did you mean*.
pub const SUGGESTION_BYTES: usize = 64;
/// Sockets and workloads that all label selectors of one run are compared with.
pub const LABEL_LOOKS: usize = 20_000_000;
/// Pairs of a Plug and a workload of one run.
pub const WORKLOADS: usize = 250_000;
/// Plugs of one workload: the record has no space for more.
pub const WORKLOAD_PLUGS: usize = 1_000;
/// Variables and files that coupler adds to one workload, in all its containers: the record has no
/// space for more.
pub const WORKLOAD_VARIABLES: usize = 5_000;
/// Connections at once to the watcher's probes and metrics: probes and Prometheus need a handful.
pub const PROBE_CONNECTIONS: usize = 128;
/// Bytes of the head of a request to them.
pub const PROBE_HEAD_BYTES: usize = 8 << 10;
/// Drifts of one namespace that the watcher keeps one by one; the others are counted.
pub const NAMESPACE_DRIFTS: usize = 1_000;
/// Plugs with other names that the records of one namespace are compared with in one check.
pub const RENAMED_PLUGS: usize = 10_000;
/// Sockets and Interfaces of records that the metrics of a namespace list separately.
pub const NAMESPACE_LABELS: usize = 200;
/// Bytes of one of them: two names of a cluster, or a name and a version.
pub const LABEL_BYTES: usize = 320;
/// Look-ups of workloads that the Plugs of one namespace name and that have no record.
pub const NAMESPACE_LOOK_UPS: usize = 100;
