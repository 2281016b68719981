#!/bin/sh
# Prometheus' own checks of rules and metrics, built once: prints where the program is. tests/rigs/promcheck/ is its source.
exec "$(dirname "$0")/go/build" promcheck 3.16.0
