//! Defines the words of the settings as arguments.

use clap::ValueEnum;

use crate::api;

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(in crate::cli) enum IntegrationsArg {
    Drop,
    Keep,
    LocalConfig,
}

impl From<IntegrationsArg> for api::Integrations {
    fn from(word: IntegrationsArg) -> Self {
        match word {
            IntegrationsArg::Drop => Self::Drop,
            IntegrationsArg::Keep => Self::Keep,
            IntegrationsArg::LocalConfig => Self::LocalConfig,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(in crate::cli) enum OrphansArg {
    Refuse,
    Undo,
    Keep,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(in crate::cli) enum PlugsArg {
    Catalog,
    Stream,
}

impl From<PlugsArg> for api::AllPlugs {
    fn from(word: PlugsArg) -> Self {
        match word {
            PlugsArg::Catalog => Self::Catalogue,
            PlugsArg::Stream => Self::Stream,
        }
    }
}

impl From<OrphansArg> for api::Orphans {
    fn from(word: OrphansArg) -> Self {
        match word {
            OrphansArg::Refuse => Self::Refuse,
            OrphansArg::Undo => Self::Undo,
            OrphansArg::Keep => Self::Keep,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(in crate::cli) enum ServiceBindingsArg {
    Pass,
    Couple,
}

impl From<ServiceBindingsArg> for api::ServiceBindings {
    fn from(word: ServiceBindingsArg) -> Self {
        match word {
            ServiceBindingsArg::Pass => Self::Pass,
            ServiceBindingsArg::Couple => Self::Couple,
        }
    }
}
