#!/bin/sh
# A Kubernetes API server with its etcd, built once: prints where the program is. tests/rigs/apiserver/ is its source.
set -eu
version=1.36.3
said=k8s.io/component-base/version
exec "$(dirname "$0")/go/build" apiserver "$version" "-X $said.gitVersion=v$version -X $said.gitMajor=1 -X $said.gitMinor=36"
