//! The two binaries as a host calls them: no arguments, a pipe on both sides.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::skip::skip;

const LIST: &str = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- apiVersion: v1\n  kind: Service\n  metadata: {name: web}\n";

const COUPLED: &str = "\
apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- apiVersion: apps/v1
  kind: Deployment
  metadata: {name: web, namespace: shop}
  spec:
    template:
      spec:
        containers:
        - name: web
          image: example/web:1
- apiVersion: integration.rock8s.com/v1
  kind: Plug
  metadata: {name: cache, namespace: shop}
  spec:
    interface: {name: redis}
    workloads: [{name: web}]
- apiVersion: integration.rock8s.com/v1
  kind: Socket
  metadata: {name: redis, namespace: shop}
  spec:
    interface: {name: redis, versions: [1.0.0]}
    config: {host: redis, port: 6379}
";

const BINARIES: [&str; 2] = [
    env!("CARGO_BIN_EXE_coupler-fn"),
    env!("CARGO_BIN_EXE_coupler"),
];

fn call(binary: &str, stdin: &[u8], stdout: Stdio) -> Output {
    call_as(&mut Command::new(binary), stdin, stdout)
}

fn call_as(command: &mut Command, stdin: &[u8], stdout: Stdio) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(stdout)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let _ = child.stdin.take().unwrap().write_all(stdin);
    child.wait_with_output().unwrap()
}

#[test]
fn a_list_comes_back() {
    for text in [
        LIST.to_owned(),
        LIST.replace('\n', "\r\n"),
        format!("\u{feff}{LIST}"),
    ] {
        for binary in BINARIES {
            let output = call(binary, text.as_bytes(), Stdio::piped());
            assert_eq!(
                (
                    output.status.code(),
                    String::from_utf8(output.stdout).unwrap()
                ),
                (Some(0), text.clone())
            );
        }
    }
}

#[test]
fn what_cannot_be_read_gives_nothing_and_fails() {
    for stdin in [
        &b""[..],
        b"\n",
        b"kind: \xff\n",
        b"kind: Service\n",
        &LIST.as_bytes()[..40],
    ] {
        for binary in BINARIES {
            let output = call(binary, stdin, Stdio::piped());
            assert!(
                output.status.code() != Some(0) && output.stdout.is_empty(),
                "{output:?}"
            );
            assert!(!output.stderr.is_empty(), "{binary}");
        }
    }
}

#[test]
fn what_cannot_be_written_fails() {
    let Ok(full) = File::options().write(true).open("/dev/full") else {
        return skip("/dev/full", "there is no /dev/full");
    };
    for binary in BINARIES {
        let output = call(binary, LIST.as_bytes(), full.try_clone().unwrap().into());
        assert_eq!(output.status.code(), Some(2), "{output:?}");
    }
}

/// A host that went away: the end of the pipe is closed before anything is written.
#[test]
fn a_closed_pipe_fails() {
    for binary in BINARIES {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = call(binary, LIST.as_bytes(), writer.into());
        assert_eq!(output.status.code(), Some(2), "{output:?}");
    }
}

/// Fifty megabytes, and aliases that would be more than all memory if anybody expanded them.
#[test]
fn what_is_large_comes_back_and_what_would_grow_does_not() {
    let item = "- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: a}\n  data: {a: \"";
    let large = format!("{LIST}{item}{}\"}}\n", "x".repeat(50 << 20));
    let nine = |n: usize| vec![format!("*a{}", n - 1); 9].join(", ");
    let bomb: String = (1..40)
        .map(|n| format!("    a{n}: &a{n} [{}]\n", nine(n)))
        .collect();
    let bomb = format!(
        "{LIST}- apiVersion: v1\n  kind: ConfigMap\n  metadata: {{name: a}}\n  data:\n    a0: &a0 x\n{bomb}"
    );
    let circle = format!(
        "{LIST}- apiVersion: v1\n  kind: A\n  metadata: {{name: a}}\n  spec: &a {{b: *a}}\n"
    );
    for text in [large, bomb, circle] {
        let output = call(BINARIES[0], text.as_bytes(), Stdio::piped());
        assert!(
            output.status.code() == Some(0) && output.stdout == text.as_bytes(),
            "{:?}",
            output.status
        );
    }
}

#[test]
fn help_is_words_on_standard_output() {
    let said = |word: &str| {
        Command::new(BINARIES[0])
            .arg(word)
            .stdin(Stdio::null())
            .output()
            .unwrap()
    };
    let help = said("--help");
    assert!(
        help.status.success()
            && String::from_utf8(help.stdout)
                .unwrap()
                .contains("functionConfig")
    );
    assert!(said("--version").status.success());
    let wrong = said("--hlep");
    assert!(wrong.status.code() == Some(2) && wrong.stdout.is_empty());
}

/// The ways into another root: as the user that the image names, or as one who is root nowhere
/// else.
const CHROOTS: [&[&str]; 2] = [
    &["chroot", "--userspec=65532:65532"],
    &["unshare", "--user", "--map-root-user", "chroot"],
];

fn chroot(words: &[&str], root: &Path) -> Command {
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).arg(root);
    command
}

/// `.ci/run` builds the binary as the image has it, linked statically; a dynamic one would not
/// start where nothing else is.
#[test]
fn the_binary_of_the_image_needs_nothing_beside_it() {
    let Some(binary) = std::env::var_os("COUPLER_FN_STATIC") else {
        return skip(
            "static",
            "COUPLER_FN_STATIC names no statically linked coupler-fn",
        );
    };
    let allowed = |words: &&&[&str]| {
        chroot(words, Path::new("/"))
            .arg("true")
            .output()
            .is_ok_and(|o| o.status.success())
    };
    let Some(words) = CHROOTS.iter().find(allowed) else {
        return skip("chroot", "this user may not enter another root");
    };
    let size = fs::metadata(&binary).unwrap().len();
    assert!(
        size <= 8 << 20,
        "{size} bytes are more than the image may have"
    );
    let root = tempfile::tempdir().unwrap();
    fs::set_permissions(root.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::copy(binary, root.path().join("function")).unwrap();
    let inside = |stdin: &str| {
        call_as(
            chroot(words, root.path()).arg("/function"),
            stdin.as_bytes(),
            Stdio::piped(),
        )
    };
    for (list, status) in [
        (COUPLED.to_owned(), 0),
        (COUPLED.replace("[{name: web}]", "[{name: wob}]"), 1),
    ] {
        let (alone, beside) = (
            inside(&list),
            call(BINARIES[0], list.as_bytes(), Stdio::piped()),
        );
        assert_eq!(alone, beside, "{}", String::from_utf8_lossy(&alone.stderr));
        assert_eq!(alone.status.code(), Some(status));
        assert_eq!(
            String::from_utf8(alone.stdout)
                .unwrap()
                .contains("value: redis\n"),
            status == 0
        );
    }
    assert_eq!(
        fs::read_dir(root.path()).unwrap().count(),
        1,
        "it writes no files"
    );
}
