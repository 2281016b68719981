//! Tests values from one side to the other, and the errors about them.

use super::scenarios::MONGODB;
use super::*;
use serde_json::json;

/// An Interface `x` of these schemas (one line each), a Socket and a Plug of it.
pub(super) fn world(plug_schema: &str, socket_schema: &str, socket: &str, plug: &str) -> World {
    let interface = format!(
        "---\napiVersion: integration.rock8s.com/v1\nkind: Interface\nmetadata: {{name: x, namespace: shop}}\nspec:\n  \
         name: x\n  versions:\n    - version: 1.0.0\n      plug: {plug_schema}\n      socket: {socket_schema}\n"
    );
    let socket = object(
        "Socket",
        "shop",
        "s",
        &format!("interface: {{name: x, versions: [1.0.0]}}\n{socket}"),
    );
    let plug = object(
        "Plug",
        "shop",
        "p",
        &format!("interface: {{name: x}}\nworkloads: [{{name: app}}]\n{plug}"),
    );
    World::new(&[interface, socket, plug].concat())
}

/// Anything goes on both sides; the variable `V` shows a template's value.
fn value(socket: &str, template: &str) -> World {
    let keys =
        "{properties: {a: true, b: true, c: true, password: {type: string, writeOnly: true}}}";
    world(
        keys,
        keys,
        socket,
        &format!(
            "config: {{a: 5, b: [x, {{k: true}}]}}\nbind: {{env: [{{name: V, value: '{template}'}}]}}"
        ),
    )
}

#[test]
fn templates_see_both_sides_and_keep_types() {
    let config = "config:\n  a: <% plug.config.a %>\n  b: ['<% plug.config.b[0] %>', 'n-<% plug.config.a %>']\n  \
                  c: <% plug.config.a + 1 %>";
    for (template, expected) in [
        ("<% socket.config.a %>", "V=5\n"),
        ("<% socket.config.b %>", "V=x,n-5\n"),
        ("<% socket.config.c %>", "V=6\n"),
        ("<% plug.config.b[1].k %>", "V=true\n"),
        ("<% plug.config.b | length %>", "V=2\n"),
        (
            "{% for i in plug.config.b[:1] %}<% i | upper %>{% endfor %}!",
            "V=X!\n",
        ),
        (
            "<%%<# no #><% interface.name %>@<% interface.version %>",
            "V=<%x@1.0.0\n",
        ),
        (
            "<% plug.name %>/<% socket.name %>/<% socket.namespace %>",
            "V=p/s/shop\n",
        ),
    ] {
        assert_eq!(value(config, template).env(), expected, "{template}");
    }
}

#[test]
fn a_plug_is_called_by_its_name_and_its_variables_by_its_interface() {
    let keys = "{required: [a], properties: {a: {type: string}}}";
    let named = |name: &str| {
        let socket = "config: {a: '<% plug.name %> <% plug.name | upper %>'}";
        world("{}", keys, socket, name).env()
    };
    assert_eq!(named(""), "X_A=p P\n");
    assert_eq!(named("name: db"), "DB_A=db DB\n");
}

#[test]
fn circles_are_named_once() {
    let config = "config:\n  a: <% plug.config.c %>\n  b: x";
    let keys = "{properties: {a: true, b: true, c: true}}";
    let circle = world(
        keys,
        keys,
        config,
        "config: {c: '<% socket.config.a | upper %>'}",
    );
    assert_eq!(
        circle.told(),
        "Error template-cycle: the templates refer to each other in a circle: `plug.config.c` -> `socket.config.a` -> `plug.config.c`\n  \
         at `c`: refers to the next, and so on\n  at `a`: in the circle\n  \
         help: give one of these keys a value that does not use the others\n"
    );
    let own = world(
        keys,
        keys,
        "config:\n  a: <% socket.config.a %>",
        "config: {c: 1}",
    );
    assert!(
        own.told()
            .contains("in a circle: `socket.config.a` -> `socket.config.a`")
    );
}

#[test]
fn nesting_has_an_end() {
    let keys: Vec<_> = (0..60).map(|i| format!("k{i:02}: true")).collect();
    let mut config = "config:\n  k59: end\n".to_owned();
    for i in 0..59 {
        config.push_str(&format!("  k{i:02}: <% socket.config.k{:02} %>\n", i + 1));
    }
    let deep = world(
        "{}",
        &format!("{{properties: {{{}}}}}", keys.join(", ")),
        &config,
        "",
    );
    assert_eq!(deep.errors(), [Code::LimitExceeded]);
}

