//! Tests that tags which readers read differently are refused, and others are no obstacle.

use super::refusals::refused;
use super::*;

#[test]
fn a_tag_that_not_every_reader_obeys_is_refused_wherever_it_is() {
    let foreign = [
        "!!merge",
        "!<tag:yaml.org,2002:merge>",
        "!!binary",
        "!x",
        "!!set",
        "!!timestamp",
    ];
    for tag in foreign {
        for (text, at) in [
            (
                deployment("").replace(
                    "metadata:\n",
                    &format!("metadata:\n  {tag} \"k\": {{a: b}}\n"),
                ),
                "\"k\"",
            ),
            (
                deployment("").replace("metadata:\n", &format!("metadata:\n  other: {tag} QUJD\n")),
                "QUJD",
            ),
            (
                deployment(&format!(
                    "        env:\n        - {{name: {tag} QUJD, value: x}}\n"
                )),
                "QUJD",
            ),
            (
                deployment("") + &format!("status: {{a: [{{{tag} b: c}}]}}\n"),
                "b",
            ),
        ] {
            refused(&text, at, "readers treat it in different ways");
        }
    }
    // of another type than its value, a tag is one that readers disagree on
    for wrong in [
        "!!null QUJD",
        "!!int QUJD",
        "!!int \"1\"",
        "!!int 1.5",
        "!!bool 1",
        "!!bool \"true\"",
        "!!float x",
        "!!null \"\"",
        "!!null ''",
    ] {
        let at = wrong.split_once(' ').unwrap().1;
        refused(
            &(deployment("") + &format!("status: {{a: {wrong}}}\n")),
            at,
            "readers treat it in different ways",
        );
    }
    refused(
        &(deployment("") + "status: {a: !!null QUJD, b: !!map QUJD}\n"),
        "QUJD",
        "readers treat it in different ways",
    );
    refused(
        &deployment("").replace("metadata:\n", "metadata:\n  ! \"<<\": {a: b}\n"),
        "\"<<\"",
        "readers treat it in different ways",
    );
    refused(
        &deployment("").replace("metadata:\n", "metadata:\n  !!str <<: {a: b}\n"),
        "<<",
        "readers treat it in different ways",
    );
    refused(
        &deployment("").replace("metadata:\n", "metadata:\n  &k other: b\n"),
        "other",
        "anchor",
    );
}

#[test]
fn a_tag_of_the_core_schema_elsewhere_is_no_obstacle() {
    for status in [
        "!!map {}",
        "!!seq []",
        "!!str a",
        "! a",
        "!!int 5",
        "!!int 99999999999999999999",
        "!!float 5",
        "!!str 5",
        "!!str ~",
        "!!bool true",
        "!!null ~",
        "!!float 1.5",
        "{!!str a: b, ! c: d}",
    ] {
        baked(
            &(deployment("") + &format!("status: {status}\n")),
            &["web"],
            &usual(),
        );
    }
}
