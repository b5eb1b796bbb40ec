#!/bin/sh
# Runs the contract test of tickets: run.sh PATH-OF-ticket_emit [node]
# Installs the npm packages of the lock file when they are not there.
set -eu
TICKET_EMIT=$(realpath "$1")
export TICKET_EMIT
node=${2:-node}
cd "$(dirname "$0")"
[ -d node_modules/jsqr ] && [ -d node_modules/pngjs ] || npm ci --ignore-scripts --no-audit --no-fund
exec "$node" --test tickets.test.mjs
