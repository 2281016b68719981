#!/bin/sh
# Builds cargo-deny once, and prints where it is: tests/rigs/cargo-deny.sh
exec "$(dirname "$0")/cargo/install" cargo-deny 0.20.2
