//! Documents: nesting, nodes, aliases, keys, scalars, lines, garbage, and very many of them.

use coupler::limits;

use super::{bounded, coupling, expect, many, ours, refused, scaled, web};

fn plug(spec: &str) -> String {
    ours("Plug", "x", spec)
}

#[test]
fn deep_nesting() {
    refused(
        &["limit-exceeded", "yaml-syntax"],
        "flow lists",
        plug(&format!("  a: {}\n", "[".repeat(100_000))),
    );
    refused(
        &["limit-exceeded", "yaml-syntax"],
        "flow maps",
        plug(&format!("  a: {}\n", "{a: ".repeat(100_000))),
    );
    refused(
        &["limit-exceeded", "yaml-syntax"],
        "dashes",
        plug(&format!("  {}a\n", "- ".repeat(50_000))),
    );
    refused(
        &["limit-exceeded", "yaml-syntax"],
        "block maps",
        plug(&many(2_000, |n| format!("  {}a:\n", " ".repeat(n)))),
    );
    refused(
        &["limit-exceeded", "yaml-syntax"],
        "questions",
        plug(&format!("  {}a\n", "? ".repeat(50_000))),
    );
    let outcome = expect(
        &[],
        "somebody else's",
        format!("kind: X\na: {}\n", "[".repeat(100_000)),
    );
    assert_eq!(outcome.all, ["unreadable-document"]);
}

#[test]
fn nodes() {
    let list = |n| format!("  a: [{}]\n", "1,".repeat(n));
    expect(
        &["limit-exceeded"],
        "more nodes than allowed",
        plug(&list(1_100_000)),
    );
    refused(
        &["missing-field", "unknown-field"],
        "many nodes",
        plug(&list(scaled(900_000))),
    );
    expect(
        &["missing-field", "unknown-field"],
        "many lines",
        plug(&format!("  a:\n{}", "  - b\n".repeat(scaled(400_000)))),
    );
    let maps = format!("    a: [{}]\n", "{a: 1}, ".repeat(scaled(300_000)));
    let schema = "      {required: [a], properties: {a: {}}}\n";
    expect(
        &["limit-exceeded"],
        "a value of many maps",
        coupling(schema, &maps),
    );
    let keys = many(scaled(100_000), |n| format!("  k{n}: v\n"));
    refused(
        &["missing-field", "unknown-field"],
        "many keys",
        plug(&keys),
    );
    expect(
        &["duplicate-key"],
        "many keys, one twice",
        plug(&format!("{keys}  k5: v\n")),
    );
    expect(
        &["duplicate-key"],
        "one key very often",
        plug(&"  k: v\n".repeat(scaled(100_000))),
    );
}

#[test]
fn aliases() {
    let bomb = |first: &str| {
        let level = |n: usize| {
            format!(
                "a{n}: &a{n} [{}]\n",
                vec![format!("*a{}", n - 1); 9].join(", ")
            )
        };
        format!(
            "a0: &a0 {first}\n{}",
            (1..10).map(level).collect::<String>()
        )
    };
    expect(
        &[],
        "a bomb of somebody else",
        format!("apiVersion: v1\nkind: ConfigMap\n{}", bomb("x")),
    );
    let outcome = bounded(
        "a bomb of ours",
        plug("  interface: {name: x}\n") + &bomb("x"),
    );
    assert!(!outcome.errors.is_empty());
    let many_aliases = format!(
        "x: &x {}\ny: [{}]\n",
        "s".repeat(100_000),
        vec!["*x"; 5_000].join(", ")
    );
    expect(
        &[],
        "a large scalar, often",
        format!("apiVersion: v1\nkind: ConfigMap\n{many_aliases}"),
    );
    let workload = web().replace("kind: Dep", "x: &x {a: b}\nkind: Dep") + "        env: *x\n";
    let schema = "      {required: [a], properties: {a: {type: string}}}\n";
    let text = coupling(schema, "    a: b\n").replace(&web(), &workload);
    expect(&["cannot-edit"], "an alias where we must edit", text);
}

