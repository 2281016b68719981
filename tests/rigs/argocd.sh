#!/bin/sh
# Argo CD's plugin server and a client for it, built once: prints where the program is. tests/rigs/argocd/ is its source.
exec "$(dirname "$0")/go/build" argocd 3.5.7
