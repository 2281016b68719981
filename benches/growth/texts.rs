//! The texts of the shapes: manifests that somebody else writes, of any size.

use std::fmt::Write as _;

pub(super) fn many(n: usize, mut piece: impl FnMut(usize) -> String) -> String {
    let mut out = String::new();
    for i in 0..n {
        let _ = write!(out, "{}", piece(i));
    }
    out
}

pub(super) fn ours(kind: &str, meta: &str, spec: &str) -> String {
    format!(
        "---\napiVersion: integration.rock8s.com/v1\nkind: {kind}\nmetadata: {{{meta}, namespace: shop}}\nspec:\n{spec}"
    )
}

pub(super) fn interface() -> String {
    let schema = "{required: [a], properties: {a: {type: string}}}";
    ours(
        "Interface",
        "name: x",
        &format!("  name: x\n  versions: [{{version: 1.0.0, socket: {schema}}}]\n"),
    )
}

pub(super) fn socket(meta: &str, value: &str) -> String {
    ours(
        "Socket",
        meta,
        &format!("  interface: {{name: x, versions: [1.0.0]}}\n  config: {{a: {value}}}\n"),
    )
}

/// An Interface and one Socket of it.
pub(super) fn coupling() -> String {
    interface() + &socket("name: s0", "a")
}

pub(super) fn sockets(n: usize, one: fn(usize) -> String) -> String {
    interface() + &many(n, one) + &web(0, "").replace("web0", "web")
}

pub(super) fn plain(i: usize) -> String {
    socket(&format!("name: s{i}"), "a")
}

pub(super) fn changed(i: usize) -> String {
    socket(&format!("name: s{i}"), "b")
}

pub(super) fn other_interface(i: usize) -> String {
    plain(i)
        .replace("name: s", "name: t")
        .replace("{name: x,", "{name: y,")
}

pub(super) fn labelled(i: usize) -> String {
    socket(&format!("name: s{i}, labels: {{own: l{i}, all: b}}"), "a")
}

pub(super) fn plugs(n: usize, one: impl FnMut(usize) -> String) -> String {
    many(n, one)
}

/// A Plug of one workload, which never renders more than one variable into it.
pub(super) fn plug(i: usize, workload: &str, more: &str) -> String {
    let spec = format!(
        "  name: p{i}\n  interface: {{name: x}}\n  suspend: false\n  workloads: [{workload}]\n{more}"
    );
    ours("Plug", &format!("name: p{i}"), &spec)
}

/// Coupled, and with nothing to bake: what is measured is the finding.
pub(super) fn found(i: usize, socket: &str) -> String {
    plug(i, "{name: web}", &format!("  bind: {{env: []}}\n{socket}"))
}

pub(super) fn by_name(i: usize, workload: &str) -> String {
    let plug = plug(
        i,
        &format!("{{name: {workload}}}"),
        &format!("  socket: {{name: s{i}}}\n"),
    );
    if workload == "web" {
        own(&plug, i)
    } else {
        plug
    }
}

/// A workload of its own for a Plug: one workload has no room for very many.
pub(super) fn own(plug: &str, i: usize) -> String {
    plug.replace("{name: web}", &format!("{{name: own{i}}}"))
        + &web(i, "").replace("name: web", "name: own")
}

pub(super) fn by_label(i: usize) -> String {
    own(
        &found(i, &format!("  socket: {{matchLabels: {{own: l{i}}}}}\n")),
        i,
    )
}

pub(super) fn by_two_labels(i: usize) -> String {
    own(
        &found(
            i,
            &format!("  socket: {{matchLabels: {{all: b, own: l{i}}}}}\n"),
        ),
        i,
    )
}

pub(super) fn by_no_label(i: usize) -> String {
    found(
        i,
        &format!("  socket: {{matchLabels: {{all: b, own: none{i}}}}}\n"),
    )
}

pub(super) fn by_any(i: usize) -> String {
    found(i, "")
}

pub(super) fn by_least(i: usize) -> String {
    found(i, "").replace("{name: x}", &format!("{{name: x, version: \"0.{i}\"}}"))
}

pub(super) fn homeless(i: usize) -> String {
    found(
        i,
        &format!("  optional: true\n  socket: {{matchLabels: {{own: none{i}}}}}\n"),
    )
    .replace(", namespace: shop", "")
}

pub(super) fn own_workload(i: usize) -> String {
    own(
        &plug(i, "{name: web}", &format!("  socket: {{name: s{i}}}\n")),
        i,
    )
}

pub(super) fn misfits(n: usize) -> String {
    let named = |i| found(i, &format!("  socket: {{name: t{i}}}\n"));
    sockets(n, plain) + &many(n, other_interface) + &plugs(n, named)
}

pub(super) fn web(i: usize, more: &str) -> String {
    let meta = format!("name: web{i}, namespace: shop, labels: {{own: l{i}, all: b}}");
    format!(
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{{meta}}}\nspec:\n  template:\n    spec:\n      containers:\n      - name: web\n{more}"
    )
}

pub(super) fn webs(n: usize) -> String {
    many(n, |i| web(i, ""))
}

