use super::{Scalar, Style, ambiguous, resolve};

fn plain(text: &str) -> Scalar<'_> {
    resolve(text, Style::Plain)
}

#[test]
fn words() {
    for text in ["", "~", "null", "Null", "NULL"] {
        assert_eq!(plain(text), Scalar::Null, "{text}");
    }
    for (text, value) in [
        ("y", true),
        ("Yes", true),
        ("ON", true),
        ("TRUE", true),
        ("n", false),
        ("Off", false),
    ] {
        assert_eq!(plain(text), Scalar::Bool(value), "{text}");
    }
    for text in [
        "nUll",
        "tRUE",
        "yEs",
        "=",
        "<<",
        "_1",
        "-",
        "+",
        ".",
        "...",
        "1:30",
        "2001-01-01",
        "mongo",
    ] {
        assert_eq!(plain(text), Scalar::Str(text));
    }
}

#[test]
fn only_plain_text_resolves() {
    for style in [Style::Single, Style::Double, Style::Literal, Style::Folded] {
        assert_eq!(resolve("5", style), Scalar::Str("5"));
    }
}

#[test]
fn integers() {
    let cases = [
        ("0", 0),
        ("-0", 0),
        ("+1", 1),
        ("0777", 511),
        ("-0777", -511),
        ("0o777", 511),
        ("0O17", 15),
        ("1_000", 1000),
        ("1_", 1),
        ("0x1F", 31),
        ("-0X1f", -31),
        ("0x_1F", 31),
        ("0b101", 5),
        ("-0b101", -5),
        ("0b-101", -5),
        ("9223372036854775807", i64::MAX),
        ("-9223372036854775808", i64::MIN),
    ];
    for (text, value) in cases {
        assert_eq!(plain(text), Scalar::Int(value), "{text}");
    }
    for text in [
        "9223372036854775808",
        "18446744073709551616",
        "0xFFFFFFFFFFFFFFFFFF",
        "01777777777777777777777",
    ] {
        assert_eq!(plain(text), Scalar::Big(text));
    }
    for text in [
        "0x",
        "0b",
        "0o8",
        "0b12",
        "-0x8000000000000001",
        "--1",
        "+-1",
        "0b",
    ] {
        assert_eq!(plain(text), Scalar::Str(text));
    }
}

#[test]
fn floats() {
    let cases = [
        (".5", 0.5),
        (".5_0", 0.5),
        ("5.", 5.0),
        ("08", 8.0),
        ("1e3", 1000.0),
        ("1_0.5", 10.5),
        ("-1.5E-2", -0.015),
        ("+.5", 0.5),
        ("-9223372036854775809", -9_223_372_036_854_775_809.0),
        (".inf", f64::INFINITY),
        ("-.INF", f64::NEG_INFINITY),
    ];
    for (text, value) in cases {
        assert_eq!(plain(text), Scalar::Float(value), "{text}");
    }
    assert!(matches!(plain(".NaN"), Scalar::Float(value) if value.is_nan()));
    for text in [
        "1e999", "1e", ".e5", "1.2.3", "._5", ".5_", ".5__0", "1e5.5", "0x1p3", "Inf", "nan",
    ] {
        assert_eq!(plain(text), Scalar::Str(text));
    }
}

#[test]
fn what_readers_disagree_on() {
    for text in [
        "on",
        "y",
        "No",
        "0777",
        "0o777",
        "-0x1F",
        "0X1F",
        "0b1",
        "1_000",
        "1e3",
        "1.5e3",
        "08",
        "+.5",
        ".inf",
        ".nan",
        "1:30",
        "190:20:30.15",
        "2001-01-01",
        "2001-1-1",
        "2001-01-01T10:00:00Z",
        "2001-12-14 21:59:43.10 -5",
        "=",
        "<<",
        "1e999",
        "12345678901234567890",
        ".1_",
        "-12345678901234567890",
    ] {
        assert!(ambiguous(text).is_some(), "{text}");
    }
    for text in [
        "",
        "~",
        "null",
        "true",
        "False",
        "0",
        "-1",
        "+1",
        "0x1F",
        "1.5",
        ".5",
        "5.",
        "1.10",
        "1.5e+3",
        "1.2.3",
        "8080:80",
        "0:30",
        "10.0.0.1",
        "007",
        "mongo",
        "mongo:27017",
        "2001-01",
        "2001-01-01-a",
        "a=b",
        "1:99",
        "12:30:",
        "::1",
    ] {
        assert_eq!(ambiguous(text), None, "{text}");
    }
}

/// Texts that look like numbers, booleans and dates, and a few that only nearly do.
fn lookalikes() -> impl Iterator<Item = String> {
    let alphabet: Vec<char> = "00112789abefxoBOE__..++--:".chars().collect();
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move |below: usize| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    (0..20_000).map(move |_| {
        let prefix = ["", "", "", "-", "+", "0x", "0b", "0o", "0", "."][next(10)];
        let length = 1 + next(if prefix.is_empty() { 22 } else { 6 });
        let digits = next(3) == 0;
        let body = (0..length).map(|_| {
            if digits {
                char::from(b'0' + next(10) as u8)
            } else {
                alphabet[next(alphabet.len())]
            }
        });
        prefix.chars().chain(body).collect()
    })
}

#[test]
fn kubectl_reads_the_same() {
    let words = [
        "~",
        "Null",
        "y",
        "oN",
        "ON",
        "No",
        "OFF",
        "True",
        "=",
        "2001-01-01",
        "1:30",
    ]
    .map(str::to_owned);
    let mut manifest =
        "apiVersion: example.com/v1\nkind: Sample\nmetadata: {name: sample}\nspec:\n".to_owned();
    for text in words.into_iter().chain(lookalikes()) {
        let readable = !text.ends_with(':') && text != "-" && text != "---" && text != "...";
        if readable && !matches!(plain(&text), Scalar::Float(value) if !value.is_finite()) {
            manifest += &format!("- {text}\n");
        }
    }
    let Some(seen) = crate::manifest::kubectl_for_tests::read(&manifest) else {
        return;
    };
    let tree = crate::manifest::Tree::read(&manifest).unwrap();
    let list = tree.written_member(tree.root().unwrap(), "spec").unwrap();
    let seen = seen["spec"].as_array().unwrap();
    assert_eq!(tree.children(list).count(), seen.len());
    for (item, seen) in tree.children(list).zip(seen) {
        let ours = tree.json(item).unwrap();
        let alike = match (ours.as_f64(), seen.as_f64()) {
            (Some(ours), Some(seen)) => ours == seen,
            _ => ours == *seen,
        };
        assert!(
            alike,
            "{}: {ours} here, {seen} to kubectl",
            tree.str(item).unwrap()
        );
    }
}
