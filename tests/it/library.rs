//! The library's interface is what `src/lib.rs` re-exports: every module behind it is hidden from
//! its documentation.

#[test]
fn every_module_is_hidden() {
    let text = include_str!("../../src/lib.rs");
    let lines: Vec<_> = text.lines().collect();
    let modules: Vec<_> = (0..lines.len())
        .filter(|&at| lines[at].starts_with("pub mod "))
        .collect();
    assert!(modules.len() > 5, "no modules were found");
    for at in modules {
        assert_eq!(
            lines[at - 1],
            "#[doc(hidden)]",
            "`{}` is documented",
            lines[at]
        );
    }
}
