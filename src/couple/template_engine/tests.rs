//! Tests what expressions see, and what stops them.

use super::*;
use crate::couple::template_plugs::SocketPlugKey;
use serde_json::json;

fn view() -> Arc<TemplateContext> {
    let keys = vec![
        ("a".to_owned(), Visible::Literal(Value::from(5))),
        ("b".to_owned(), Visible::Literal(Value::from("Text"))),
        ("later".to_owned(), Visible::Unknown),
        ("password".to_owned(), Visible::Opaque),
    ];
    let keys = keys
        .into_iter()
        .map(|(key, seen)| (key, Mutex::new(seen)))
        .collect();
    Arc::new(TemplateContext {
        plug: Some(SideContext {
            name: "db".into(),
            object: Some("shop-db".into()),
            namespace: None,
            keys,
        }),
        socket: None,
        interface: ("postgresql".into(), "1.0.0".into()),
        ..TemplateContext::default()
    })
}

fn eval(source: &str) -> Result<Json, TemplateFailure> {
    Engine::new().expression(source, &view())
}

#[test]
fn an_expression_keeps_its_type() {
    assert_eq!(eval("plug.config.a + 1"), Ok(json!(6)));
    assert_eq!(eval("plug.config.b | lower"), Ok(json!("text")));
    assert_eq!(eval("plug.object | upper"), Ok(json!("SHOP-DB")));
    assert_eq!(
        eval("[plug.name, interface.version]"),
        Ok(json!(["db", "1.0.0"]))
    );
    assert_eq!(eval("plug.config.c | default(none)"), Ok(json!(null)));
    assert_eq!(eval("plug.config.a == 5 and 'x' != 'y'"), Ok(json!(true)));
}

#[test]
fn a_statement_gives_text() {
    let mut engine = Engine::new();
    let text = engine.whole("{% for i in [1.0, true] %}<% i %>;{% endfor %}\n", &view());
    assert_eq!(text, Ok(json!("1;true;\n")));
}

#[test]
fn nothing_opaque_is_ever_seen() {
    let secret = Err(TemplateFailure::Touched(Access::Opaque(
        Side::Plug,
        "password".into(),
    )));
    for source in [
        "plug.config.password",
        "plug.config.password | default('x')",
        "plug.config.password == 'x'",
        "'a' in plug.config.password",
        "1 if plug.config.password else 2",
        "plug.config.password is defined",
        "plug.config['pass' ~ 'word'] | b64encode",
        "plug.config.password ~ 'x'",
        "{'k': plug.config.password} | tojson",
        "plug.config.password | length",
    ] {
        assert_eq!(eval(source), secret, "{source}");
    }
    let whole = Engine::new().whole(
        "{% set x %}p=<% plug.config.password %>{% endset %}<% x | upper %>",
        &view(),
    );
    assert_eq!(whole, secret);
}

/// Evaluated for a Socket of two Plugs, of which the second has no `url`.
fn of_plugs(source: &str) -> Result<Json, TemplateFailure> {
    let plug = |name: &str, keys: &[(&str, SocketPlugKey)]| SocketPlug {
        called: name.into(),
        name: name.into(),
        namespace: (name == "web").then(|| "shop".into()),
        config: keys
            .iter()
            .map(|(key, value)| ((*key).into(), value.clone()))
            .collect(),
    };
    let literal = |text: &str| SocketPlugKey::Literal(Value::from(text));
    let plugs = [
        plug(
            "web",
            &[
                ("url", literal("https://a")),
                ("key", SocketPlugKey::Opaque),
            ],
        ),
        plug(
            "wiki",
            &[("port", SocketPlugKey::Literal(Value::from(8080)))],
        ),
    ];
    let context = TemplateContext {
        plugs: Some(plugs.into()),
        ..TemplateContext::default()
    };
    Engine::new().expression(source, &Arc::new(context))
}

#[test]
fn a_list_of_plugs_has_names_namespaces_and_literals() {
    for (source, value) in [
        ("plugs | length", json!(2)),
        (
            "plugs | map(attribute='name') | join(',')",
            json!("web,wiki"),
        ),
        ("plugs[0].namespace", json!("shop")),
        ("plugs[1].config.port + 1", json!(8081)),
        (
            "plugs | selectattr('config.url') | map(attribute='config.url') | list",
            json!(["https://a"]),
        ),
        (
            "plugs | map(attribute='config.url', default='-') | join(' ')",
            json!("https://a -"),
        ),
        ("plugs[0].config", json!({"url": "https://a"})),
    ] {
        assert_eq!(of_plugs(source), Ok(value), "{source}");
    }
}