#[test]
fn doubling_is_bounded() {
    let keys: Vec<_> = (0..25).map(|i| format!("k{i:02}: true")).collect();
    let mut config = "config:\n  k00: xxxxxxxxxxxxxxxx\n".to_owned();
    for i in 1..25 {
        config.push_str(&format!(
            "  k{i:02}: <% socket.config.k{0:02} %><% socket.config.k{0:02} %>\n",
            i - 1
        ));
    }
    let bomb = world(
        "{}",
        &format!("{{properties: {{{}}}}}", keys.join(", ")),
        &config,
        "",
    );
    assert_eq!(bomb.errors(), [Code::LimitExceeded]);
}

const SECRET: &str = "configFrom: [{secretRef: {name: auth}, keys: {password: pw}}]";

#[test]
fn a_secret_stands_alone_or_in_a_text() {
    assert_eq!(
        value(SECRET, "<% socket.config.password %>").env(),
        "V=<auth.pw>\n"
    );
    assert_eq!(
        value(SECRET, "p=<% socket.config.password %>$").env(),
        "+X_PASSWORD=<auth.pw>\nV=p=$(X_PASSWORD)$\n"
    );
    for template in [
        "<% socket.config.password | upper %>",
        "{% if socket.config.password %}x{% endif %}",
    ] {
        let all = value(SECRET, template).told();
        assert!(
            all.contains("Error reference-in-plain-text")
                && all.contains("`<% socket.config.password %>`"),
            "{all}"
        );
    }
    let nested = value(
        &format!("config: {{a: [<% socket.config.password %>]}}\n{SECRET}"),
        "x",
    );
    assert_eq!(nested.errors(), [Code::ReferenceInPlainText]);
    let named = value(
        "config: {a: 1}\nconfigFrom: [{secretRef: {name: auth}, keys: {password: pw}}, \
                       {secretRef: {name: x-<% socket.config.password %>}, keys: {b: pw}}]",
        "x",
    );
    assert_eq!(named.errors(), [Code::ReferenceInPlainText]);
    let encoded = value(SECRET, "<% socket.config.password | urlencode %>").told();
    assert!(encoded.contains("the kubelet puts"), "{encoded}");
}

#[test]
fn a_secret_in_a_url_is_a_warning_unless_it_is_promised() {
    let url = value(SECRET, "x://<% socket.config.password %>@h").told();
    assert!(
        url.starts_with(
            "Warning secret-in-url: `V` puts the secret `socket.config.password` into a URL"
        ),
        "{url}"
    );
    assert_eq!(value(SECRET, "<% socket.config.password %>://").told(), "");
    let promised = SECRET.replace("pw}", "pw}, urlSafe: [password]");
    assert_eq!(
        value(&promised, "x://<% socket.config.password %>@h").told(),
        ""
    );
}

#[test]
fn a_key_that_only_the_author_can_know() {
    let all = value("config: {a: 1}", "<% socket.config.c %>").told();
    assert!(
        all.contains(
            "Error key-not-given: `V` uses `socket.config.c`, and Socket `s` does not give it"
        ),
        "{all}"
    );
    let all = value("config: {a: 1}", "<% socket.config.passwrd %>").told();
    assert!(
        all.contains("undeclared-key") && all.contains("did you mean `password`?"),
        "{all}"
    );
    assert_eq!(
        value("config: {a: 1}", "<% socket.config.a.b %>").errors(),
        [Code::TemplateFailed]
    );
    assert_eq!(
        value("config: {a: 1}", "<% socket.config.a").errors(),
        [Code::TemplateSyntax]
    );
    assert_eq!(
        value("config: {a: 1}", "<% nothing | upper %>").errors(),
        [Code::TemplateFailed]
    );
    assert_eq!(
        value("config: {a: 1}", "$(<% socket.config.a %>)").errors(),
        [Code::TemplateFailed]
    );
}

