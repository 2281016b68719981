//! Fuzzes `coupler argocd generate`: parameters and variables of an Application, as a program that
//! replaces Helm gets them.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Map, Value, json};

use crate::driver::drive;
use crate::mutate::{Random, mutate};
use crate::names::name;
use crate::program::{Content, Repository};

/// Writes its arguments to a file, each with a NUL at its end, and prints nothing to be coupled.
const HELM: &str = "#!/bin/sh\nprintf '%s\\0' \"$@\" >\"$(dirname \"$0\")/seen\"\necho 'kind: A'\n";
/// The options that Helm may get, and whether the next argument is the value of one.
const OPTIONS: [(&str, bool); 8] = [
    ("--include-crds", false),
    ("--namespace", true),
    ("--values", true),
    ("--set", true),
    ("--set-string", true),
    ("--kube-version", true),
    ("--api-versions", true),
    ("--name-template", true),
];

#[derive(Debug)]
struct Given {
    parameters: String,
    variables: Vec<(&'static str, String)>,
}

fn make(random: &mut Random) -> Given {
    let mut map = Map::new();
    map.insert(word(random), word(random).into());
    let mut all = vec![
        json!({"name": "release", "string": word(random)}),
        json!({"name": "values", "array": ["values.yaml", word(random)]}),
        json!({"name": "set", "map": map}),
        json!({"name": name(random), "string": "true"}),
    ];
    all.retain(|_| random.below(3) == 0);
    let text = Value::Array(all).to_string();
    let parameters = if random.below(6) == 0 {
        mutate(random, &text, std::slice::from_ref(&text))
    } else {
        text
    };
    let keys = [
        "ARGOCD_APP_NAME",
        "ARGOCD_APP_NAMESPACE",
        "KUBE_VERSION",
        "KUBE_API_VERSIONS",
        "ARGOCD_APP_SOURCE_PATH",
    ];
    let odd = keys
        .into_iter()
        .filter(|_| random.below(4) == 0)
        .collect::<Vec<_>>();
    Given {
        parameters,
        variables: odd.into_iter().map(|key| (key, name(random))).collect(),
    }
}

/// Half of the time what would be an option of Helm.
fn word(random: &mut Random) -> String {
    let options = [
        "--set-file=x=/etc/hostname",
        "--post-renderer=id",
        "-f",
        "-",
        "--output-dir=..",
        "values.yaml,/etc/hostname",
    ];
    if random.below(2) == 0 {
        random.pick(&options).to_owned()
    } else {
        name(random)
    }
}

/// Fails where an argument is an option that nobody meant.
fn assert_meant(arguments: &[String]) {
    assert_eq!(arguments.first().map(String::as_str), Some("template"));
    let mut rest = arguments[1..].iter();
    let mut plain = 0;
    while let Some(argument) = rest.next() {
        if !argument.starts_with('-') {
            plain += 1;
            continue;
        }
        let option = argument.split('=').next().unwrap();
        let known = OPTIONS.iter().find(|(known, _)| *known == option);
        let Some((_, has_value)) = known else {
            panic!("{argument:?} among {arguments:?}")
        };
        if *has_value && !argument.contains('=') {
            let value = rest.next().map(String::as_str).unwrap_or_default();
            // Helm splits this one at its commas, and a backslash before one does not keep it
            let is_one = option != "--values" || !value.contains(',');
            assert!(is_one && !value.starts_with('-'), "{arguments:?}");
        }
    }
    assert!(plain <= 2, "{arguments:?}");
}

#[test]
fn no_parameter_becomes_an_option() {
    let mut run = 0;
    drive("parameters", 40, make, |given| {
        let text = |text: &str| Content::Text(text.to_owned());
        let repository = Repository::with(&[
            ("bin/helm".to_owned(), text(HELM)),
            (
                "app/Chart.yaml".to_owned(),
                text("apiVersion: v2\nname: web\nversion: 1.0.0\n"),
            ),
            ("app/values.yaml".to_owned(), text("a: b\n")),
            (
                "app/coupler.yaml".to_owned(),
                text("apiVersion: integration.rock8s.com/v1\nkind: Coupler\n"),
            ),
        ]);
        let (helm, seen) = (
            repository.path().join("bin/helm"),
            repository.path().join("bin/seen"),
        );
        fs::set_permissions(&helm, fs::Permissions::from_mode(0o755)).unwrap();
        let path = format!(
            "{}:{}",
            helm.parent().unwrap().display(),
            std::env::var("PATH").unwrap()
        );
        let parameters = given.parameters.replace('\0', "");
        let mut variables = vec![
            ("PATH", path.as_str()),
            ("ARGOCD_APP_PARAMETERS", &parameters),
        ];
        let others: Vec<_> = given
            .variables
            .iter()
            .map(|(key, value)| (*key, value.replace('\0', "")))
            .collect();
        variables.extend(others.iter().map(|(key, value)| (*key, value.as_str())));
        repository.run_in("app", &["argocd", "generate"], &variables);
        if let Ok(seen) = fs::read_to_string(&seen) {
            let arguments: Vec<_> = seen.split_terminator('\0').map(str::to_owned).collect();
            assert_meant(&arguments);
            run += 1;
        }
    });
    assert!(run > 5, "Helm was run {run} times only");
}
