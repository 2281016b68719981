//! Finds characters that YAML readers read differently: control characters, and line ends that only
//! some readers support.

use super::{Flaw, ReadError, Span};

/// The first such character, at an offset: C0 but TAB, LF and CRLF; DEL; C1 with NEL; LS; PS.
pub(super) fn odd(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    for chunk in bytes.chunks(4096) {
        // no branch in the loop, and little in it: it is compiled to vector instructions
        let mut unprintable = false;
        for &b in chunk {
            unprintable |= (b.wrapping_sub(b' ') > b'~' - b' ') & (b != b'\n');
        }
        if unprintable && let Some(found) = (at..at + chunk.len()).find(|&at| is_odd(bytes, at)) {
            return Some(found);
        }
        at += chunk.len();
    }
    None
}

/// Whether there is no odd character, no line end but LF, and none of the characters that mean
/// nothing or are invisible.
pub(super) fn usual(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (mut control, mut wide) = (false, false);
    for &b in bytes {
        control |= ((b < 0x20) & (b != b'\n') & (b != b'\t')) | (b == 0x7f);
        wide |= b >= 0x80;
    }
    let unusual = |at: usize| match bytes[at..] {
        [0xc2, second, ..] => second < 0xa0,
        [0xe2, 0x80, third, ..] => matches!(third, 0xa8 | 0xa9),
        // U+FDD0 to U+FDEF, U+FEFF, U+FFFE, U+FFFF
        [0xef, 0xb7, third, ..] => matches!(third, 0x90..=0xaf),
        [0xef, 0xbb, third, ..] => third == 0xbf,
        [0xef, 0xbf, third, ..] => third >= 0xbe,
        _ => false,
    };
    !(control || wide && memchr::memchr3_iter(0xc2, 0xe2, 0xef, bytes).any(unusual))
}

fn is_odd(bytes: &[u8], at: usize) -> bool {
    match bytes[at] {
        b'\t' | b'\n' => false,
        b'\r' => bytes.get(at + 1) != Some(&b'\n'),
        0x00..=0x1f | 0x7f => true,
        0xc2 => matches!(bytes.get(at + 1), Some(0x80..=0x9f)),
        0xe2 => matches!(bytes.get(at + 1..at + 3), Some([0x80, 0xa8 | 0xa9])),
        _ => false,
    }
}

/// Refuses the first odd character. It is not named: it may be in a Secret.
pub(super) fn check(text: &str) -> Result<(), ReadError> {
    let Some(at) = odd(text) else { return Ok(()) };
    let found = text[at..].chars().next().unwrap_or_default();
    let what = match found {
        '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
            "a line end that only some YAML readers support (CR, NEL, LS or PS)"
        }
        _ => "a control character that YAML does not allow",
    };
    let span = Span::new(at, at + found.len_utf8());
    Err(ReadError {
        flaw: Flaw::Syntax,
        span,
        message: what.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fast_parser_wants_less() {
        assert!(usual(
            "a: b\tc\n# \u{a0}é\u{2027}\u{202a}\u{fdcf}\u{fdf0}\u{fffd}\u{10ffff}\n"
        ));
        for bad in [
            "\r\n", "\0", "\u{7f}", "\u{80}", "\u{85}", "\u{2028}", "\u{feff}", "\u{fdd0}",
            "\u{fdef}", "\u{fffe}", "\u{ffff}",
        ] {
            assert!(!usual(&format!("a: b{bad}")), "{bad:?}");
        }
    }

    #[test]
    fn finds_each_and_spares_the_rest() {
        let fine = "a: b\tc\r\n# \u{a0}é\u{2027}\u{202a}\u{feff}\u{10ffff}\n";
        assert_eq!(odd(fine), None);
        for bad in [
            "\0", "\u{1b}", "\r", "\rx", "\u{7f}", "\u{80}", "\u{85}", "\u{9f}", "\u{2028}",
            "\u{2029}",
        ] {
            for length in [0, 1, 4094, 4095, 4096, 5000] {
                let text = format!("{}{bad}", "é".repeat(length / 2) + &"x".repeat(length % 2));
                assert_eq!(odd(&text), Some(length), "{bad:?} after {length} bytes");
                let error = check(&text).unwrap_err();
                let first = bad.chars().next().map_or(0, char::len_utf8);
                assert_eq!(error.span, Span::new(length, length + first));
            }
        }
    }
}
