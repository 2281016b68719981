//! Workloads: how much is baked, how much is there already, and records that somebody forged.

use coupler::Severity;
use coupler::api::Settings;
use coupler::limits;
use coupler::render::{Input, Role, Source, render};

use super::{PEAK, bounded, coupling, expect, many, ours, scaled, web};

const A: &str = "      {required: [a], properties: {a: {type: string}}}\n";

fn plugs(n: usize) -> String {
    many(n, |n| {
        ours(
            "Plug",
            &format!("p{n}"),
            &format!("  name: p{n}\n  interface: {{name: x}}\n  workloads: [{{name: web}}]\n"),
        )
    })
}

#[test]
fn what_is_added() {
    let large = format!("    a: {}\n", "v".repeat(60_000));
    expect(
        &["limit-exceeded"],
        "too many bytes",
        coupling(A, &large) + &plugs(10),
    );
    expect(
        &["limit-exceeded"],
        "too many annotations",
        coupling(A, "    a: b\n") + &plugs(1_000),
    );
    expect(
        &["limit-exceeded"],
        "far too many",
        coupling(A, "    a: b\n") + &plugs(scaled(10_000)),
    );
}

#[test]
fn variables_that_collide() {
    let n = scaled(4_000);
    let names = many(n, |n| format!("k{n}, "));
    let keys = many(n, |n| format!("k{n}: {{type: string}}, "));
    let schema = format!("      {{required: [{names}], properties: {{{keys}}}}}\n");
    let values = many(n, |n| format!("    k{n}: a\n"));
    let own = many(n, |n| format!("        - {{name: X_K{n}, value: b}}\n"));
    let source = Source {
        name: "hostile.yaml".to_owned(),
        text: coupling(&schema, &values) + "        env:\n" + &own,
        role: Role::Stream,
    };
    let input = Input {
        sources: vec![source],
        settings: Settings::default(),
    };
    let mut found = Vec::new();
    let held = allocation_counter::measure(|| found = render(&input).diagnostics);
    let errors: Vec<_> = found
        .iter()
        .filter(|each| each.severity == Severity::Error)
        .collect();
    let [error] = &errors[..] else {
        panic!("{} errors of one cause", errors.len())
    };
    let others = format!("and {} more", n - 8);
    assert!(error.message.contains(&others), "{}", error.message);
    assert!(held.bytes_max <= PEAK, "{} bytes are held", held.bytes_max);
}

#[test]
fn files_that_are_added() {
    let files = |text: &str| {
        let env = "  workloads: [{name: web}]\n";
        text.replace(env, &format!("{env}  bind: {{files: {{}}}}\n"))
    };
    let keys = "      {additionalProperties: {type: string}}\n";
    let large = many(5, |n| format!("    k{n}: {}\n", "v".repeat(60_000)));
    expect(
        &["limit-exceeded"],
        "too many bytes of annotations",
        files(&coupling(keys, &large)),
    );
    let everywhere = files(&coupling(keys, "    a: b\n"))
        .replace("{name: web}]", "{name: web, containers: [\"*\"]}]");
    let containers = many(scaled(120_000), |n| format!("      - name: c{n}\n"));
    expect(
        &["limit-exceeded"],
        "a directory in very many containers",
        everywhere.clone() + &containers,
    );
    let mounts = many(scaled(20_000), |n| {
        format!(
            "        - {{name: v, mountPath: /m/{n}/{}}}\n",
            "x/".repeat(n % 50)
        )
    });
    let outcome = expect(
        &[],
        "many mounts",
        files(&coupling(keys, "    a: b\n")) + "        volumeMounts:\n" + &mounts,
    );
    assert!(outcome.text.contains("mountPath: /bindings/x"));
    let roots = many(scaled(20_000), |_| {
        "        - {name: SERVICE_BINDING_ROOT, value: /own}\n".to_owned()
    });
    expect(
        &["env-collision"],
        "many roots",
        files(&coupling(keys, "    a: b\n")) + "        env:\n" + &roots,
    );
}

#[test]
fn what_stands_there() {
    let n = scaled(20_000);
    let env = many(n, |n| {
        format!("        - {{name: N{n}, value: $(N{})$(X_A)}}\n", n + 1)
    });
    let outcome = expect(
        &[],
        "many variables",
        coupling(A, "    a: b\n") + "        env:\n" + &env,
    );
    assert!(outcome.text.contains("name: X_A"));
    let all =
        coupling(A, "    a: b\n").replace("{name: web}]", "{name: web, containers: [\"*\"]}]");
    let containers = many(scaled(120_000), |n| format!("      - name: c{n}\n"));
    expect(
        &["limit-exceeded"],
        "a variable in very many containers",
        all + &containers,
    );
    let containers = many(scaled(5_000), |n| format!("      - name: c{n}\n"));
    let all = coupling(A, "    a: b\n")
        .replace("{name: web}]", "{name: web, containers: [\"*\"]}]")
        + &containers;
    let outcome = bounded("many containers", all);
    assert!(
        outcome.errors.is_empty() || outcome.errors == ["limit-exceeded"],
        "{:?}",
        outcome.errors
    );
    let same = coupling(A, "    a: b\n")
        .replace("{name: web}]", "{name: web, containers: [\"*\"]}]")
        + &"      - name: c\n".repeat(n);
    let outcome = bounded("many containers of one name", same);
    assert!(outcome.errors.len() <= 1, "{:?}", outcome.errors);
    let text = "value: ".to_owned() + &"$(X_A)".repeat(scaled(200_000));
    let uses =
        coupling(A, "    a: b\n") + "        env:\n        - name: N\n          " + &text + "\n";
    assert!(expect(&[], "many uses", uses).text.contains("name: X_A"));
    let webs = many(scaled(5_000), |n| {
        web().replace("name: web,", &format!("name: web{n}, labels: {{a: b}},"))
    });
    let all = coupling(A, "    a: b\n").replace("[{name: web}]", "[{matchLabels: {a: b}}]") + &webs;
    assert!(
        expect(&[], "many workloads of one Plug", all)
            .text
            .contains("name: X_A")
    );
}