#[test]
fn a_key_is_given_once_and_must_be_declared() {
    let keys = "{properties: {host: {type: string}, port: {type: integer}}}";
    let twice = world(
        "{}",
        keys,
        "service: {name: s, port: 1}\nconfig: {host: a}",
        "",
    )
    .told();
    assert!(
        twice.contains("Error key-given-twice: Socket `s` gives `host` twice"),
        "{twice}"
    );
    let typo = world("{}", keys, "config: {hots: a}", "").told();
    assert!(
        typo.contains("Error undeclared-key") && typo.contains("did you mean `host`?"),
        "{typo}"
    );
    let open = "{properties: {}, additionalProperties: true}";
    let nothing = "bind: {env: []}";
    assert_eq!(world("{}", open, "config: {hots: a}", nothing).told(), "");
    let unused = "{properties: {endpoints: {type: string}}}";
    assert_eq!(
        world(
            "{}",
            unused,
            "service: {name: s, port: 1}\nconfig: {endpoints: a}",
            nothing
        )
        .told(),
        ""
    );
}

#[test]
fn a_wrong_key_of_a_secret_is_found_offline() {
    let all = value(SECRET, "<% socket.config.password %>")
        .secret("auth", &["pwd", "username"])
        .told();
    assert!(
        all.contains("Error secret-key-not-found: Secret `auth` has no key `pw`"),
        "{all}"
    );
    assert!(all.contains("did you mean `pwd`?"), "{all}");
}

#[test]
fn a_secret_of_another_namespace_cannot_be_referenced() {
    let socket = object(
        "Socket",
        "data",
        "mongo",
        "interface: {name: mongodb, versions: [1.0.0]}\nservice: {name: m}\nconfig: {database: x}\n\
         configFrom: [{secretRef: {name: auth}, keys: {username: u, password: p}}]\nallow: {namespaces: ['*']}",
    );
    let plug = |bind: &str| {
        let spec = format!(
            "interface: {{name: mongodb}}\nsocket: {{name: mongo, namespace: data}}\nworkloads: [{{name: app}}]\n\
             config: {{database: x}}\n{bind}"
        );
        World::new(&[MONGODB, &socket, &object("Plug", "shop", "p", &spec)].concat())
    };
    let all = plug("").told();
    assert_eq!(plug("").errors(), [Code::ReferenceUnreachable]);
    assert!(
        all.contains(
            "Secret `auth` is in namespace `data`, and a workload of `shop` cannot refer to it"
        ),
        "{all}"
    );
    assert!(all.contains("secretNamespace: Plug"), "{all}");
    // who does not need it is not refused
    assert_eq!(
        plug("bind: {env: [{name: H, key: host}]}").env(),
        "H=m.data.svc\n"
    );
}

#[test]
fn sides_are_judged_by_the_interface() {
    let schema = "{required: [database], properties: {database: {type: string, pattern: '^[a-z]+$'}, size: {type: integer}}}";
    let bad = world(schema, "{}", "", "config: {database: NOT, size: x}").told();
    assert!(
        bad.contains("Error plug-config-invalid: Plug `p` does not satisfy Interface `x` 1.0.0: `database` does not match"),
        "{bad}"
    );
    assert!(
        bad.contains("`size` is not of type \"integer\"") && !bad.contains("\"NOT\""),
        "{bad}"
    );
    assert!(bad.contains("at `NOT`: this value"), "{bad}");
    let missing = world(schema, "{}", "", "").told();
    assert!(
        missing.contains("Plug `p` does not give `database`, which Interface `x` 1.0.0 requires"),
        "{missing}"
    );
}

#[test]
fn secrets_are_references_and_references_are_text() {
    let keys = "{properties: {password: {type: string, writeOnly: true, minLength: 8}, list: {type: array}}}";
    let plain = world("{}", keys, "config: {password: hunter22}", "").told();
    assert!(
        plain.contains("Error secret-not-referenced: `password` is a secret")
            && !plain.contains("\"hunter22"),
        "{plain}"
    );
    let map = world(
        "{}",
        keys,
        "configFrom: [{configMapRef: {name: c}, keys: {password: p}}]",
        "",
    );
    assert_eq!(map.errors(), [Code::SecretNotReferenced]);
    let list = world(
        "{}",
        keys,
        "configFrom: [{secretRef: {name: c}, keys: {list: p}}]",
        "",
    );
    assert_eq!(list.errors(), [Code::SecretIsText]);
    let unseen = world("{}", keys, SECRET, "bind: {env: []}").told();
    assert_eq!(
        unseen,
        "Info not-checked: `password` is known only in the cluster: its `minLength` could not be checked\n  \
         at `password`: this value\n  at `{type: string, writeOnly: true, minLength: 8}`: declared here\n"
    );
}

