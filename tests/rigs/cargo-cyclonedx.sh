#!/bin/sh
# Builds cargo-cyclonedx once, and prints where it is: tests/rigs/cargo-cyclonedx.sh
exec "$(dirname "$0")/cargo/install" cargo-cyclonedx 0.5.9
