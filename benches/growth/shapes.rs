//! The shapes of input that are made larger and larger, and what is run on each.

use std::fs;
use std::process::{Command, Stdio};

use coupler::api::{Integrations, Settings, suggest};
use coupler::compare::compare;
use coupler::diagnostic::Severity;
use coupler::render::{Input, Role, Source, check, render};

use super::texts::*;

/// One shape of input.
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    /// The first size.
    pub(crate) size: usize,
    /// Makes the input of a size, and what is measured on it.
    pub(crate) make: fn(usize) -> Box<dyn FnMut() -> usize>,
}

/// Every shape.
pub(crate) const SHAPES: &[Shape] = &[
    Shape {
        name: "Sockets by name",
        size: 500,
        make: |n| renders(sockets(n, plain) + &plugs(n, |i| by_name(i, "web"))),
    },
    Shape {
        name: "Sockets by matchLabels",
        size: 500,
        make: |n| renders(sockets(n, labelled) + &plugs(n, by_label)),
    },
    Shape {
        name: "Sockets by matchLabels, two pairs",
        size: 500,
        make: |n| renders(sockets(n, labelled) + &plugs(n, by_two_labels)),
    },
    Shape {
        name: "Sockets by matchLabels, none fits",
        size: 500,
        make: |n| fails(sockets(n, labelled) + &plugs(n, by_no_label)),
    },
    Shape {
        name: "Sockets, each Plug finds many",
        size: 500,
        make: |n| fails(sockets(n, plain) + &plugs(n, by_any)),
    },
    Shape {
        name: "Sockets, each Plug of a least version",
        size: 500,
        make: |n| fails(sockets(n, plain) + &plugs(n, by_least)),
    },
    Shape {
        name: "Sockets, each named one is of another kind",
        size: 500,
        make: |n| fails(misfits(n)),
    },
    Shape {
        name: "Sockets, each name misspelt",
        size: 500,
        make: |n| {
            fails(
                sockets(n, plain)
                    + &plugs(n, |i| by_name(i, "web").replace("{name: s", "{name: z")),
            )
        },
    },
    Shape {
        name: "Plugs without namespace, optional",
        size: 500,
        make: |n| fails(sockets(n, plain) + &plugs(n, homeless)),
    },
    Shape {
        name: "workloads by name",
        size: 250,
        make: |n| {
            renders(
                coupling()
                    + &webs(n)
                    + &plugs(n, |i| {
                        by_name(0, &format!("web{i}")).replace("name: p0,", &format!("name: p{i},"))
                    }),
            )
        },
    },
    Shape {
        name: "workloads by matchLabels",
        size: 250,
        make: |n| renders(coupling() + &webs(n) + &plugs(n, to_label)),
    },
    Shape {
        name: "workloads by matchLabels, none fits",
        size: 250,
        make: |n| fails(coupling() + &webs(n) + &plugs(n, to_no_label)),
    },
    Shape {
        name: "workloads by matchLabels, all of each",
        size: 1_000,
        make: |n| renders_or_fails(coupling() + &webs(n) + &plugs(n, to_all)),
    },
    Shape {
        name: "workloads, one label list of n",
        size: 500,
        make: |n| renders(coupling() + &long_labels(n) + &plugs(50, to_long_label)),
    },
    Shape {
        name: "workloads of one name, a Plug each",
        size: 500,
        make: |n| {
            fails(
                coupling()
                    + &web(0, "").repeat(n)
                    + &plugs(n, |i| {
                        by_name(0, "web0").replace("name: p0,", &format!("name: p{i},"))
                    }),
            )
        },
    },
    Shape {
        name: "Plugs of one workload",
        size: 60,
        make: |n| renders_or_fails(coupling() + &web(0, "") + &plugs(n, |i| one_workload(i, ""))),
    },
    Shape {
        name: "Plugs of one workload with n containers",
        size: 60,
        make: |n| {
            renders_or_fails(
                coupling()
                    + &web(0, &containers(n))
                    + &plugs(n, |i| one_workload(i, &format!(", containers: [c{i}]"))),
            )
        },
    },
    Shape {
        name: "containers, all of them",
        size: 2_000,
        make: |n| {
            renders_or_fails(
                coupling()
                    + &web(0, &containers(n))
                    + &plugs(1, |i| one_workload(i, ", containers: [\"*\"]")),
            )
        },
    },
    Shape {
        name: "containers, one of them",
        size: 2_000,
        make: |n| {
            renders(
                coupling()
                    + &web(0, &containers(n))
                    + &plugs(1, |i| one_workload(i, ", containers: [c1]")),
            )
        },
    },
    Shape {
        name: "variables with $(VAR)",
        size: 2_000,
        make: |n| {
            renders(
                coupling()
                    + &web(0, &variables(n))
                    + &plugs(8, |i| one_workload(i, ", containers: [web]")),
            )
        },
    },
    Shape {
        name: "envFrom of one large ConfigMap",
        size: 500,
        make: |n| {
            renders(
                coupling()
                    + &config_map(n)
                    + &web(0, &env_from(n))
                    + &plugs(8, |i| one_workload(i, ", containers: [web]")),
            )
        },
    },
    Shape {
        name: "records, containers that are gone",
        size: 500,
        make: |n| renders_or_fails(coupling() + &forged(n, gone_containers)),
    },
    Shape {
        name: "records, variables",
        size: 500,
        make: |n| renders_or_fails(coupling() + &forged(n, many_variables)),
    },
    Shape {
        name: "records, Plugs of one variable",
        size: 500,
        make: |n| renders_or_fails(coupling() + &forged_plugs(n)),
    },
    Shape {
        name: "versions, a document each",
        size: 500,
        make: |n| renders(versions(n)),
    },
    Shape {
        name: "versions, each Socket of one that is missing",
        size: 250,
        make: |n| fails(versions(n) + &of_no_version(n)),
    },
    Shape {
        name: "ConfigMap keys, a Socket each",
        size: 500,
        make: |n| {
            renders(
                config_map(n)
                    + &reads(
                        n,
                        "objectRef: {apiVersion: v1, kind: ConfigMap, name: c}",
                        "data.k",
                    ),
            )
        },
    },
    Shape {
        name: "Secret keys, a Socket each",
        size: 500,
        make: |n| {
            renders(
                config_map(n).replace("ConfigMap", "Secret")
                    + &reads(n, "secretRef: {name: c}", "k"),
            )
        },
    },
    Shape {
        name: "Secret keys, each misspelt",
        size: 500,
        make: |n| {
            fails(
                config_map(n).replace("ConfigMap", "Secret")
                    + &reads(n, "secretRef: {name: c}", "z"),
            )
        },
    },
    Shape {
        name: "diagnostics, a cause each",
        size: 1_000,
        make: |n| fails(unknown_fields(n)),
    },
    Shape {
        name: "diagnostics, one cause",
        size: 1_000,
        make: |n| fails(interface() + &plugs(n, by_any)),
    },
    Shape {
        name: "diagnostics, in a line of JSON",
        size: 50,
        make: |n| fails(one_line(n)),
    },
    Shape {
        name: "diagnostics, behind a broken document",
        size: 500,
        make: |n| fails(lost(n)),
    },
    Shape {
        name: "check of Sockets",
        size: 250,
        make: |n| checks(sockets(n, plain) + &sockets(n, other_interface)),
    },
    Shape {
        name: "near misses of a name",
        size: 2_000,
        make: near,
    },
    Shape {
        name: "diff, one Socket changed",
        size: 500,
        make: |n| differs(one_socket(n, "a"), one_socket(n, "b")),
    },
    Shape {
        name: "diff, every Socket changed",
        size: 250,
        make: |n| {
            differs(
                sockets(n, plain) + &plugs(n, own_workload),
                sockets(n, changed) + &plugs(n, own_workload),
            )
        },
    },
    Shape {
        name: "ResourceList, items",
        size: 250,
        make: |n| function(&(sockets(n, plain) + &plugs(n, own_workload))),
    },
    Shape {
        name: "ResourceList, results",
        size: 250,
        make: |n| function(&unknown_fields(n)),
    },
    Shape {
        name: "ResourceList, blank lines",
        size: 20_000,
        make: |n| {
            function(
                &(unknown_fields(40).replace("---\n", &format!("---\n{}", "\n".repeat(n / 40)))),
            )
        },
    },
    Shape {
        name: "test, cases",
        size: 200,
        make: |n| tests(many_cases(n)),
    },
    Shape {
        name: "test, a case with n files",
        size: 1_000,
        make: |n| tests(many_files(n)),
    },
    Shape {
        name: "test, a case of which every line differs",
        size: 40_000,
        make: |n| tests(many_differences(n)),
    },
    Shape {
        name: "test, mistakes of one case",
        size: 1_000,
        make: |n| tests(vec![file("a/input.yaml", unknown_fields(n))]),
    },
    Shape {
        name: "tags of a document that is coupled",
        size: 2_000,
        make: |n| {
            renders(
                coupling()
                    + &web(0, &tagged_variables(n))
                    + &plugs(1, |i| one_workload(i, ", containers: [web]")),
            )
        },
    },
    Shape {
        name: "prefixes and suffixes, all nested",
        size: 250,
        make: |n| renders_or_fails(coupling() + &nested_prefixes(n)),
    },
    Shape {
        name: "prefixes of kustomize, a Plug each",
        size: 250,
        make: |n| renders_or_fails(coupling() + &prefixed(n)),
    },
    Shape {
        name: "namespaces with a wildcard",
        size: 250,
        make: |n| fails(wildcards(n)),
    },
];