#[test]
fn variables_are_named_ordered_and_reused() {
    let keys = "{required: [password, tlsCa], properties: {a: true, password: {type: string, writeOnly: true}, tlsCa: {type: string}, list: true}}";
    let all = |bind: &str| {
        let socket = format!("config: {{a: 'd$$', tlsCa: PEM, list: ['a,b']}}\n{SECRET}");
        world("{}", keys, &socket, &format!("name: my-db\n{bind}"))
    };
    assert_eq!(
        all("").env(),
        "MY_DB_PASSWORD=<auth.pw>\nMY_DB_TLS_CA=PEM\n"
    );
    let reuse = "bind: {env: [{name: PW, key: password}, {name: T, value: 'x<% socket.config.password %>$(PW)$(HOME)'}]}";
    assert_eq!(all(reuse).env(), "PW=<auth.pw>\nT=x$(PW)$(PW)$(HOME)\n");
    assert_eq!(
        all(reuse).couple().couplings[0]
            .variables()
            .nth(1)
            .unwrap()
            .uses,
        ["PW", "HOME"]
    );
    let hoisted = "bind: {env: [{name: T, value: 'x<% socket.config.password %>'}, {name: MY_DB_PASSWORD, key: password}]}";
    assert_eq!(
        all(hoisted).env(),
        "MY_DB_PASSWORD=<auth.pw>\nT=x$(MY_DB_PASSWORD)\n"
    );
    let taken = "bind: {env: [{name: T, value: 'x<% socket.config.password %>'}, {name: MY_DB_PASSWORD, value: x}]}";
    assert_eq!(all(taken).errors(), [Code::EnvCollision]);
    assert_eq!(all("bind: {env: [{name: A, key: a}]}").env(), "A=d$$$$\n");
    assert_eq!(
        all("bind: {env: [{name: A, key: list}]}").errors(),
        [Code::ValueHasNoText]
    );
    assert_eq!(
        all("bind: {env: [{name: A, key: pasword}]}").errors(),
        [Code::UndeclaredKey]
    );
}

#[test]
fn one_mistake_of_a_socket_is_said_once_with_the_number_of_plugs() {
    let mut stream = [
        MONGODB,
        &object(
            "Socket",
            "shop",
            "m",
            "interface: {name: mongodb, versions: [1.0.0]}\nconfig: {database: <% plug.config.database.x %>, host: h}\n\
         configFrom: [{secretRef: {name: auth}, keys: {username: u, password: p}}]",
        ),
    ]
    .concat();
    for i in 0..3 {
        stream += &object(
            "Plug",
            "shop",
            &format!("p{i}"),
            "interface: {name: mongodb}\nworkloads: [{name: app}]\nconfig: {database: x}",
        );
    }
    let all = World::new(&stream).told();
    assert!(
        all.contains("`plug.config.database` has no `x` (3 Plugs have this error: `shop/p0`, "),
        "{all}"
    );
    assert_eq!(all.matches("Error").count(), 1, "{all}");
}

mod same_as_the_engine {
    use super::*;
    use crate::couple::template_engine::{Engine, SideContext, TemplateContext, Visible};
    use minijinja::value::{Serde, Value as Seeing};
    use proptest::prelude::*;
    use std::sync::{Arc, Mutex};

