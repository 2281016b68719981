use std::rc::Rc;

use crate::api::built_in_adapters;
use crate::couple::check_adapter;
use crate::diagnostic::Findings;

#[test]
fn each_example_of_the_built_in_adapters_has_the_result_that_it_declares() {
    let mut faults = Vec::new();
    for known in built_in_adapters() {
        let adapter = known.adapter().unwrap();
        let mut found = Findings::new();
        check_adapter(&Rc::new(adapter), &[], &mut found);
        faults.extend(found.into_vec().into_iter().map(|fault| fault.message));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
