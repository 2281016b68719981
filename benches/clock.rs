//! CPU time, and peaks of memory, as Linux counts them: in files, so without a line of unsafe code.

use std::fs;
use std::hint::black_box;
use std::process::Command;
use std::time::Duration;

/// What a case and its reference took, at best.
#[derive(Clone, Copy)]
pub(crate) struct Best {
    pub(crate) case: Duration,
    pub(crate) reference: Duration,
}

/// Runs both in turn, until they had their share of time, and keeps the best of each.
pub(crate) fn best<T, R>(mut case: impl FnMut() -> T, mut reference: impl FnMut() -> R) -> Best {
    const SHARE: Duration = Duration::from_millis(1_500);
    let mut best = Best {
        case: Duration::MAX,
        reference: Duration::MAX,
    };
    let mut spent = Duration::ZERO;
    let mut rounds = 0;
    while rounds < 3 || (spent < SHARE && rounds < 200) {
        let (one, other) = (cpu_of(&mut case), cpu_of(&mut reference));
        best = Best {
            case: best.case.min(one),
            reference: best.reference.min(other),
        };
        spent += one + other;
        rounds += 1;
    }
    best
}

/// What this thread spends on one run.
pub(crate) fn cpu_of<T>(run: &mut impl FnMut() -> T) -> Duration {
    let before = cpu();
    let result = run();
    let took = cpu().saturating_sub(before);
    drop(black_box(result));
    took
}

/// What this thread has spent so far.
fn cpu() -> Duration {
    // the kernel brings the count up to date when it schedules
    std::thread::yield_now();
    let text = fs::read_to_string("/proc/thread-self/schedstat").expect("benches run on Linux");
    Duration::from_nanos(
        text.split(' ')
            .next()
            .and_then(|n| n.parse().ok())
            .expect("schedstat begins with a number"),
    )
}

/// What all ended child processes have spent so far, to a hundredth of a second.
pub(crate) fn cpu_of_children() -> Duration {
    let text = fs::read_to_string("/proc/self/stat").expect("benches run on Linux");
    // the name of the program may hold blanks; cutime and cstime are fields 16 and 17, in
    // hundredths
    let fields = text
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .skip(13)
        .take(2);
    Duration::from_millis(
        fields
            .map(|field| field.parse::<u64>().unwrap_or_default() * 10)
            .sum(),
    )
}

/// The peak of memory of a child process that runs one case, in MB.
pub(crate) fn peak_of(case: &str) -> f64 {
    child(&["--peak", case])
        .parse()
        .expect("a child prints its peak")
}

/// What a case takes in a process that has done nothing before, the best of some: every page of its
/// memory is new to it.
pub(crate) fn cold_of(case: &str) -> Duration {
    let one = |_| {
        child(&["--cold", case])
            .parse()
            .expect("a child prints its nanoseconds")
    };
    Duration::from_nanos((0..10).map(one).min().unwrap_or_default())
}

/// The same inside the child: this run, once.
pub(crate) fn cold<T>(mut run: impl FnMut() -> T) -> u128 {
    cpu_of(&mut run).as_nanos()
}

/// What this very program prints as a child process.
fn child(arguments: &[&str]) -> String {
    let program = std::env::current_exe().expect("a program has a path");
    let output = Command::new(program)
        .args(arguments)
        .output()
        .expect("a program can be started again");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// This process's own, in MB.
pub(crate) fn peak() -> f64 {
    let text = fs::read_to_string("/proc/self/status").expect("benches run on Linux");
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap_or_default();
    let kilobytes: f64 = line
        .trim()
        .trim_end_matches("kB")
        .trim()
        .parse()
        .expect("VmHWM is a number");
    kilobytes / 1024.0
}
