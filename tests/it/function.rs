//! The two binaries as a host calls them: no arguments, a pipe on both sides.

use std::fs::File;
use std::io::Write;
use std::process::{Command, Output, Stdio};

use crate::skip::skip;

const LIST: &str = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- apiVersion: v1\n  kind: Service\n  metadata: {name: web}\n";

const BINARIES: [&str; 2] = [env!("CARGO_BIN_EXE_coupler-fn"), env!("CARGO_BIN_EXE_coupler")];

fn call(binary: &str, stdin: &[u8], stdout: Stdio) -> Output {
    let mut child = Command::new(binary).stdin(Stdio::piped()).stdout(stdout).stderr(Stdio::piped()).spawn().unwrap();
    let _ = child.stdin.take().unwrap().write_all(stdin);
    child.wait_with_output().unwrap()
}

#[test]
fn a_list_comes_back() {
    for text in [LIST.to_owned(), LIST.replace('\n', "\r\n"), format!("\u{feff}{LIST}")] {
        for binary in BINARIES {
            let output = call(binary, text.as_bytes(), Stdio::piped());
            assert_eq!((output.status.code(), String::from_utf8(output.stdout).unwrap()), (Some(0), text.clone()));
        }
    }
}

#[test]
fn what_cannot_be_read_gives_nothing_and_fails() {
    for stdin in [&b""[..], b"\n", b"kind: \xff\n", b"kind: Service\n", &LIST.as_bytes()[..40]] {
        for binary in BINARIES {
            let output = call(binary, stdin, Stdio::piped());
            assert!(output.status.code() != Some(0) && output.stdout.is_empty(), "{output:?}");
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

#[test]
fn help_is_words_on_standard_output() {
    let said = |word: &str| Command::new(BINARIES[0]).arg(word).stdin(Stdio::null()).output().unwrap();
    let help = said("--help");
    assert!(help.status.success() && String::from_utf8(help.stdout).unwrap().contains("functionConfig"));
    assert!(said("--version").status.success());
    let wrong = said("--hlep");
    assert!(wrong.status.code() == Some(2) && wrong.stdout.is_empty());
}
