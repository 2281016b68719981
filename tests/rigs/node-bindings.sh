#!/bin/sh
# Installs kube-service-bindings for Node once, with a reader of bindings, and prints where it is.
# The reader's arguments are a type and a client: node-bindings POSTGRESQL pg
set -eu
version=2.1.0
rig="${XDG_CACHE_HOME:-$HOME/.cache}/coupler-rigs/node-bindings-$version"
if [ ! -x "$rig/node-bindings" ]; then
    mkdir -p "$rig"
    npm install --silent --no-save --prefix "$rig" "kube-service-bindings@$version" >&2
    cat >"$rig/node-bindings.$$" <<'PROGRAM'
#!/usr/bin/env node
const { getBinding } = require("kube-service-bindings");
const [type, client] = process.argv.slice(2);
console.log(JSON.stringify(getBinding(type, client)));
PROGRAM
    chmod +x "$rig/node-bindings.$$"
    mv "$rig/node-bindings.$$" "$rig/node-bindings"
fi
printf '%s\n' "$rig/node-bindings"