pub(super) fn to(i: usize, labels: &str) -> String {
    plug(
        i,
        &format!("{{matchLabels: {{{labels}}}}}"),
        "  socket: {name: s0}\n",
    )
}

pub(super) fn to_label(i: usize) -> String {
    to(i, &format!("own: l{i}"))
}

pub(super) fn to_no_label(i: usize) -> String {
    to(i, &format!("all: b, own: none{i}"))
}

pub(super) fn to_all(i: usize) -> String {
    to(i, "all: b")
}

pub(super) fn long_labels(n: usize) -> String {
    many(50, |i| {
        let labels = many(n, |label| format!(", long{label}: v{i}"));
        web(i, "").replace(", all: b", &labels)
    })
}

pub(super) fn to_long_label(i: usize) -> String {
    to(i, &format!("long7: v{i}, long30: v{i}"))
}

pub(super) fn one_workload(i: usize, containers: &str) -> String {
    plug(
        i,
        &format!("{{name: web0{containers}}}"),
        "  socket: {name: s0}\n",
    )
}

pub(super) fn containers(n: usize) -> String {
    many(n, |i| format!("      - name: c{i}\n"))
}

pub(super) fn variables(n: usize) -> String {
    let one = |i| {
        format!(
            "        - {{name: N{i}, value: \"$(N{})$(P{}_A)\"}}\n",
            i + 1,
            i % 8
        )
    };
    format!("        env:\n{}", many(n, one))
}

pub(super) fn config_map(n: usize) -> String {
    format!(
        "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c, namespace: shop}}\ndata:\n{}",
        many(n, |i| format!("  k{i}: eA==\n"))
    )
}

pub(super) fn env_from(n: usize) -> String {
    let one = |i| format!("        - {{prefix: F{i}_, configMapRef: {{name: c}}}}\n");
    format!("        envFrom:\n{}", many(n, one))
}

/// A workload with a record that somebody forged.
pub(super) fn forged(n: usize, env: fn(usize) -> String) -> String {
    record(&format!(
        "coupled.integration.rock8s.com/p: '{{\"socket\":\"s\",\"interface\":\"x@1.0.0\",\"entries\":{{{}}}}}'",
        env(n)
    ))
    .replace("      - name: web\n", &(format!("      - name: web\n{}", variables(n)) + &containers(n)))
}

pub(super) fn record(plugs: &str) -> String {
    let own = "integration.rock8s.com/coupled: '{\"v\":1}'";
    web(0, "").replace(
        "labels: {",
        &format!(
            "annotations: {{{own}, {plugs}}}, labels: {{integration.rock8s.com/coupled: \"true\", "
        ),
    )
}

pub(super) fn gone_containers(n: usize) -> String {
    let all: Vec<_> = (0..n)
        .map(|i| format!("\"env/gone{i}\":{{\"A\":\"0123456789\"}}"))
        .collect();
    all.join(",")
}

pub(super) fn many_variables(n: usize) -> String {
    let all: Vec<_> = (0..n).map(|i| format!("\"N{i}\":\"0123456789\"")).collect();
    format!("\"env/web\":{{{}}}", all.join(","))
}

pub(super) fn forged_plugs(n: usize) -> String {
    let one = |i: usize| {
        format!(
            "coupled.integration.rock8s.com/p{i}: '{{\"socket\":\"s\",\"interface\":\"x@1.0.0\",\"entries\":{{\"env/web\":{{\"N\":\"0123456789\"}}}}}}'"
        )
    };
    let plugs: Vec<_> = (0..n).map(one).collect();
    record(&plugs.join(", ")).replace(
        "      - name: web\n",
        &format!(
            "      - name: web\n        env:\n{}",
            "        - {name: N, value: a}\n".repeat(n)
        ),
    )
}

/// An Interface of which every version is defined in a document of its own, twice the same.
pub(super) fn versions(n: usize) -> String {
    many(n, |i| {
        let spec = format!(
            "  name: x\n  versions: [{{version: 1.{}.0, socket: {{properties: {{a: {{type: string}}}}}}}}]\n",
            i / 2
        );
        ours("Interface", &format!("name: x{i}"), &spec)
    })
}

pub(super) fn of_no_version(n: usize) -> String {
    many(n, |i| {
        socket(&format!("name: s{i}"), "a").replace("[1.0.0]", "[2.0.0]")
    }) + &plugs(n, |i| found(i, &format!("  socket: {{name: s{i}}}\n")))
        + &web(0, "").replace("web0", "web")
}

/// Sockets that each take their key from one of the last keys of an object.
pub(super) fn reads(n: usize, from: &str, key: &str) -> String {
    let one = |i| {
        let spec = format!(
            "  interface: {{name: x, versions: [1.0.0]}}\n  configFrom: [{{{from}, keys: {{a: {key}{i}}}}}]\n"
        );
        ours("Socket", &format!("name: s{i}"), &spec)
    };
    interface() + &many(n, one) + &plugs(n, own_workload)
}

pub(super) fn unknown_fields(n: usize) -> String {
    many(n, |i| found(i, &format!("  colour{i}: red\n")))
}

