//! Fuzzes `coupler.yaml`: settings of a repository that name hostile paths, beside two trees that
//! are compared.

use crate::driver::drive;
use crate::mutate::{Random, mutate};
use crate::names::{documents, file_name, name};
use crate::program::{Content, Repository};

const SETTINGS: &str = "\
apiVersion: integration.rock8s.com/v1
kind: Coupler
metadata: {name: settings}
spec:
  catalog: [<path>, more]
  namespace: <name>
  integrations: keep
  orphans: undo
  strict: false
";

fn make(random: &mut Random) -> Vec<(String, Content)> {
    let targets = [
        "../../outside/secret.yaml",
        "link.yaml",
        "../link",
        "/dev/zero",
        "/etc/hostname",
        "pipe.yaml",
        ".",
    ];
    let path = if random.below(2) == 0 {
        random.pick(&targets).to_owned()
    } else {
        name(random)
    };
    let quoted = |text: &str| serde_json::to_string(text).unwrap();
    let settings = SETTINGS
        .replace("<path>", &quoted(&path))
        .replace("<name>", &quoted(&name(random)));
    let settings = if random.below(2) == 0 {
        mutate(random, &settings, std::slice::from_ref(&settings))
    } else {
        settings
    };
    let settings = match random.below(8) {
        0 => Content::Link("../../outside/secret.yaml".to_owned()),
        1 => Content::Pipe,
        _ => Content::Text(settings),
    };
    let mut files = vec![("app/coupler.yaml".to_owned(), settings)];
    for directory in ["app", "base"] {
        for text in &documents(random)[..3] {
            files.push((
                format!("{directory}/{}.yaml", file_name(random)),
                Content::Text(text.clone()),
            ));
        }
    }
    files.push((
        "app/link.yaml".to_owned(),
        Content::Link("../../outside/secret.yaml".to_owned()),
    ));
    files.push(("link".to_owned(), Content::Link("../outside".to_owned())));
    files.push((
        "more/a.yaml".to_owned(),
        Content::Text("kind: A\n".to_owned()),
    ));
    files.push(("pipe.yaml".to_owned(), Content::Pipe));
    files
}

#[test]
fn no_settings_reach_outside() {
    drive("settings", 12, make, |files| {
        let repository = Repository::with(files);
        for format in ["text", "json", "github", "sarif"] {
            repository.run(&["check", "app", "--format", format]);
        }
        for format in ["text", "markdown", "json"] {
            repository.run(&["diff", "base", "app", "--format", format]);
        }
        repository.run(&["render", "app", "--output", "link/new"]);
        repository.run(&["render", "app", "--in-place"]);
    });
}
