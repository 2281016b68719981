//! Prints what another program writes to its standard error, after cleaning it.

use std::io::{BufRead, BufReader, Read};
use std::thread::{self, JoinHandle};

use super::print;
use crate::diagnostic::{Printable, printable};

/// Bytes of a line that is passed on in one piece.
const LINE: u64 = 64 << 10;

/// Passes on every line, as soon as it is there, until the program closes its end.
pub(super) fn relay(from: impl Read + Send + 'static) -> JoinHandle<()> {
    thread::spawn(move || lines(from, |line| print::report(&Printable::plain(line))))
}

/// Each line, with its end; of a very long one each piece, as a line of its own.
fn lines(from: impl Read, mut each: impl FnMut(&str)) {
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    while from
        .by_ref()
        .take(LINE)
        .read_until(b'\n', &mut line)
        .is_ok_and(|read| read > 0)
    {
        let is_piece = line.len() as u64 == LINE && !line.ends_with(b"\n");
        let mut shown = printable::lines(&String::from_utf8_lossy(&line));
        // a command could be parted by the end of a piece
        if is_piece {
            shown.push('\n');
        }
        each(&shown);
        line.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_passed_on_and_commands_nobody() {
        let mut passed = Vec::new();
        let text = b"Error: a\r\n::add-mask::b\n\xff \x1b[2J\n\nno end";
        lines(&text[..], |line| passed.push(line.to_owned()));
        assert_eq!(
            passed,
            [
                "Error: a\n",
                ":\u{fffd}add-mask::b\n",
                "\u{fffd} \u{fffd}[2J\n",
                "\n",
                "no end"
            ]
        );
    }

    #[test]
    fn a_long_line_is_held_in_pieces() {
        let (mut pieces, mut bytes) = (0, 0);
        lines(std::io::repeat(b'a').take(3 * LINE), |piece| {
            assert!(piece.len() as u64 <= LINE + 1);
            pieces += 1;
            bytes += piece.len() as u64;
        });
        assert_eq!((pieces, bytes), (3, 3 * (LINE + 1)));
    }

    #[test]
    fn a_command_is_not_put_together_of_two_pieces() {
        for (filler, command) in [
            (" ", "::add-mask::x"),
            ("x", "##[add-mask]x"),
            ("x", "##vso[task.x]"),
        ] {
            for cut in 1..4 {
                let text = filler.repeat(usize::try_from(LINE).unwrap() - cut) + command;
                let mut whole = String::new();
                lines(text.as_bytes(), |piece| whole += piece);
                let commands = whole
                    .lines()
                    .any(|line| line.trim_start().starts_with("::"));
                assert!(
                    !commands && !whole.contains("##[") && !whole.contains("##vso["),
                    "{cut} of {command}"
                );
            }
        }
    }
}
