//! Lists coupler's own kinds.

/// Our kinds.
pub const KINDS: [&str; 5] = ["Interface", "Socket", "Plug", "Adapter", "Coupler"];
