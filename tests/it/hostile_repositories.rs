//! What the author of a repository may reach through `coupler diff REVISION`: real Git, and
//! configuration that runs programs.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use crate::cli::{Dir, Ran};
use crate::skip::skip;

fn git(directory: &Path, words: &[&str]) -> String {
    let mut git = Command::new("git");
    git.args([
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@example.com",
        "-c",
        "commit.gpgsign=false",
    ]);
    let done = git.args(words).current_dir(directory).output().unwrap();
    assert!(
        done.status.success(),
        "{words:?}: {}",
        String::from_utf8_lossy(&done.stderr)
    );
    String::from_utf8(done.stdout).unwrap().trim().to_owned()
}

/// A directory as a repository of one commit.
fn commit(directory: &Path) {
    git(directory, &["init", "-q", "-b", "main"]);
    git(directory, &["add", "-A"]);
    git(directory, &["commit", "-q", "-m", "x"]);
}

/// Makes its configuration fetch missing objects by a command that leaves a mark, and removes the
/// tree. Fails unless plain Git runs that command: then the attack would prove nothing.
fn arm(directory: &Path, git_dir: &Path, mark: &Path) {
    let command = format!("touch {}; false", mark.display());
    for (key, value) in [
        ("core.repositoryFormatVersion", "1"),
        ("extensions.partialClone", "evil"),
        ("remote.evil.promisor", "true"),
        ("remote.evil.url", git_dir.to_str().unwrap()),
        ("remote.evil.uploadpack", command.as_str()),
    ] {
        git(directory, &["config", key, value]);
    }
    let tree = git(directory, &["rev-parse", "main^{tree}"]);
    fs::remove_file(git_dir.join("objects").join(&tree[..2]).join(&tree[2..])).unwrap();
    Command::new("git")
        .args(["ls-tree", "main"])
        .current_dir(directory)
        .output()
        .unwrap();
    assert!(mark.exists(), "Git itself does not run the command");
    fs::remove_file(mark).unwrap();
}

fn has_git() -> bool {
    let is_there = Command::new("git").arg("--version").output().is_ok();
    if !is_there {
        skip("git", "git cannot be started");
    }
    is_there
}

#[test]
fn a_bare_repository_that_is_committed_is_not_entered() {
    if !has_git() {
        return;
    }
    let dir = Dir::with(&[("seed/a.yaml", "kind: A\n"), ("work/a.yaml", "kind: A\n")]);
    commit(&dir.path("seed"));
    git(&dir.path("seed"), &["config", "core.bare", "true"]);
    fs::rename(dir.path("seed/.git"), dir.path("work/bare")).unwrap();
    git(&dir.path("work"), &["init", "-q", "-b", "main"]);
    let (bare, mark) = (dir.path("work/bare"), dir.path("mark"));
    arm(&bare, &bare, &mark);
    for words in [
        &["diff", "main", "HEAD"][..],
        &["diff", "main", "main~0", "--", "a.yaml"],
    ] {
        let ran = Ran::of(dir.command(words).current_dir(&bare)).status(2);
        assert!(!mark.exists(), "{ran:?}");
        assert!(ran.err.contains("bare"), "{ran:?}");
    }
}

#[test]
fn missing_objects_are_not_fetched() {
    if !has_git() {
        return;
    }
    let dir = Dir::with(&[("work/a.yaml", "kind: A\n")]);
    let (work, mark) = (dir.path("work"), dir.path("mark"));
    commit(&work);
    arm(&work, &work.join(".git"), &mark);
    let ran = Ran::of(dir.command(&["diff", "main", "HEAD"]).current_dir(&work)).status(2);
    assert!(!mark.exists(), "{ran:?}");
}

/// Whoever adds `origin/main` to a repository would have his change compared with his own file.
#[test]
fn a_path_does_not_hide_a_revision() {
    if !has_git() {
        return;
    }
    let app = include_str!("../../testdata/diff/the-same-is-silent/base.yaml");
    let dir = Dir::with(&[("work/app/a.yaml", app)]);
    let work = dir.path("work");
    commit(&work);
    let other = app.replace("{name: cache, port", "{name: cache-2, port");
    for name in ["app", "main/app"] {
        fs::create_dir_all(work.join(name)).unwrap();
        fs::write(work.join(name).join("a.yaml"), &other).unwrap();
    }
    let diff =
        |words: &[&str]| Ran::of(dir.command(&[&["diff"], words].concat()).current_dir(&work));
    diff(&["main", ".", "--", "app"]).status(2).says(&[
        "`main` is a path and a Git revision",
        "./main",
        "refs/heads/main",
    ]);
    assert_eq!(diff(&["refs/heads/main", ".", "--", "app"]).status, Some(1));
    assert_eq!(diff(&["./main", ".", "--", "app"]).status, Some(0));
    // outside of any repository a path is a path, and Git is not heard
    fs::rename(work.join(".git"), work.join("git")).unwrap();
    let ran = diff(&["main", ".", "--", "app"]);
    assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""));
}

