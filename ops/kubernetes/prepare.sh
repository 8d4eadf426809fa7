#!/bin/sh
# Runs before each start of the node, and when its certificate was renewed: `prepare.sh`, then `countersign node reload`.
# A node refuses files with secrets that others may read, and files of a Secret are readable by a group, so it takes copies.
set -eu
umask 077
# Tests, which have no cluster, set these.
countersign() { node "${PROGRAM:-/opt/countersign/bin/countersign.js}" "$@"; }
secrets=${SECRETS:-/secrets} config=${CONFIG:-/etc/countersign} node=${NODE:-/node} memory=${MEMORY:-/run/countersign}

copy() { cat "$1" > "$2.new" && mv "$2.new" "$2"; }
copy "$secrets/passphrase" "$memory/passphrase"
copy "$secrets/tls.crt" "$memory/tls-certificate.pem"
copy "$secrets/tls.key" "$memory/tls-key.pem"

# The first start on an empty volume. `init` moves the keys into the data folder, and can be repeated after a crash.
# On a volume that was lost, the node then finds that its peers remember it, and ends with code 6 (docs/operations.md).
if [ ! -e "$node/config.json" ]; then
  mkdir -p "$node/keys"
  [ -e "$node/data" ] || for kind in identity custody; do copy "$secrets/$kind.key.json" "$node/keys/$kind.key.json"; done
  countersign init "$node" --genesis "$config/genesis.json" --passphrase-file "$memory/passphrase" \
    --client-certificate "$memory/tls-certificate.pem" --client-key "$memory/tls-key.pem" \
    --client-listen '[::]:7001' --peer-listen '[::]:7101'
fi
