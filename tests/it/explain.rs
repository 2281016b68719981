//! `coupler explain`: pages of fields and Interfaces, and what a wrong word gets.

use crate::cli::Dir;

const WEB: &str = "---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: example/web:1}]
";

#[test]
fn a_field_is_explained_as_kubectl_does() {
    let dir = Dir::with(&[]);
    let page = dir.run(&["explain", "plug.spec.bind.env"]).status(0).out;
    let expected = "KIND:     Plug
VERSION:  integration.rock8s.com/v1

FIELD: spec.bind.env <[]object>
SINCE: 0.1.0

DESCRIPTION:
    the variables, in this order; no others are written

FIELDS:
  expect <string>
    the text that is replaced; another text, or none, is an error
  file <string>
    a key of the Socket: the value is the path of its file
";
    assert!(page.starts_with(expected), "{page}");
    let name = "\n  name <string> -required-\n    the variable's name\n";
    assert!(page.contains(name), "{page}");
    for same in ["Plug.spec.bind.env", "plugs.spec.bind.env[]"] {
        assert!(
            dir.run(&["explain", same])
                .status(0)
                .out
                .starts_with(expected),
            "{same}"
        );
    }
    let page = dir
        .run(&["explain", "socket.spec.secretNamespace"])
        .status(0)
        .out;
    assert!(
        page.contains("ENUM:\n    Socket, Plug\n\nDEFAULT:\n    Socket\n"),
        "{page}"
    );
    let page = dir.run(&["explain", "coupler.spec"]).status(0).out;
    assert!(
        page.contains("  strict <boolean>\n    whether warnings"),
        "{page}"
    );
}

#[test]
fn all_fields_below_one_are_a_tree() {
    let dir = Dir::with(&[]);
    let page = dir
        .run(&["explain", "socket.spec", "--recursive"])
        .status(0)
        .out;
    assert!(page.contains("\n  configFrom <[]object>\n    "), "{page}");
    assert!(
        page.contains("\n    secretRef <object>\n      name <string> -required-\n"),
        "{page}"
    );
    dir.run(&["explain", "env-collision", "--recursive"])
        .status(2)
        .says(&["no field is called `env-collision`"]);
}

#[test]
fn the_interfaces_of_a_catalogue_are_completed() {
    let interface = |name: &str| {
        format!(
            "apiVersion: integration.rock8s.com/v1\nkind: Interface\nmetadata: {{name: x}}\nspec: {{name: {name}, versions: [{{version: 1.0.0}}]}}\n"
        )
    };
    let dir = Dir::with(&[
        ("catalog/a.yaml", &interface("search-engine")),
        ("catalog/b.yaml", &interface("'$(touch x)'")),
    ]);
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let words = ["completions", shell, "--catalog", "catalog"];
        let script = dir.run(&words).status(0).out;
        let is_completed = script.contains("search-engine");
        // these two complete no words of arguments without a flag
        let expected = !matches!(shell, "elvish" | "powershell");
        assert_eq!(is_completed, expected, "{shell}");
        assert!(!script.contains("touch"), "{shell}");
    }
}