#[test]
fn links_and_settings_of_a_revision_are_bounded() {
    if !has_git() {
        return;
    }
    let dir = Dir::with(&[
        ("work/a.yaml", "kind: A\n"),
        ("work/app/b.yaml", "kind: B\n"),
    ]);
    let work = dir.path("work");
    for link in 0..41 {
        let target = if link == 0 {
            "a.yaml".to_owned()
        } else {
            format!("link-{}", link - 1)
        };
        symlink(target, work.join(format!("link-{link}"))).unwrap();
    }
    let large = format!(
        "apiVersion: integration.rock8s.com/v1\nkind: Coupler\n#{}",
        " ".repeat(1 << 20)
    );
    fs::write(dir.path("work/app/coupler.yaml"), large).unwrap();
    commit(&work);
    let diff = |path: &str| {
        Ran::of(
            dir.command(&["diff", "main", "HEAD", "--", path])
                .current_dir(&work),
        )
    };
    diff("link-39").status(0);
    diff("link-40")
        .status(2)
        .says(&["too many links in the path"]);
    diff("app")
        .status(2)
        .says(&["`main:app/coupler.yaml` is larger than 1 MiB"]);
}

#[test]
fn no_program_of_a_repositorys_configuration_is_run() {
    if !has_git() {
        return;
    }
    let attributes = "* diff=evil filter=evil merge=evil\n";
    let dir = Dir::with(&[
        ("work/a.yaml", "kind: A\n"),
        ("work/.gitattributes", attributes),
    ]);
    let (work, mark) = (dir.path("work"), dir.path("mark"));
    commit(&work);
    let evil = format!("touch {}", mark.display());
    for key in [
        "core.fsmonitor",
        "core.pager",
        "core.sshCommand",
        "core.askPass",
        "core.editor",
        "core.gitProxy",
        "core.alternateRefsCommand",
        "pager.ls-tree",
        "pager.rev-parse",
        "pager.cat-file",
        "credential.helper",
        "diff.external",
        "diff.evil.textconv",
        "diff.evil.command",
        "filter.evil.smudge",
        "filter.evil.clean",
        "filter.evil.process",
        "gpg.program",
        "uploadpack.packObjectsHook",
    ] {
        git(&work, &["config", key, &evil]);
    }
    for key in ["alias.ls-tree", "alias.cat-file", "alias.rev-parse"] {
        git(&work, &["config", key, &format!("!{evil}")]);
    }
    let hooks = work.join(".git/hooks");
    fs::create_dir_all(&hooks).unwrap();
    for hook in [
        "post-index-change",
        "reference-transaction",
        "post-checkout",
        "fsmonitor-watchman",
    ] {
        fs::write(hooks.join(hook), format!("#!/bin/sh\n{evil}\n")).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(hooks.join(hook), mode).unwrap();
    }
    let _ = fs::remove_file(&mark);
    Command::new("git")
        .arg("status")
        .current_dir(&work)
        .output()
        .unwrap();
    fs::remove_file(&mark).expect("Git itself runs nothing");
    let mut command = dir.command(&["diff", "main", "HEAD"]);
    let ran = Ran::of(
        command
            .current_dir(&work)
            .env("GIT_EXTERNAL_DIFF", &evil)
            .env("GIT_PAGER", &evil),
    );
    assert_eq!((ran.status, ran.out.as_str()), (Some(0), ""), "{ran:?}");
    assert!(!mark.exists(), "{ran:?}");
}

#[test]
fn a_path_of_a_revision_is_read_as_it_is_written() {
    if !has_git() {
        return;
    }
    let app = include_str!("../../testdata/diff/the-same-is-silent/base.yaml");
    let dir = Dir::with(&[
        ("work/app/a.yaml", app),
        ("work/b.yaml", app),
        ("work/-r/c.yaml", app),
    ]);
    let work = dir.path("work");
    commit(&work);
    git(&work, &["rm", "-q", "-r", "--", "app", "b.yaml", "-r"]);
    git(&work, &["commit", "-q", "-m", "y"]);
    // `:/` and `:(top)` are not the root, `*` is no pattern, and `-r` is a directory
    for (path, status) in [
        ("b.yaml", 1),
        ("-r", 1),
        (":/b.yaml", 2),
        (":(top)b.yaml", 2),
        ("*.yaml", 2),
    ] {
        let ran = Ran::of(
            dir.command(&["diff", "main~1", "main", "--", path])
                .current_dir(&work),
        );
        assert_eq!(ran.status, Some(status), "{path}: {ran:?}");
    }
}

#[test]
fn the_files_of_a_revision_are_bounded_together() {
    let git = "#!/bin/sh\ncase \"$*\" in\n*rev-parse*) echo 1;;\n\
               *ls-tree*coupler.yaml) ;;\n\
               *ls-tree*) printf '100644 blob 2    900000000\\ta.yaml\\000100644 blob 3    174000000\\tb.yaml\\000';;\n\
               *cat-file*) echo x >> read; echo 'kind: A';;\nesac\n";
    let dir = Dir::with(&[("bin/git", git)]);
    fs::set_permissions(
        dir.path("bin/git"),
        std::os::unix::fs::PermissionsExt::from_mode(0o755),
    )
    .unwrap();
    let diff = || {
        Ran::of(dir.command(&["diff", "main", "other"]).env(
            "PATH",
            format!("{}:/bin:/usr/bin", dir.path("bin").display()),
        ))
    };
    diff().status(0);
    assert_eq!(dir.read("read"), "x\n".repeat(4));
    fs::write(dir.path("bin/git"), git.replace("174000000", "1073741825")).unwrap();
    fs::remove_file(dir.path("read")).unwrap();
    diff().status(2).says(&["larger than 1024 MiB together"]);
    assert_eq!(dir.read("read"), "x\n", "the second was read");
}
