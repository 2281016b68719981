//! Law 6: no byte of a Secret's values is read, shown, or decides anything.

use coupler::api::{Integrations, Settings};
use coupler::render::render;

use super::mutate::{Budget, Random, mutate};
use super::run::{input, run, same};
use super::stream::{Role, SENTINEL, SENTINEL_64, Stream};

fn settings(stream: &Stream) -> Settings {
    Settings {
        integrations: Integrations::Keep,
        ..stream.settings.clone()
    }
}

#[test]
fn other_values_and_no_secrets_give_the_same_bytes() {
    for seed in 0..60 {
        let stream = Stream::new(seed);
        let (text, settings) = (stream.text(), settings(&stream));
        let Ok(once) = run(&[&text], &settings) else {
            continue;
        };
        let changed = |text: &str| {
            text.replace(SENTINEL, "other: 'value")
                .replace(SENTINEL_64, "b3RoZXIg")
        };
        let Ok(other) = run(&[&changed(&text)], &settings) else {
            panic!("{seed}: other values fail")
        };
        same(
            &format!("{seed}, other values"),
            &changed(&once[0]),
            &other[0],
        );

        // the end of file decides what may be edited, so that what is there must stay
        if !text.ends_with('\n') {
            continue;
        }
        let bare = stream.without(Role::Secret);
        let Ok(without) = run(&[&bare.text()], &settings) else {
            panic!("{seed}: it fails without Secrets")
        };
        let workloads = |text: &str| -> Vec<String> {
            let coupled = |d: &&str| d.contains("integration.rock8s.com/coupled");
            super::run::documents(text)
                .into_iter()
                .filter(coupled)
                .map(|d| d.trim_start_matches("---").to_owned())
                .collect()
        };
        let trimmed = |text: &str| {
            workloads(text)
                .join("")
                .replace("# head", "")
                .trim()
                .to_owned()
        };
        same(
            &format!("{seed}, without Secrets"),
            &trimmed(&once[0]),
            &trimmed(&without[0]),
        );
    }
}

/// Faults of every kind, in Secrets and around them.
fn broken(random: &mut Random, text: &str) -> String {
    let value = format!("{SENTINEL}-{}", random.below(10));
    let secrets = [
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: pg-auth}}\nstringData:\n  password: {value}\n  password: {value}\n"
        ),
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: pg-auth}}\nstringData:\n  password: \"{value}\n  x: 1\n"
        ),
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: pg-auth}}\nstringData: {{password: {value}]\n"
        ),
        format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: pg-auth}}\ndata:\n  {value}\n"),
        format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: pg-auth}}\ndata: *{value}\n"),
        format!(
            "kind: Secret\nmetadata: {{name: pg-auth}}\nstringData:\n  password: |\n   {value}\n {value}\n"
        ),
        format!(
            "{{\"kind\": \"Secret\", \"apiVersion\": \"v1\", \"stringData\": {{\"a\": \"{value}\", \"a\": \"{value}\"}}}}\n"
        ),
        format!(
            "{{\"kind\": \"Secret\", \"apiVersion\": \"v1\", \"stringData\": {{\"a\": \"{value}\" \"b\"}}}}\n"
        ),
        format!(
            "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n  metadata: {{name: pg-auth}}\n  stringData:\n    a: {value}\n    a: {value}\n"
        ),
        format!(
            "apiVersion: v1\nkind: SecretList\nitems:\n- metadata: {{name: pg-auth}}\n  stringData:\n    a: \"{value}\n"
        ),
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: pg-auth}}\nstringData:\n  password: on # {value}\n  \tx: {value}\n"
        ),
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: pg-auth}}\nstringData: {{}}\n--- {value}\n"
        ),
        format!(
            "stringData:\n  password: {value}\n  password: {value}\nkind: Secret\napiVersion: v1\n"
        ),
        format!(
            "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nspec:\n  a: {value}\n  a: {value}\n"
        ),
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: pg-auth\n  namespace: shop\nstringData:\n  usernam: {value}\n"
        ),
    ];
    let secret = &secrets[random.below(secrets.len())];
    match random.below(3) {
        0 => format!("{}\n---\n{secret}", text.trim_end()),
        1 => format!("{secret}---\n{text}"),
        _ => format!("{secret}---\n{text}\n---\n{secret}"),
    }
}

#[test]
fn no_diagnostic_shows_a_value() {
    let (mut budget, mut random) = (Budget::new(150), Random::new(6));
    let mut shown = 0;
    while budget.more() {
        let stream = Stream::new(random.next());
        let mut text = stream.text();
        if random.below(2) == 0 {
            text = broken(&mut random, &text);
        }
        // a fault inside of a SealedSecret can make it another kind of object
        if random.below(2) == 0 && !text.contains("SealedSecret") {
            // any fault anywhere, but for one that makes a Secret another kind of object, or moves
            // a value out of it
            let faulty = mutate(
                &mut random,
                &text,
                &[Stream::new(1).without(Role::Secret).text()],
            );
            let kinds = |text: &str| text.matches("Secret").count();
            let holds = |d: &&str| {
                (d.contains(SENTINEL) || d.contains(SENTINEL_64)) && !d.contains("Secret")
            };
            let inside = super::run::documents(&faulty).iter().all(|d| !holds(d));
            text = if inside && kinds(&faulty) >= kinds(&text) {
                faulty
            } else {
                text
            };
        }
        let settings = Settings {
            strict: random.below(2) == 0,
            ..settings(&stream)
        };
        let input = input(&[&text], &settings);
        let output = render(&input);
        shown += output.diagnostics.len();
        for face in [output.text(&input), output.json(&input)] {
            assert!(
                !face.contains(SENTINEL) && !face.contains(SENTINEL_64),
                "a value is shown\n{face}\n--- of\n{text}"
            );
        }
        for diagnostic in &output.diagnostics {
            let words = format!("{diagnostic:?}");
            assert!(
                !words.contains(SENTINEL) && !words.contains(SENTINEL_64),
                "a value is told: {words}"
            );
        }
    }
    assert!(shown > 200, "only {shown} diagnostics");
}
