use proptest::prelude::*;

use super::*;

fn key(text: &str) -> Step {
    Step::Key(text.to_owned())
}

fn item(key: &str, value: &str) -> Step {
    Step::Match {
        key: key.to_owned(),
        value: value.to_owned(),
    }
}

#[test]
fn every_kind_of_step() {
    let cases = [
        ("host", vec![key("host")]),
        (
            "spec.ports[0].port",
            vec![key("spec"), key("ports"), Step::Index(0), key("port")],
        ),
        ("data['tls.crt']", vec![key("data"), key("tls.crt")]),
        ("data[\"it's\"]", vec![key("data"), key("it's")]),
        ("data['it''s']", vec![key("data"), key("it's")]),
        ("['a.b/c'].d", vec![key("a.b/c"), key("d")]),
        (
            "spec.ports[name=web].port",
            vec![key("spec"), key("ports"), item("name", "web"), key("port")],
        ),
        (
            "hosts[name=a.b].x",
            vec![key("hosts"), item("name", "a.b"), key("x")],
        ),
        ("hosts[name='a]b']", vec![key("hosts"), item("name", "a]b")]),
        ("m[0][1]", vec![key("m"), Step::Index(0), Step::Index(1)]),
        ("m['0']", vec![key("m"), key("0")]),
        ("m[0=x]", vec![key("m"), item("0", "x")]),
    ];
    for (path, steps) in cases {
        assert_eq!(parse(path), Ok(steps), "{path}");
    }
}

#[test]
fn errors_say_where() {
    let cases = [
        ("", "expected a key at character 1"),
        (".a", "expected a key at character 1"),
        ("a.", "expected a key at character 3"),
        ("a..b", "expected a key at character 3"),
        ("é.b c", "expected `.` or `[` at character 4"),
        (
            "a[",
            "expected a number, a quoted key or `key=value` at character 3",
        ),
        ("a[0", "expected `]` at character 4"),
        (
            "a[b]",
            "expected `=`; a key in brackets needs quotes at character 4",
        ),
        (
            "a[-1]",
            "expected `=`; a key in brackets needs quotes at character 5",
        ),
        ("a[b=]", "expected a value at character 5"),
        ("a[b=c", "expected `]` at character 6"),
        ("a['b", "the quote is never closed at character 4"),
        ("a]", "expected `.` or `[` at character 2"),
        (
            "a[99999999999999999999]",
            "too large a number at character 3",
        ),
    ];
    for (path, error) in cases {
        assert_eq!(parse(path), Err(format!("{error} of the path")), "{path}");
    }
}

#[test]
fn long_paths_are_refused() {
    assert_eq!(
        parse(&"a".repeat(1025)),
        Err("a path of more than 1024 bytes".to_owned())
    );
    assert_eq!(parse(&["a"; 64].join(".")).map(|steps| steps.len()), Ok(64));
    assert!(
        parse(&["a"; 65].join("."))
            .unwrap_err()
            .starts_with("more than 64 steps at character 128")
    );
}

#[test]
fn finding() {
    let text = "spec:\n  ports:\n  - {name: web, port: 80}\n  - {name: db, port: 5432}\n  - {name: db, port: 1}\ndata: {tls.crt: x}\n";
    let tree = Tree::read(text).unwrap();
    let root = tree.root().unwrap();
    let at = |path: &str| find(&tree, root, &parse(path).unwrap());
    for (path, value) in [
        ("spec.ports[0].port", "80"),
        ("spec.ports[name=web].port", "80"),
        ("data['tls.crt']", "x"),
    ] {
        assert_eq!(tree.str(at(path).unwrap()), Some(value), "{path}");
    }
    for (path, matched, deepest) in [
        ("status.x", 0, "spec"),
        ("spec.ports[3].port", 2, "- {"),
        ("spec.ports[name=db]", 2, "- {"),
        ("spec.ports[name=none]", 2, "- {"),
        ("spec.ports.name", 2, "- {"),
        ("spec[0]", 1, "ports"),
        ("data['tls.crt'].y", 2, "x"),
    ] {
        let missed = at(path).unwrap_err();
        assert_eq!(missed.matched, matched, "{path}");
        assert!(
            tree.slice(tree.span(missed.deepest)).starts_with(deepest),
            "{path}"
        );
    }
}

proptest! {
    #[test]
    fn what_is_shown_is_what_is_read(
        steps in prop::collection::vec(prop_oneof![
            "[a-z.='\"\\[\\] é]{0,6}".prop_map(Step::Key),
            any::<usize>().prop_map(Step::Index),
            ("[a-z.=0']{0,4}", "[a-z.=\\]0']{0,4}").prop_map(|(key, value)| Step::Match { key, value }),
        ], 1..6),
    ) {
        prop_assert_eq!(parse(&Path(&steps).to_string()), Ok(steps));
    }

    #[test]
    fn any_text_is_read_or_refused(path in "[ab.='\"\\[\\]0 é]{0,12}") {
        if let Ok(steps) = parse(&path) {
            prop_assert_eq!(parse(&Path(&steps).to_string()), Ok(steps));
        }
    }
}