#[test]
fn nothing_else_of_a_plug_of_a_list_is_seen() {
    let opaque = PlugAccess::Opaque(0, "key".into());
    for (source, access) in [
        ("plugs[0].config.key", opaque.clone()),
        (
            "plugs | map(attribute='config.key', default='x') | list",
            opaque.clone(),
        ),
        ("plugs[0].config.key is defined", opaque),
        (
            "plugs | map(attribute='namespace') | join",
            PlugAccess::Namespace(1),
        ),
    ] {
        let touched = Err(TemplateFailure::Touched(Access::OfPlug(access)));
        assert_eq!(of_plugs(source), touched, "{source}");
    }
    assert!(matches!(
        of_plugs("plugs | map(attribute='config.url') | join(',')"),
        Err(TemplateFailure::WrongOfPlug { plug: 1, key, .. }) if key == "url"
    ));
    assert_eq!(
        eval("plugs | length"),
        Err(TemplateFailure::Touched(Access::NoPlugs))
    );
}

#[test]
fn what_is_not_evaluated_yet_is_asked_for() {
    assert_eq!(
        eval("plug.config.later + 1"),
        Err(TemplateFailure::Touched(Access::Ask(
            Side::Plug,
            "later".into()
        )))
    );
    assert_eq!(
        eval("1 if plug.config.a else plug.config.later"),
        Ok(json!(1))
    );
    assert_eq!(
        eval("plug.namespace"),
        Err(TemplateFailure::Touched(Access::Namespace(Side::Plug)))
    );
    assert_eq!(
        eval("socket.config.x | default(1)"),
        Err(TemplateFailure::Touched(Access::NoSuchSide))
    );
}

#[test]
fn mistakes_are_told() {
    assert_eq!(
        eval("plug.config.nothing ~ 1"),
        Err(TemplateFailure::Missing(Side::Plug, "nothing".into()))
    );
    assert!(matches!(eval("nothing"), Err(TemplateFailure::Wrong(_))));
    assert!(matches!(
        eval("plug.config.b | nofilter"),
        Err(TemplateFailure::Wrong(_) | TemplateFailure::Syntax(_))
    ));
    assert!(matches!(eval("1 +"), Err(TemplateFailure::Syntax(_))));
    assert!(matches!(eval("range(3)"), Err(TemplateFailure::Wrong(_))));
}

#[test]
fn fuel_ends() {
    let loops =
        "{% for a in l %}{% for b in l %}{% for c in l %}x{% endfor %}{% endfor %}{% endfor %}";
    let source = format!("{{% set l = [{}] %}}{loops}", "0,".repeat(100));
    assert_eq!(
        Engine::new().whole(&source, &view()),
        Err(TemplateFailure::Fuel)
    );
    let mut engine = Engine::new();
    let spent = (0..200).find(|_| engine.whole(&source, &view()) == Err(TemplateFailure::RunFuel));
    assert!(spent.is_some_and(|n| n <= 100), "{spent:?}");
}

#[test]
fn nothing_grows_without_fuel() {
    let deep = format!("{}1{}", "(".repeat(5000), ")".repeat(5000));
    for source in [
        "'x' * 1000000000",
        "[0] * 1000000000",
        "'x' | indent(1000000000)",
        "['xxxxxxxxxxxxxxxx'] | map('replace', '', 'xxxxxxxxxxxxxxxx') | join('x') | replace('', 'xxxxxxxxxxxxxxxx' * 9999)",
        "('x' * 40000) | replace('x', 'x' * 40000)",
        "([0] * 20000) | join('x' * 40000)",
        "{'a': 1} | tojson(indent=100000000)",
        "[[1, 2]] | tojson(100000000)",
        "1.5 | round(1000000000)",
        "10 ** 1000000000",
        &deep,
    ] {
        let result = eval(source);
        assert!(
            result
                .as_ref()
                .map_or(true, |json| json.to_string().len() < 100_000),
            "{source}"
        );
    }
}
