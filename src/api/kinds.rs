//! Lists our kinds.

/// Our kinds.
pub const KINDS: [&str; 4] = ["Interface", "Socket", "Plug", "Coupler"];