#[test]
fn keys_and_scalars() {
    refused(
        &["limit-exceeded", "yaml-syntax"],
        "a key of a megabyte",
        plug(&format!("  {}: x\n", "k".repeat(1 << 20))),
    );
    let outcome = bounded(
        "an explicit key of a megabyte",
        plug(&format!("  ? {}\n  : x\n", "k".repeat(1 << 20))),
    );
    assert!(!outcome.errors.is_empty());
    let schema = "      {required: [a], properties: {a: {type: string}}}\n";
    expect(
        &["limit-exceeded"],
        "a value of ten megabytes",
        coupling(schema, &format!("    a: {}\n", "v".repeat(10 << 20))),
    );
    let text =
        coupling(schema, "    a: b\n") + "        args:\n        - " + &"v".repeat(10 << 20) + "\n";
    assert!(
        expect(&[], "an argument of ten megabytes", text)
            .text
            .contains("value: b")
    );
    let folded = coupling(schema, "    a: b\n")
        + "        args:\n        - |\n"
        + &"          line\n".repeat(scaled(500_000));
    assert!(
        expect(&[], "a block of many lines", folded)
            .text
            .contains("value: b")
    );
    let quoted = coupling(schema, "    a: b\n")
        + "        args: [\""
        + &"\\u0041\\n".repeat(scaled(500_000))
        + "\"]\n";
    assert!(
        expect(&[], "many escapes", quoted)
            .text
            .contains("value: b")
    );
    let name = "n".repeat(1 << 20);
    let text = ours(
        "Plug",
        &name,
        "  interface: {name: x}\n  workloads: [{name: web}]\n",
    );
    assert!(!bounded("a name of a megabyte", text).errors.is_empty());
}

#[test]
fn lines() {
    let long = format!(
        "{{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"data\": {{\"a\": \"{}\"}}}}\n",
        "x".repeat(5 << 20)
    );
    expect(&[], "a long line", long);
    let outcome = bounded(
        "an error in a long line",
        plug(&format!(
            "  {{a: {}, interface: [}}\n",
            "x, ".repeat(scaled(1_000_000))
        )),
    );
    assert!(!outcome.errors.is_empty() && outcome.face.len() < 10_000);
    let outcome = bounded(
        "many errors in a long line",
        plug(&format!(
            "  {{{}}}\n",
            many(scaled(100_000), |n| format!("a{n}: b, "))
        )),
    );
    assert!(!outcome.errors.is_empty());
    expect(&[], "many comments", "# c\n".repeat(scaled(1_000_000)));
    expect(&[], "many blanks", " ".repeat(5 << 20));
}

#[test]
fn garbage() {
    let mut state = 88_172_645_463_325_252_u64;
    let mut bytes = Vec::with_capacity(1 << 20);
    while bytes.len() < 1 << 20 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend(state.to_le_bytes());
    }
    let noise = String::from_utf8_lossy(&bytes).into_owned();
    let outcome = expect(&[], "noise", noise.clone());
    assert_eq!(outcome.text, noise);
    let outcome = bounded("noise in a Plug", plug(&format!("  a: {noise}")));
    assert!(!outcome.errors.is_empty());
    assert!(
        !outcome.face.contains('\u{1b}') && !outcome.face.contains('\u{7}'),
        "control characters reach the terminal"
    );
    expect(&[], "nulls", "\0".repeat(1 << 20));
    expect(&[], "marks of byte order", "\u{feff}".repeat(1 << 18));
    expect(&[], "returns", "\r".repeat(1 << 20));
    expect(&[], "tabs", "\t".repeat(1 << 20));
    expect(&[], "percents", "%".repeat(1 << 20));
    for opening in ["\"", "'", "{", "[", "|", "? ", "- ", "&", "*", "!", "a: "] {
        let outcome = bounded(&format!("{opening:?} for ever"), opening.repeat(1 << 17));
        assert!(
            outcome.errors.is_empty(),
            "somebody else's {opening:?} fails the run: {:?}",
            outcome.errors
        );
    }
}

#[test]
fn many_documents() {
    let whole = "---\napiVersion: v1\nkind: Service\n";
    expect(
        &["limit-exceeded"],
        "more than allowed",
        whole.repeat(limits::DOCUMENTS + 1),
    );
    expect(&[], "as many as allowed", whole.repeat(limits::DOCUMENTS));
    expect(
        &[],
        "as many as allowed that must be read",
        "---\na\n".repeat(scaled(limits::DOCUMENTS)),
    );
    expect(&[], "empty documents", "---\n".repeat(scaled(1_000_000)));
    let text = many(scaled(100_000), |n| {
        format!("---\napiVersion: v1\nkind: Service\nmetadata: {{name: s{n}}}\n")
    });
    assert_eq!(expect(&[], "small documents", text.clone()).text, text);
    let items = many(scaled(100_000), |n| {
        format!("- {{apiVersion: v1, kind: Service, metadata: {{name: s{n}}}}}\n")
    });
    expect(
        &[],
        "a list of many",
        format!("apiVersion: v1\nkind: List\nitems:\n{items}"),
    );
    let unreadable = "---\nkind: X\na: {{ b }}\n---\nkind: Y\n: {{\n".repeat(scaled(20_000));
    assert_eq!(
        expect(&[], "many that cannot be read", unreadable).all,
        ["unreadable-document"]
    );
    let objects = "{\"kind\": \"X\"}".repeat(scaled(100_000));
    expect(&[], "many JSON objects", objects);
}
