//! Schemas: exponential, recursive, with patterns that explode, very large.

use super::{bounded, coupling, expect, many, refused, scaled};

const A: &str = "    a: b\n";

#[test]
fn unfolding() {
    let levels = many(40, |n| {
        format!(
            "        d{}: {{allOf: [{{$ref: '#/$defs/d{n}'}}, {{$ref: '#/$defs/d{n}'}}]}}\n",
            n + 1
        )
    });
    let schema = format!(
        "      properties: {{a: {{$ref: '#/$defs/d40'}}}}\n      $defs:\n        d0: {{type: string}}\n{levels}"
    );
    expect(&["invalid-schema"], "exponential", coupling(&schema, A));
    expect(
        &["invalid-schema"],
        "itself",
        coupling("      properties: {a: {$ref: '#'}}\n", A),
    );
    let two = "      properties: {a: {$ref: '#/$defs/x'}}\n      $defs: {x: {$ref: '#/$defs/y'}, y: {$ref: '#/$defs/x'}}\n";
    expect(&["invalid-schema"], "each other", coupling(two, A));
    let chain = many(scaled(20_000), |n| {
        format!("        d{}: {{$ref: '#/$defs/d{n}'}}\n", n + 1)
    });
    let last = scaled(20_000);
    let schema = format!(
        "      properties: {{a: {{$ref: '#/$defs/d{last}'}}}}\n      $defs:\n        d0: {{type: string}}\n{chain}"
    );
    expect(&["invalid-schema"], "a chain", coupling(&schema, A));
    let remote = "      properties: {a: {$ref: 'http://127.0.0.1:1/x.json'}, b: {$ref: 'file:///etc/passwd'}}\n";
    expect(&["invalid-schema"], "another's", coupling(remote, A));
    let inner = format!("{}type: string{}", "not: {".repeat(60), "}".repeat(60));
    refused(
        &["interface-not-found", "invalid-schema", "limit-exceeded"],
        "nots",
        coupling(&format!("      properties: {{a: {{{inner}}}}}\n"), A),
    );
}

#[test]
fn patterns() {
    let pattern = |pattern: &str| {
        format!(
            "      required: [a]\n      properties: {{a: {{type: string, pattern: '{pattern}'}}}}\n"
        )
    };
    let value = format!("    a: {}!\n", "a".repeat(60_000));
    for catastrophe in [
        "^(a+)+$",
        "^(a|aa)+$",
        "^(a|a?)+$",
        "^(.*)*$x",
        "^([a-zA-Z]+)*$",
        "(a*)*b",
        "^(((((a*)*)*)*)*)*$",
    ] {
        let outcome = bounded(catastrophe, coupling(&pattern(catastrophe), &value));
        assert_eq!(outcome.errors, ["socket-config-invalid"], "{catastrophe}");
    }
    for large in ["(((a{99}){99}){99}){99}", "a{1000000}", "(\\pL{500}){500}"] {
        expect(&["invalid-schema"], large, coupling(&pattern(large), A));
    }
    for long in [
        "a".repeat(1 << 20),
        "a|".repeat(1 << 19),
        "(".repeat(1 << 17),
        "[a-z]".repeat(1 << 17),
        "(a)".repeat(1 << 17),
        "\\pL".repeat(1 << 17),
    ] {
        expect(
            &["invalid-schema"],
            &format!("a megabyte of {long:.5}"),
            coupling(&pattern(&long), A),
        );
    }
    expect(
        &["invalid-schema"],
        "looking back",
        coupling(&pattern("(?<=a)b\\1"), A),
    );
    let each = many(scaled(2_000), |n| {
        format!("        k{n}: {{type: string, pattern: '^(\\pL{{40}}){{40}}{n}$'}}\n")
    });
    let outcome = bounded(
        "many middling patterns",
        coupling(&format!("      properties:\n{each}"), "    k0: b\n"),
    );
    assert!(!outcome.errors.is_empty());
}

#[test]
fn size() {
    let keys = many(scaled(20_000), |n| {
        format!("        k{n}: {{type: string}}\n")
    });
    let outcome = bounded(
        "many properties",
        coupling(&format!("      properties:\n{keys}"), "    k0: b\n"),
    );
    assert!(
        outcome.errors.is_empty() || outcome.errors == ["invalid-schema"],
        "{:?}",
        outcome.errors
    );
    let required = many(scaled(20_000), |n| format!("k{n}, "));
    refused(
        &[
            "invalid-schema",
            "limit-exceeded",
            "socket-config-invalid",
            "undeclared-key",
        ],
        "many missing",
        coupling(&format!("      required: [{required}]\n"), A),
    );
    let values = many(scaled(200_000), |n| format!("v{n}, "));
    let outcome = bounded(
        "a large enum",
        coupling(
            &format!("      required: [a]\n      properties: {{a: {{enum: [{values}]}}}}\n"),
            A,
        ),
    );
    assert!(!outcome.errors.is_empty());
    let deep = |n: usize| {
        format!(
            "{}type: string{}",
            "properties: {ppppppppppppppppppppppppppppppppppppppppppp: {".repeat(n),
            "}}".repeat(n)
        )
    };
    let wide = many(scaled(20_000), |n| {
        format!("        k{n}: {{{}}}\n", deep(10))
    });
    refused(
        &["invalid-schema", "limit-exceeded"],
        "long pointers",
        coupling(&format!("      properties:\n{wide}"), A),
    );
    let uniques = "      required: [a]\n      properties: {a: {type: array, uniqueItems: true}}\n";
    let items = many(scaled(8_000), |n| format!("{{x: {n}}}, "));
    let outcome = bounded(
        "many that must differ",
        coupling(uniques, &format!("    a: [{items}]\n")),
    );
    assert!(outcome.errors.len() <= 1, "{:?}", outcome.errors);
    let wrong = "      required: [a]\n      properties: {a: {type: array, items: {type: string, minLength: 9, pattern: 'x'}}}\n";
    let items = "1, ".repeat(scaled(10_000));
    let outcome = expect(
        &["socket-config-invalid"],
        "many wrong items",
        coupling(wrong, &format!("    a: [{items}]\n")),
    );
    assert!(outcome.face.len() < 200_000);
    let branches = many(scaled(3_000), |n| {
        format!("{{type: integer, minimum: {n}}}, ")
    });
    let schema = format!("      required: [a]\n      properties: {{a: {{anyOf: [{branches}]}}}}\n");
    expect(
        &["socket-config-invalid"],
        "many branches",
        coupling(&schema, A),
    );
    let versions = many(60, |n| {
        format!(
            "  - {{version: 1.{n}.0, socket: {{required: [a], properties: {{a: {{type: string}}}}}}}}\n"
        )
    });
    let text = coupling(
        "      {required: [a], properties: {a: {type: string}}}\n",
        A,
    )
    .replace(
        "  versions:\n",
        &format!("  versions:\n{}", versions.replace("1.0.0", "1.9999.0")),
    );
    expect(&[], "many versions", text);
}
