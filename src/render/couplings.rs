//! Couples an input without rendering it: gives all couplings, also if other Plugs have errors.

use super::lookup::Finder;
use super::names::Names;
use super::own_objects::OwnObjects;
use super::{Input, check, read};
use crate::couple::{Coupling, CouplingInput, SocketCoupling, adapt, couple};
use crate::diagnostic::{Diagnostic, Findings};
use crate::limits;
use crate::project::WorkloadKinds;

/// What an input comes to.
#[derive(Debug, Default)]
pub(crate) struct CoupledInput {
    /// Every Plug, Socket and Interface that could be read.
    pub(crate) integrations: CouplingInput,
    /// The couplings of the Plugs without an error of their own.
    pub(crate) couplings: Vec<Coupling>,
    /// What the Sockets write whose Plugs are all known.
    pub(crate) sockets: Vec<SocketCoupling>,
    /// All that a check reports.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Couples all that can be read.
pub(crate) fn couplings(input: &Input) -> CoupledInput {
    let diagnostics = check(input).diagnostics;
    let stream = read(input).stream;
    if stream.len() > limits::DOCUMENTS {
        return CoupledInput {
            diagnostics,
            ..CoupledInput::default()
        };
    }
    // what is wrong was found by the check
    let mut ours = OwnObjects::decode(&stream, &input.settings, &mut Findings::new());
    let kinds = WorkloadKinds::read(&stream);
    let names = Names::new(&stream, input.settings.namespace.as_deref(), &kinds);
    let finder = Finder::new(&names);
    adapt(&mut ours.integrations, &finder, &mut Findings::new());
    let coupled = couple(&ours.integrations, &finder);
    CoupledInput {
        integrations: ours.integrations,
        couplings: coupled.couplings,
        sockets: coupled.sockets,
        diagnostics,
    }
}