/// Renders and shows every diagnostic; the result is how many errors there are.
fn shown(input: &Input) -> usize {
    let output = render(input);
    let shown = output.text(input);
    assert!(shown.is_empty() || !output.diagnostics.is_empty());
    output
        .diagnostics
        .iter()
        .filter(|d| d.severity == Severity::Error)
        .count()
}

fn input(text: String) -> Input {
    let source = Source {
        name: "growth.yaml".to_owned(),
        text,
        role: Role::Stream,
    };
    Input {
        sources: vec![source],
        settings: Settings {
            integrations: Integrations::Keep,
            ..Settings::default()
        },
    }
}

fn renders(text: String) -> Box<dyn FnMut() -> usize> {
    let input = input(text);
    Box::new(move || {
        let errors = shown(&input);
        assert_eq!(errors, 0, "{:#?}", render(&input).diagnostics.first());
        errors
    })
}

fn fails(text: String) -> Box<dyn FnMut() -> usize> {
    let input = input(text);
    Box::new(move || {
        let errors = shown(&input);
        assert!(errors > 0);
        errors
    })
}

fn renders_or_fails(text: String) -> Box<dyn FnMut() -> usize> {
    let input = input(text);
    Box::new(move || shown(&input))
}

fn checks(text: String) -> Box<dyn FnMut() -> usize> {
    let input = input(text);
    Box::new(move || check(&input).diagnostics.len())
}