/// A List of workloads and their Plugs, `n` of both, and as many other values as bring it near the
/// limit.
fn list(n: usize) -> String {
    /// Values of a workload and its Plug.
    const PAIR: usize = 24;
    let item = |kind: &str, name: &str, spec: &str| {
        format!("- {{{kind}, metadata: {{name: {name}, namespace: shop}}, spec: {spec}}}\n")
    };
    let pair = |i: usize| {
        let web = "{template: {spec: {containers: [{name: web}]}}}";
        let plug = format!("{{interface: {{name: x}}, workloads: [{{name: w{i}}}]}}");
        let ours = "apiVersion: integration.rock8s.com/v1, kind: Plug";
        item(
            "apiVersion: apps/v1, kind: Deployment",
            &format!("w{i}"),
            web,
        ) + &item(ours, &format!("q{i}"), &plug)
    };
    let others = "0,".repeat(limits::NODES - 10_000 - n * PAIR);
    coupling(A, "    a: b\n")
        + "---\napiVersion: v1\nkind: List\nitems:\n"
        + &many(n, pair)
        + &format!("- {{apiVersion: v1, kind: Other, data: [{others}]}}\n")
}

#[test]
fn a_list_that_would_be_too_large_is_refused() {
    let text = list(scaled(32_000));
    let bytes = text.len() as u64;
    let input = Input {
        sources: vec![Source {
            name: "list.yaml".to_owned(),
            text,
            role: Role::Stream,
        }],
        settings: Settings::default(),
    };
    let used = allocation_counter::measure(|| {
        let found = render(&input).diagnostics;
        let codes: Vec<&str> = found.iter().map(|one| one.code.as_str()).collect();
        assert_eq!(codes, ["limit-exceeded"]);
    });
    assert!(
        used.bytes_max < 80 * bytes,
        "{} bytes are held of {bytes}",
        used.bytes_max
    );
}

#[test]
fn forged_records() {
    let record = |json: &str| {
        web().replace(
            "namespace: shop}",
            &format!(
                "namespace: shop, annotations: {{integration.rock8s.com/coupled: '{json}'}}}}"
            ),
        ) + &ours("Socket", "s", "  interface: {name: x, versions: [1.0.0]}\n")
    };
    let entry = |json: &str| {
        record("{\"v\":1}").replace(
            "'}}",
            &format!("', coupled.integration.rock8s.com/p: '{json}'}}}}"),
        )
    };
    for (what, text) in [
        ("nested", record(&"[".repeat(100_000))),
        ("nested objects", record(&"{\"a\":".repeat(100_000))),
        (
            "large",
            record(&format!(
                "{{\"v\":1,\"created\":[{}\"\"]}}",
                "\"metadata.labels\",".repeat(scaled(100_000))
            )),
        ),
        ("nested in a Plug's", entry(&"[".repeat(100_000))),
        (
            "containers",
            entry(&format!(
                "{{\"socket\":\"s\",\"interface\":\"i\",\"entries\":{{{}\"env/c\":{{}}}}}}",
                many(scaled(50_000), |n| format!(
                    "\"env/c{n}\":{{\"A\":\"0123456789\"}},"
                ))
            )),
        ),
        (
            "variables",
            entry(&format!(
                "{{\"socket\":\"s\",\"interface\":\"i\",\"entries\":{{\"env/web\":{{{}\"A\":\"\"}}}}}}",
                many(scaled(50_000), |n| format!("\"N{n}\":\"0123456789\","))
            )),
        ),
        (
            "a nested original",
            entry(&format!(
                "{{\"socket\":\"s\",\"interface\":\"i\",\"originals\":{{\"env/web\":{{\"A\":{{\"content\":{}",
                "[".repeat(100_000)
            )),
        ),
        (
            "the bytes of an original",
            entry(&format!(
                "{{\"socket\":\"s\",\"interface\":\"i\",\"entries\":{{\"env/web\":{{\"A\":\"\"}}}},\"originals\":{{\"env/web\":\
                 {{\"A\":{{\"content\":{{\"value\":\"x\"}},\"bytes\":\"value: {}\"}}}}}}}}",
                "[".repeat(100_000)
            )),
        ),
    ] {
        let outcome = bounded(what, text);
        assert!(
            outcome.all.iter().all(|code| !code.contains("verify")),
            "{what}: {:?}",
            outcome.all
        );
    }
    let plugs = many(scaled(5_000), |n| {
        format!(", coupled.integration.rock8s.com/p{n}: '{{\"socket\":\"s\",\"interface\":\"i\"}}'")
    });
    bounded(
        "many Plugs",
        record("{\"v\":1}").replace("'}}", &format!("'{plugs}}}}}")),
    );
}
