//! The programs as a user or a host starts them, processes and all, and kustomize's own time beside
//! them.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::apps::{Road, apps, list};
use crate::clock::{Best, cpu_of_children};
use crate::{assert_coupled, ms, rig, row};

const COUPLER: &str = env!("CARGO_BIN_EXE_coupler");
const FUNCTION: &str = env!("CARGO_BIN_EXE_coupler-fn");

/// One app by the command and by the function; beside them a process that only parses and emits the
/// same file.
pub(crate) fn cold() {
    let dir = tempfile::tempdir().expect("there is a temporary directory");
    let (stream, items) = (dir.path().join("app.yaml"), dir.path().join("list.yaml"));
    let text = apps(1, Road::Fast);
    fs::write(&stream, &text).expect("the temporary directory can be written");
    fs::write(&items, list(&text)).expect("the temporary directory can be written");
    let bench = std::env::current_exe().expect("a program has a path");
    let file = stream.to_string_lossy();
    let reference = many(&bench, &["--emit", &file], &stream);
    for (name, program, words, stdin) in [
        (
            "one app, cold start of the command",
            COUPLER,
            &["render", &file][..],
            &stream,
        ),
        ("one app, cold start of the function", FUNCTION, &[], &items),
    ] {
        if !Path::new(program).exists() {
            println!("{name}: skipped, the feature `cli` is off");
            continue;
        }
        let output = called(program, words, stdin)
            .output()
            .expect("the program starts");
        assert_coupled(&String::from_utf8_lossy(&output.stdout), 1);
        row(
            name,
            text.len(),
            Best {
                case: many(Path::new(program), words, stdin),
                reference,
            },
            "3 ms",
        );
    }
}

const RUNS: u32 = 200;

fn many(program: &Path, words: &[&str], stdin: &Path) -> Duration {
    let before = cpu_of_children();
    for _ in 0..RUNS {
        let mut command = called(program, words, stdin);
        let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
        assert!(status.expect("a program starts").success());
    }
    (cpu_of_children() - before) / RUNS
}

fn called(program: impl AsRef<Path>, words: &[&str], stdin: &Path) -> Command {
    let mut command = Command::new(program.as_ref());
    command
        .args(words)
        .stdin(fs::File::open(stdin).expect("the file is there"));
    command
}

/// kustomize alone, with the filter behind it, and with the function inside; one run each. Its own
/// time grows with the square of the apps, so the last is left out where it would take minutes.
pub(crate) fn kustomize() {
    let Some(kustomize) = rig::program("kustomize", "5.8.2") else {
        return;
    };
    println!(
        "\n{:46}{:>10}{:>10}",
        "kustomize, CPU of all processes", "", "times"
    );
    kustomizes(&kustomize, 250, true);
    kustomizes(&kustomize, 1_000, false);
}

fn kustomizes(kustomize: &Path, n: usize, inside: bool) {
    let dir = tempfile::tempdir().expect("there is a temporary directory");
    let path = |name: &str| dir.path().join(name);
    for (name, text) in [
        ("base/apps.yaml", apps(n, Road::Fast)),
        (
            "base/kustomization.yaml",
            "resources: [apps.yaml]\n".to_owned(),
        ),
        (
            "inside/kustomization.yaml",
            "resources: [../base]\ntransformers: [render.yaml]\n".to_owned(),
        ),
        (
            "inside/render.yaml",
            format!(
                "apiVersion: integration.rock8s.com/v1\nkind: Coupler\nmetadata:\n  name: render\n  annotations:\n    \
                 config.kubernetes.io/function: |\n      exec: {{path: {FUNCTION}}}\n"
            ),
        ),
    ] {
        let path = path(name);
        fs::create_dir_all(path.parent().expect("it is below"))
            .expect("the temporary directory can be written");
        fs::write(path, text).expect("the temporary directory can be written");
    }
    let timed = |program: &Path, words: &[&str], output: &str| {
        let before = cpu_of_children();
        let out = fs::File::create(path(output)).expect("the temporary directory can be written");
        let status = Command::new(program)
            .args(words)
            .current_dir(dir.path())
            .stdout(out)
            .status();
        assert!(status.expect("the program starts").success(), "{words:?}");
        cpu_of_children() - before
    };
    let alone = timed(kustomize, &["build", "base"], "built.yaml");
    let say = |name: &str, all: Duration, output: &str| {
        let times = all.as_secs_f64() / alone.as_secs_f64();
        println!("{name:46}{:>10}{times:>10.2}", ms(all));
        if !output.is_empty() {
            assert_coupled(
                &fs::read_to_string(path(output)).expect("it was written"),
                n,
            );
        }
    };
    say(&format!("kustomize build, {n} apps"), alone, "");
    let filter = timed(Path::new(COUPLER), &["render", "built.yaml"], "filter.yaml");
    say(
        "    and the filter behind it",
        alone + filter,
        "filter.yaml",
    );
    if inside {
        let inside = timed(
            kustomize,
            &["build", "--enable-alpha-plugins", "--enable-exec", "inside"],
            "inside.yaml",
        );
        say(
            "    or the function inside, as a transformer",
            inside,
            "inside.yaml",
        );
    }
}