fn differs(base: String, head: String) -> Box<dyn FnMut() -> usize> {
    let (base, head) = (input(base), input(head));
    Box::new(move || {
        let comparison = compare(&base, &head);
        let comparison = comparison.unwrap_or_else(|failed| panic!("{:#?}", failed.base.first()));
        assert!(!comparison.is_empty());
        comparison.events.len()
    })
}

fn function(text: &str) -> Box<dyn FnMut() -> usize> {
    let list = crate::apps::list(text);
    Box::new(move || coupler::krm::run(list.clone()).stdout.len())
}

/// `coupler test` of some files, in a process of its own: what it holds is not counted.
fn tests(files: Vec<File>) -> Box<dyn FnMut() -> usize> {
    let dir = tempfile::tempdir().expect("there is a temporary directory");
    for File { path, text } in files {
        let path = dir.path().join(path);
        let parent = path.parent().expect("a file is in a directory");
        fs::create_dir_all(parent).expect("a directory can be made");
        fs::write(path, text).expect("a file can be written");
    }
    Box::new(move || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_coupler"));
        command.arg("test").arg(dir.path()).stdout(Stdio::null());
        let status = command.status().expect("coupler can be started");
        assert!(status.code().is_some_and(|code| code < 2), "{status}");
        1
    })
}

fn near(n: usize) -> Box<dyn FnMut() -> usize> {
    let names: Vec<String> = (0..n)
        .map(|i| format!("a-service-of-the-shop-{i:06}"))
        .collect();
    Box::new(move || {
        suggest(
            "a-service-of-the-shop-000x00",
            names.iter().map(String::as_str),
        )
        .map_or(0, str::len)
    })
}
