#!/bin/sh
# Makes the files of the four nodes of compose.yaml in the folder $1, once: keys, genesis, certificates, configurations.
# On one machine this stands for what four operators do on theirs (docs/operations.md).
# Tests, which have no containers, set COUNTERSIGN and the addresses of each member: PEER_alpha, CLIENT_alpha, OPERATOR_alpha.
set -eu
cd "$1"
umask 077

members="alpha bravo charlie delta"
run() { ${COUNTERSIGN:-node /opt/countersign/bin/countersign.js} "$@" > /dev/null; }
# The value of the variable $1, or $2.
or() { eval "echo \${$1:-$2}"; }

if [ -e complete ]; then
  echo "setup: the network is there; nothing to do"
  exit 0
fi
# What is half made is not removed: it could be the rest of a network that has run.
if [ -n "$(ls -A)" ]; then
  echo "setup: $1 holds files of a setup that did not end; remove them (docker compose down --volumes) and start again" >&2
  exit 1
fi

for name in $members; do
  # A container's host is the name of its service.
  run keygen --node "$name" --out "$name" \
    --peer-address "$(or "PEER_$name" "$name:7101")" --client-address "$(or "CLIENT_$name" "$name:7001")"
  set -- "$@" "$name/member.json"
done
shift
run genesis compose "$@" --issuers alpha,bravo --out genesis.json

# The authority's key stays in this folder, which no node sees.
run certs init --name compose --out authority
run certs issue --client prometheus --authority authority --out prometheus
cp authority/ca.pem prometheus/ca.pem
for name in $members; do
  run certs issue --hosts "$name,localhost,127.0.0.1" --authority authority --out "issued-$name"
  mv "issued-$name"/tls-certificate.pem "issued-$name"/tls-key.pem "$name/"
  cp authority/ca.pem "$name/ca.pem"
  run init "$name" --genesis genesis.json \
    --client-listen "$(or "CLIENT_$name" 0.0.0.0:7001)" --peer-listen "$(or "PEER_$name" 0.0.0.0:7101)"
  # Prometheus scrapes by TLS, and shows its certificate.
  operator=$(or "OPERATOR_$name" 0.0.0.0:7201) node -e '
    const { readFileSync, writeFileSync } = require("node:fs");
    const file = process.argv[1];
    const config = JSON.parse(readFileSync(file, "utf8"));
    config.operatorListen = ["unix:operator.sock", process.env.operator];
    config.access = { tokens: true, clientAuthority: "ca.pem", clientScopes: { prometheus: ["metrics"] } };
    writeFileSync(file, JSON.stringify(config, undefined, 2) + "\n");
  ' "$name/config.json"
done
touch complete
echo "setup: four nodes are set up"
