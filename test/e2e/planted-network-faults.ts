/**
 * The faults of ports, peers and clocks that doctor.test.ts plants around a stopped node whose network runs. A fault that a
 * process of the test stands for gives back what ends it.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import type { FindingCode } from "../../src/cli/doctor/findings.ts";
import { verify } from "../../src/node/base/crypto.ts";
import { loadNodeKeys } from "../../src/node/files/node-keys.ts";
import type { NetworkId } from "../../src/primitives/ids.ts";
import { KeyRing } from "../../src/storage/key-ring.ts";
import { loadPassphrase } from "../../src/storage/passphrase.ts";
import { openIdentityListener } from "../../src/transport/identity-listener.ts";
import { createPeerCertificate } from "../../src/transport/peer-certificate.ts";
import { freePort } from "../support/free-ports.ts";
import type { StoppedNode } from "./planted-faults.ts";

export interface NetworkFault {
  readonly fault: string;
  readonly code: FindingCode;
  readonly says: RegExp;
  /** Resolves to what ends the fault outside of the node's folder. */
  readonly plant: (node: StoppedNode) => Promise<() => Promise<void>>;
}

/** Those that doctor.test.ts plants step by step, in processes and their limits. */
export const FAULTS_OF_PROCESSES: readonly Pick<NetworkFault, "fault" | "code">[] = [
  { fault: "the clock is a minute ahead", code: "CLOCK_WRONG" },
  { fault: "the clock is 7.5 seconds behind", code: "CLOCK_DOUBTFUL" },
  { fault: "a limit of 300 open files", code: "OPEN_FILES_TOO_FEW" },
  { fault: "a limit of 1500 open files", code: "OPEN_FILES_LOW" },
  {
    fault: "a peer that does not reach this node's port, which reaches it",
    code: "PEER_PORT_CLOSED",
  },
  { fault: "a node that was drained and forgotten", code: "NODE_DRAINED" },
  { fault: "a new certificate without a reload", code: "CERTIFICATE_NOT_LOADED" },
  { fault: "a reload that was refused", code: "RELOAD_REFUSED" },
  { fault: "a running node without its operator's socket", code: "STORE_HELD" },
  { fault: "a node that has lost its share of the group key", code: "SHARE_MISSING" },
  { fault: "a running node of an older version", code: "VERSION_NOT_RUNNING" },
  { fault: "a peer of a newer version", code: "PEER_NEWER" },
  { fault: "a folder that was restored from a backup", code: "STORE_RESTORED" },
  { fault: "a node that lost its store and rejoined", code: "NODE_REJOINED" },
  { fault: "a running node whose own clock is a minute ahead", code: "NODE_NOT_READY" },
  { fault: "a peer whose clock is a minute ahead", code: "PEER_CLOCK_WRONG" },
];

const NOTHING = async () => undefined;

function configOf({ folder }: StoppedNode): Record<string, unknown> {
  return JSON.parse(readFileSync(join(folder, "config.json"), "utf8")) as Record<string, unknown>;
}

function setConfig(node: StoppedNode, fields: Readonly<Record<string, unknown>>): void {
  const file = join(node.folder, "config.json");
  writeFileSync(file, JSON.stringify({ ...configOf(node), ...fields }));
}

async function takePort(address: unknown): Promise<() => Promise<void>> {
  const [host = "", port = ""] = `${address}`.split(":");
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(Number(port), host, resolve));
  return () => new Promise<void>((resolve) => server.close(() => resolve()));
}

/** A program with node3's identity in another network, at a port of its own. */
async function otherNetwork({ folder }: StoppedNode, port: number) {
  const place = join(folder, "..", "node3");
  const ring = KeyRing.forReading(
    join(place, "data", "keys"),
    await loadPassphrase(join(place, "passphrase")),
  );
  const { identity } = await loadNodeKeys(ring);
  const networkId: NetworkId = new Uint8Array(32).fill(7);
  const certificate = await createPeerCertificate({ networkId, ...identity });
  const check = { networkId, verify };
  const address = { host: "127.0.0.1", port };
  return await openIdentityListener({ ...address, certificate, check, onProven: () => undefined });
}

export const FAULTS_OF_NETWORK: readonly NetworkFault[] = [
  {
    fault: "another program has the port for peers",
    code: "PORT_TAKEN",
    says: /"peerListen" is 127\.0\.0\.1:\d+, .*EADDRINUSE/,
    plant: (node) => takePort(configOf(node)["peerListen"]),
  },
  {
    fault: "another program has the port for clients",
    code: "PORT_TAKEN",
    says: /"clientListen" is 127\.0\.0\.1:\d+, .*EADDRINUSE/,
    plant: (node) => takePort(configOf(node)["clientListen"]),
  },
  {
    fault: "an address that this machine does not have",
    code: "LISTEN_ADDRESS_UNUSABLE",
    says: /"clientListen" is 192\.0\.2\.7:7001, .*EADDRNOTAVAIL/,
    plant: async (node) => {
      setConfig(node, { clientListen: "192.0.2.7:7001", access: { tokens: true } });
      return NOTHING;
    },
  },
  {
    fault: "a peer's port is closed",
    code: "PEER_UNREACHABLE",
    says: /not reached: node3 at 127\.0\.0\.1:\d+ \(connect ECONNREFUSED/,
    plant: async (node) => {
      setConfig(node, { peers: { node3: `127.0.0.1:${await freePort(1)}` } });
      return NOTHING;
    },
  },
  {
    fault: "the ports of more than f peers are closed",
    code: "QUORUM_UNREACHABLE",
    says: /not reached: node3 at .*, node4 at /,
    plant: async (node) => {
      const closed = `127.0.0.1:${await freePort(1)}`;
      setConfig(node, { peers: { node3: closed, node4: closed } });
      return NOTHING;
    },
  },
  {
    fault: "another member stands at a peer's address",
    code: "PEER_IMPOSTOR",
    says: /node3 at .* is not that member: it has another node's identity/,
    plant: async (node) => {
      const other = JSON.parse(readFileSync(join(node.other, "config.json"), "utf8"));
      setConfig(node, { peers: { node3: other.peerListen } });
      return NOTHING;
    },
  },
  {
    fault: "a peer is in a network with another genesis",
    code: "PEER_OTHER_GENESIS",
    says: /node3 at .* does not prove its identity for the network of .*countersign genesis hash /s,
    plant: async (node) => {
      const port = await freePort(1);
      const { close } = await otherNetwork(node, port);
      setConfig(node, { peers: { node3: `127.0.0.1:${port}` } });
      return close;
    },
  },
];
