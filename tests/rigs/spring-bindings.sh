#!/bin/sh
# Compiles a reader of bindings with spring-cloud-bindings once, and prints where it is.
set -eu
version=2.0.4
cd "$(dirname "$0")/spring-bindings"
rig="${XDG_CACHE_HOME:-$HOME/.cache}/coupler-rigs/spring-bindings-$version"
# a changed source is built anew
if [ ! -x "$rig/spring-bindings" ] || ! cmp -s Read.java "$rig/Read.java"; then
    mkdir -p "$rig/classes"
    mvn -q -B dependency:copy-dependencies -DoutputDirectory="$rig/lib" >&2
    javac -cp "$rig/lib/*" -d "$rig/classes" Read.java >&2
    cp Read.java "$rig/Read.java"
    cat >"$rig/spring-bindings.$$" <<'PROGRAM'
#!/bin/sh
rig="$(dirname "$0")"
exec java -cp "$rig/classes:$rig/lib/*" Read
PROGRAM
    chmod +x "$rig/spring-bindings.$$"
    mv "$rig/spring-bindings.$$" "$rig/spring-bindings"
fi
printf '%s\n' "$rig/spring-bindings"