    fn literal() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(|b| json!(b)),
            any::<i64>().prop_map(|n| json!(n)),
            (-1e9..1e9_f64).prop_map(|f| json!(f)),
            "[a-z$%<>{}(),:\"\u{fc} ]{0,8}".prop_map(|s| json!(s)),
        ];
        leaf.prop_recursive(2, 8, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(|v| json!(v)),
                prop::collection::btree_map("[a-z]{1,3}", inner, 0..3).prop_map(|m| json!(m)),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn a_plain_path_gives_what_the_engine_would_give(a in literal(), deep in any::<bool>()) {
            let text = a.to_string();
            // a value of the Plug's own config would be a template
            prop_assume!(!["<%", "{%", "<#"].iter().any(|opening| text.contains(opening)));
            let (holder, path) = if deep {
                (json!({"x": [a]}), "plug.config.a.x[0]")
            } else {
                (a, "plug.config.a")
            };
            let keys = "{properties: {a: true}}";
            for template in [format!("<% {path} %>"), format!("-<% {path} %>-<%% <% plug.name %>")] {
                let mut world = world(keys, keys, "", "config: {a: 1}");
                world.integrations.plugs[0].config[0].value.value = holder.clone();
                // as data, so that the text is a value and not the author's
                world.integrations.sockets[0].config = world.integrations.plugs[0].config.clone();
                world.integrations.sockets[0].config[0].value.value = json!(template);
                world.integrations.plugs[0].env = Some(vec![api::EnvBinding {
                    name: api::Spanned { value: "V".into(), at: Place::default() },
                    value: api::EnvValue::Key(api::Spanned { value: "a".into(), at: Place::default() }),
                    overwrite: api::OverwriteRule::Never,
                }]);
                let ours = world.couple().couplings.first().map(|c| c.variables().next().unwrap().source.clone());
                let side = |name: &str| SideContext {
                    name: name.into(),
                    object: None, namespace: None,
                    keys: vec![("a".into(), Mutex::new(Visible::Literal(Seeing::from(Serde(&holder)))))],
                };
                let view = TemplateContext { plug: Some(side("p")), socket: None, ..TemplateContext::default() };
                let whole = format!("{{% if true %}}{{% endif %}}{}", template.replace("<%% ", "<% \"<% \" %>"));
                let theirs = Engine::new().whole(&whole, &Arc::new(view));
                let theirs = theirs.ok().map(|text| {
                    let text = text.as_str().unwrap().to_owned();
                    EnvSource::Value(kubelet_expansion::finish(&[Part::Data(text)], |_| String::new()))
                });
                prop_assert_eq!(ours, theirs);
            }
        }
    }
}

#[test]
fn references_that_double_are_bounded_as_text_is() {
    let keys: Vec<_> = (0..25).map(|i| format!("k{i:02}: true")).collect();
    let mut config = "configFrom: [{secretRef: {name: s}, keys: {k00: k}}]\nconfig:\n".to_owned();
    for i in 1..25 {
        config.push_str(&format!(
            "  k{i:02}: x://<% socket.config.k{0:02} %><% socket.config.k{0:02} %>\n",
            i - 1
        ));
    }
    let bomb = world(
        "{}",
        &format!("{{properties: {{{}}}}}", keys.join(", ")),
        &config,
        "",
    );
    assert_eq!(bomb.errors(), [Code::LimitExceeded]);
    let list = format!(
        "config:\n  a: {}\n  b: [{}]\n",
        "x".repeat(60_000),
        "'<% socket.config.a %>', ".repeat(1000)
    );
    assert_eq!(value(&list, "x").errors(), [Code::LimitExceeded]);
}

#[test]
fn many_computed_keys_ask_for_each_other_once() {
    let count = 600;
    let keys: Vec<_> = (0..count).map(|i| format!("k{i:04}: true")).collect();
    let mut config = "config:\n".to_owned();
    for i in 0..count {
        config.push_str(&format!(
            "  k{i:04}: <% socket.config.k{:04} | default(1) | string %>\n",
            i / 2 + count / 2 + 1
        ));
    }
    let all = world(
        "{}",
        &format!("{{properties: {{{}}}}}", keys.join(", ")),
        &config,
        "bind: {env: []}",
    )
    .told();
    assert_eq!(all, "");
}

#[test]
fn what_one_plug_binds_is_bounded() {
    let list: Vec<_> = (0..10).map(|i| format!("{{name: V{i}, key: a}}")).collect();
    let socket = format!("config: {{a: {}}}", "x".repeat(60_000));
    let plug = |n: usize| format!("bind: {{env: [{}]}}", list[..n].join(", "));
    let keys = "{properties: {a: {type: string}}}";
    assert_eq!(world("{}", keys, &socket, &plug(8)).errors(), []);
    assert_eq!(
        world("{}", keys, &socket, &plug(9)).errors(),
        [Code::LimitExceeded]
    );
}