#[test]
fn every_word_that_completes_has_a_page() {
    let dir = Dir::with(&[]);
    let script = dir.run(&["completions", "bash"]).status(0).out;
    let start = script
        .find("coupler__subcmd__explain)\n")
        .or(script.find("coupler__explain)\n"));
    let script = &script[start.unwrap()..];
    let options = script
        .split("opts=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let words: Vec<&str> = options
        .split(' ')
        .filter(|word| !word.starts_with('-'))
        .collect();
    for expected in [
        "env-collision",
        "postgresql",
        "plug.spec.bind.env",
        "coupler.spec.strict",
    ] {
        assert!(words.contains(&expected), "{expected}: {options}");
    }
    let fields = coupler::api::KindField::paths().len();
    let codes = coupler::diagnostic::Code::ALL.len();
    assert!(words.len() >= fields + codes + 10, "{}", words.len());
    // one of each kind of page: to start the program for each word would take a minute
    for word in words.iter().step_by(17) {
        assert!(
            !dir.run(&["explain", word]).status(0).out.is_empty(),
            "{word}"
        );
    }
    for shell in ["zsh", "fish"] {
        let script = dir.run(&["completions", shell]).status(0).out;
        assert!(script.contains("plug.spec.bind.env"), "{shell}");
        if shell == "fish" {
            assert!(
                script.contains("function __fish_coupler_using_subcommand"),
                "{script}"
            );
        }
    }
}

#[test]
fn a_wrong_word_gets_the_near_one_of_every_kind() {
    let dir = Dir::with(&[]);
    for (word, near) in [
        ("env-colision", "coupler explain env-collision"),
        ("postgresq", "coupler explain postgresql"),
        ("plug.spec.bnd", "coupler explain plug.spec.bind"),
        (
            "secretNamespace",
            "coupler explain socket.spec.secretNamespace",
        ),
        ("xyzzy-and-more", "coupler explain --list"),
    ] {
        dir.run(&["explain", word]).status(2).says(&[word, near]);
    }
}

#[test]
fn the_examples_of_every_built_in_interface_render() {
    for name in coupler::api::library_names() {
        let dir = Dir::with(&[]);
        let page = dir.run(&["explain", name]).status(0).out;
        for heading in [
            "SINCE: 0.1.0",
            "DESCRIPTION:",
            "VERSION: 1.0.0",
            "A Socket gives:",
            "KEY ",
        ] {
            assert!(page.contains(heading), "{name}: {page}");
        }
        let examples =
            &page[page.find("\n---\n").unwrap() + 1..page.find("\nVariables of").unwrap()];
        std::fs::write(dir.path("pasted.yaml"), format!("{examples}{WEB}")).unwrap();
        dir.run(&["check", "pasted.yaml", "--strict"]).status(0);
        let rendered = dir.run(&["render", "pasted.yaml"]).status(0).out;
        let variables = page.rsplit("without `bind`: ").next().unwrap();
        let variables = variables.lines().next().unwrap();
        for variable in variables.split(", ") {
            assert!(
                rendered.contains(&format!("name: {variable}")),
                "{name}: {rendered}"
            );
        }
    }
}

#[test]
fn an_interface_is_a_table_of_its_keys() {
    let page = Dir::with(&[]).run(&["explain", "postgresql"]).status(0).out;
    let line = |key: &str| {
        let start = format!("    {key} ");
        let line = page.lines().find(|line| line.starts_with(&start)).unwrap();
        line.split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(line("port")[..5], ["port", "integer", "yes", "-", "5432"]);
    assert_eq!(
        line("password")[..5],
        ["password", "string", "-", "yes", "-"]
    );
    let made = "    jdbcUrl   jdbc:postgresql://<% socket.config.host %>:<% socket.config.port %>/<% socket.config.database %>\n";
    for text in [
        "the database that exists",
        "If the Socket does not give a key",
        made,
    ] {
        assert!(page.contains(text), "{page}");
    }
    let end = "Variables of a Plug without `bind`: POSTGRESQL_HOST, POSTGRESQL_PORT\n\
               and if the Socket gives them: POSTGRESQL_DATABASE, POSTGRESQL_PASSWORD, POSTGRESQL_USERNAME\n";
    assert!(page.ends_with(end), "{page}");
}

/// An Interface that is not built in.
const SEARCH: &str = "---
apiVersion: integration.rock8s.com/v1
kind: Interface
metadata: {name: search, namespace: platform}
spec:
  name: search
  description: A full-text index.
  versions:
    - version: 1.0.0
      socket:
        type: object
        required: [host, port, token]
        properties:
          host: {type: string, description: where it is}
          port: {type: integer, default: 7700}
          token: {type: string, writeOnly: true}
    - version: 1.1.0
      socket:
        type: object
        required: [host, port, token]
        properties:
          host: {type: string}
          port: {type: integer, default: 7700}
          token: {type: string, writeOnly: true}
          index: {type: string, description: which of them}
";

/// A further version of a built-in Interface.
const REDIS: &str = "---
apiVersion: integration.rock8s.com/v1
kind: Interface
metadata: {name: redis}
spec:
  name: redis
  versions:
    - version: 1.9.0
      socket:
        type: object
        required: [host]
        properties: {host: {type: string}}
";

#[test]
fn an_interface_of_a_catalogue_is_explained_as_a_built_in_one_is() {
    let dir = Dir::with(&[("platform/search.yaml", SEARCH)]);
    let page = dir
        .run(&["explain", "search", "--catalog", "platform"])
        .status(0)
        .out;
    let begin = "INTERFACE: search (platform/search.yaml)\n\nDESCRIPTION:\n    A full-text index.\n\nVERSION: 1.1.0\n";
    assert!(page.starts_with(begin), "{page}");
    assert!(page.contains("which of them"), "{page}");
    assert!(page.find("VERSION: 1.1.0") < page.find("VERSION: 1.0.0"));
    for arguments in [
        &["explain", "search", "platform/search.yaml"][..],
        &["explain", "search", "platform", "--plain"],
    ] {
        assert_eq!(dir.run(arguments).status(0).out, page, "{arguments:?}");
    }
    let piped = dir.sh("cat platform/search.yaml | coupler explain search -");
    let piped = piped.status(0).out;
    assert_eq!(piped.replace("<stdin>", "platform/search.yaml"), page);
    let examples = &page[page.find("\n---\n").unwrap() + 1..page.find("\nVariables of").unwrap()];
    std::fs::write(dir.path("pasted.yaml"), format!("{examples}{WEB}")).unwrap();
    let rendered = dir.run(&["render", "pasted.yaml", "--strict", "--catalog", "platform"]);
    let rendered = rendered.status(0).out;
    assert!(rendered.contains("name: SEARCH_TOKEN"), "{rendered}");
}

#[test]
fn the_versions_of_all_objects_of_one_interface_are_explained() {
    let dir = Dir::with(&[("catalog/redis.yaml", REDIS), ("app/search.yaml", SEARCH)]);
    let page = dir
        .run(&["explain", "redis", "app", "--catalog", "catalog"])
        .status(0)
        .out;
    let begin = "INTERFACE: redis (catalog/redis.yaml, built in)\n";
    assert!(page.starts_with(begin), "{page}");
    assert!(
        page.contains("VERSION: 1.9.0") && page.contains("VERSION: 1.0.0"),
        "{page}"
    );
}

#[test]
fn an_interface_that_nobody_defines_is_an_error_that_names_those_that_were_read() {
    let dir = Dir::with(&[("search.yaml", SEARCH)]);
    dir.run(&["explain", "serach", "search.yaml"])
        .status(2)
        .says(&[
            "no Interface `serach`",
            "did you mean `search`?",
            "postgresql",
        ]);
    // what is read are Interfaces, whatever else the word is
    dir.run(&["explain", "env-collision", "search.yaml"])
        .status(2)
        .says(&["no Interface `env-collision`"]);
    dir.run(&["explain", "search"]).status(2).says(&[
        "no code, field, built-in Interface or Adapter is called `search`",
        "coupler explain search --catalog PATH",
    ]);
    dir.run(&["explain", "search", "--catalog", "nowhere"])
        .status(2)
        .says(&["nowhere"]);
}