/// A List in one line, with a mistake in each item.
pub(super) fn one_line(n: usize) -> String {
    let item = |i| {
        format!(
            "{{\"apiVersion\": \"integration.rock8s.com/v1\", \"kind\": \"Plug\", \"metadata\": {{\"name\": \"p{i}\"}}, \"spec\": \
             {{\"interface\": {{\"name\": \"x\"}}, \"workloads\": [{{\"name\": \"w\"}}], \"colour{i}\": 1}}}}"
        )
    };
    let items: Vec<String> = (0..n).map(item).collect();
    format!(
        "{{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [{}]}}\n",
        items.join(", ")
    )
}

/// Plugs whose Interfaces are defined in documents that cannot be used.
pub(super) fn lost(n: usize) -> String {
    let broken = |i| {
        format!(
            "---\napiVersion: integration.rock8s.com/v1\nkind: Interface\nmetadata: {{name: y{i}}}\nspec: 1\n"
        )
    };
    many(n, broken)
        + &plugs(n, |i| {
            found(i, "").replace("{name: x}", &format!("{{name: z{i}}}"))
        })
}

/// Each Plug of a workload of its own, and one Socket for all.
pub(super) fn one_socket(n: usize, value: &str) -> String {
    interface()
        + &socket("name: s0", value)
        + &plugs(n, |i| {
            own(&plug(i, "{name: web}", "  socket: {name: s0}\n"), i)
        })
}

/// One base under very many prefixes, as kustomize shows them to a function.
pub(super) fn prefixed(n: usize) -> String {
    let annotations = |i: usize, name: &str| {
        format!(
            "annotations: {{internal.config.kubernetes.io/previousNames: {name}, internal.config.kubernetes.io/prefixes: t{i}-}}"
        )
    };
    many(n, |i| {
        let web = web(i, "").replace(
            "labels: {",
            &format!("{}, labels: {{", annotations(i, "web")),
        );
        let plug = plug(i, "{name: web}", "  socket: {name: s0}\n");
        web + &plug.replace(
            &format!("name: p{i}, "),
            &format!("name: p{i}, {}, ", annotations(i, "p")),
        )
    })
}

pub(super) fn wildcards(n: usize) -> String {
    let globs: Vec<String> = (0..200).map(|i| format!("\"*a*b*c{i}\"")).collect();
    let allowing = |i| {
        socket(&format!("name: s{i}"), "a")
            + &format!("  allow: {{namespaces: [{}]}}\n", globs.join(", "))
    };
    let elsewhere = |i: usize| {
        found(i, &format!("  socket: {{name: s{i}, namespace: shop}}\n"))
            .replace(", namespace: shop}\nspec", ", namespace: aaabbb}\nspec")
    };
    interface() + &many(n, allowing) + &plugs(n, elsewhere)
}

/// A file of a directory of cases.
pub(super) struct File {
    pub(super) path: String,
    pub(super) text: String,
}

pub(super) fn file(path: impl Into<String>, text: String) -> File {
    let path = path.into();
    File { path, text }
}

/// Cases of which nothing is expected, so that each fails with all that it gives.
pub(super) fn many_cases(n: usize) -> Vec<File> {
    let input = coupling() + &web(0, "") + &one_workload(0, "");
    (0..n)
        .map(|i| file(format!("case{i}/input.yaml"), input.clone()))
        .collect()
}

pub(super) fn many_files(n: usize) -> Vec<File> {
    (0..n)
        .flat_map(|i| {
            [
                file(format!("a/input/{i}.yaml"), web(i, "")),
                file(format!("a/expected/{i}.yaml"), web(i + 1, "")),
            ]
        })
        .collect()
}

pub(super) fn many_differences(n: usize) -> Vec<File> {
    let keys = |text: &str| config_map(n).replace("eA==", text);
    vec![
        file("a/input.yaml", keys("eA==")),
        file("a/expected.yaml", keys("eB==")),
    ]
}

pub(super) fn tagged_variables(n: usize) -> String {
    let one = |i| format!("        - {{name: !!str N{i}, value: !!str \"{i}\"}}\n");
    format!("        env:\n{}", many(n, one))
}

/// One base, of which each Plug and workload has up to 30 prefixes and suffixes of two kinds.
pub(super) fn nested_prefixes(n: usize) -> String {
    let lists = |i: usize| {
        let list = |letter: &str| vec![letter; 1 + i % 30].join(",");
        format!(
            "annotations: {{internal.config.kubernetes.io/previousNames: NAME, internal.config.kubernetes.io/prefixes: \"{}\", \
             internal.config.kubernetes.io/suffixes: \"{}\"}}",
            list("a-"),
            list("-b")
        )
    };
    many(n, |i| {
        let web = web(i, "").replace(
            "labels: {",
            &format!("{}, labels: {{", lists(i).replace("NAME", "web")),
        );
        let plug = plug(i, "{name: web}", "  socket: {name: s0}\n");
        let named = format!("name: p{i}, {}, ", lists(i).replace("NAME", "p"));
        web + &plug.replace(&format!("name: p{i}, "), &named)
    })
}
