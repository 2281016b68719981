//! The `coupler` command line: the only code, with the other shells, that touches the world.
