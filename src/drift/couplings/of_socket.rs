//! Compares a workload with what a Socket of the cluster would write into it, for all its Plugs.

use super::cause::of_record;
use super::{Couplings, LiveIntegration};
use crate::couple::{BinderId, SocketCoupling, SocketId};
use crate::drift::behind::{BoundNow, Differs, differs};
use crate::drift::reasons::{behind, owner_gone};
use crate::drift::workload::{Coupled, Workload};
use crate::drift::{Drift, DriftCause, Unknown, Verdict, own};
use crate::project::Supplied;

impl Couplings<'_> {
    /// What a Socket of the cluster writes.
    pub(super) fn coupling_of(&self, socket: SocketId) -> Option<&SocketCoupling> {
        self.socket_couplings.get(&socket)
    }

    /// Whether what a Socket wrote into a workload is what it would write now.
    pub(super) fn judge_socket(&self, workload: &Workload, coupled: &Coupled) -> Verdict {
        let apart = |diagnostic, detail: String, cause| {
            Verdict::Decoupled(vec![Drift {
                cause,
                ..own::drift(workload, Some(coupled), diagnostic, detail)
            }])
        };
        let Some(BinderId::Socket(id)) = self.find(workload, coupled) else {
            let gone = owner_gone(workload, coupled);
            let detail = gone.message.clone();
            let cause = DriftCause {
                object: of_record("Socket", &coupled.socket),
                change: None,
            };
            return apart(gone, detail, Some(cause));
        };
        // the texts are made of Plugs that never were in the cluster
        if coupled.catalogue.contains(&Supplied::Plugs) {
            return Verdict::Unknown(Unknown::Catalogue);
        }
        let socket = &self.ours[id];
        let is_behind = |what: String| {
            let cause = self.cause_of_socket(workload, coupled, id);
            apart(behind(workload, &cause, &what), what, Some(cause))
        };
        if !socket.writes() {
            let name = &socket.name.value;
            return is_behind(format!("Socket `{name}` does not write into it now"));
        }
        let Some(coupling) = self.coupling_of(id) else {
            // a Plug of it reads what is not read here, or is not coupled, which is reported there
            return Verdict::Unknown(Unknown::NotRead);
        };
        let bound = BoundNow {
            names: &coupling.names,
            written: &coupling.written,
        };
        match differs(workload, coupled, socket.binder(), &bound) {
            Differs::Nothing => Verdict::Coupled,
            Differs::SocketName(now) => is_behind(format!("the Socket is called `{now}`")),
            Differs::Objects(objects) => is_behind(objects.what),
            Differs::Config(what) => is_behind(what),
        }
    }

    /// The cause of such a drift: of the Socket, its Interface and its Plugs the one that was
    /// changed last, if it was after the workload was rendered; else the Socket, without a change.
    fn cause_of_socket(&self, workload: &Workload, coupled: &Coupled, id: SocketId) -> DriftCause {
        let socket = &self.ours[id];
        let plugs = self
            .resolved
            .iter()
            .filter(|resolved| resolved.socket == id);
        let plugs = plugs.filter_map(|resolved| self.source(&self.ours[resolved.plug].meta));
        let interface = self.interfaces.get(&socket.interface.value).copied();
        let sources = [self.source(&socket.meta), interface];
        let sources = sources.into_iter().flatten().chain(plugs);
        let later = |source: &LiveIntegration<'_>| {
            !workload.recorded.is_empty() && source.changed() > &*workload.recorded
        };
        let last = sources
            .filter(later)
            .max_by_key(|source| source.changed().to_owned());
        match last {
            Some(source) => source.cause(),
            None => DriftCause {
                object: of_record("Socket", &coupled.socket),
                change: None,
            },
        }
    }
}
