//! The built-in Adapters are all files of their directory.

use std::collections::BTreeSet;
use std::path::Path;

use coupler::api::built_in_adapters;

#[test]
fn every_file_is_in_the_table() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/api/adapters");
    let files = std::fs::read_dir(directory).unwrap();
    let names: BTreeSet<String> = files
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    let known = built_in_adapters().iter();
    let known: BTreeSet<String> = known.map(|known| format!("{}.yaml", known.name)).collect();
    assert_eq!(names, known);
}
