#!/bin/sh
# Builds mdBook once, without its server, and prints where it is: tests/rigs/mdbook.sh
exec "$(dirname "$0")/cargo/install" mdbook 0.5.4 --no-default-features --features search
