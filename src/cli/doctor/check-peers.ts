/**
 * Checks of `countersign doctor` on the peers: who answers at their addresses, in which network, by which clock, and if they
 * reach this node. They are asked by the calls that every version has; no link is opened and nothing is registered.
 */
import { type Genesis, networkIdOf } from "../../ledger/genesis.ts";
import { type SigningKey, sha256, verify } from "../../node/base/crypto.ts";
import { createLog } from "../../node/base/log.ts";
import type { NodeConfig } from "../../node/files/config.ts";
import type { ClockReading } from "../../node/peers/clock-error.ts";
import { PeerDialing } from "../../node/peers/peer-dialing.ts";
import { equalBytes } from "../../primitives/bytes.ts";
import { faultsTolerated, type Validator } from "../../primitives/validators.ts";
import type { CertificateAndKey } from "../../transport/certificate-keys.ts";
import { type CertificateCheck, createPeerCertificate } from "../../transport/peer-certificate.ts";
import { PeerFailure } from "../../transport/peer-client.ts";
import { type PeerProbe, probePeer } from "../../transport/peer-probe.ts";
import { startTimer } from "../../transport/timers.ts";
import { checkClocks } from "./check-clocks.ts";
import type { NodeFolder } from "./check-folder.ts";
import { checkClientPort, standAtPeerPort } from "./check-ports.ts";
import type { Examination } from "./examination.ts";
import type { Machine } from "./machine.ts";

/** The time in which a peer must answer, and in which it must come here once it has heard from this node. */
const ANSWER_MS = 5_000;
const COME_MS = 8_000;

export interface PeerChecks {
  readonly machine: Machine;
  readonly examination: Examination;
  /** The node's own; undefined if its keys are not as they should be. */
  readonly identity: SigningKey | undefined;
  readonly isRunning: boolean;
}

/** A node of the network as this one sees it. */
interface SeenPeer {
  readonly peer: Validator;
  readonly address: string;
  readonly probe: PeerProbe;
  readonly reading: ClockReading | undefined;
}

export async function checkPeers(
  { config, genesis, self, holder }: NodeFolder,
  checks: PeerChecks,
): Promise<void> {
  const { examination, identity, isRunning } = checks;
  const isFree = !isRunning && holder === undefined;
  if (isFree) await checkClientPort(config, examination);
  if (genesis === undefined || self === undefined || identity === undefined) {
    examination.leaveOut("peers", "they answer only a node with its own keys and genesis");
    return;
  }
  const networkId = networkIdOf(sha256, genesis);
  const certificate = await createPeerCertificate({ networkId, ...identity });
  const proof = { certificate, check: { networkId, verify } };
  const peers = genesis.validators.filter(({ id }) => id !== self.id);
  const comers = new Comers(peers);
  const onProven = (publicKey: Uint8Array) => comers.came(publicKey);
  const port = isFree
    ? await standAtPeerPort(config, { ...proof, onProven }, examination)
    : undefined;
  try {
    const seen = await seePeers(peers, config, { ...proof, machine: checks.machine });
    examination.checked();
    report(seen, genesis, config, examination);
    checkClocks(
      seen.flatMap(({ peer, reading }) =>
        reading === undefined ? [] : [{ id: peer.id, reading }],
      ),
      { members: genesis.validators.length, clockSkewMs: genesis.timings.clockSkewMs },
      examination,
    );
    const reached = seen.filter(({ probe }) => probe.kind === "proven").map(({ peer }) => peer);
    if (port !== undefined) await checkComing(reached, comers, config, examination);
  } finally {
    await port?.close();
  }
}

async function seePeers(
  peers: readonly Validator[],
  { node, peerAddresses }: NodeConfig,
  parts: {
    readonly certificate: CertificateAndKey;
    readonly check: CertificateCheck;
    readonly machine: Machine;
  },
): Promise<readonly SeenPeer[]> {
  const { certificate, check, machine } = parts;
  const { networkId } = check;
  const log = createLog(node, "silent");
  const dialing = new PeerDialing({
    networkId,
    certificate,
    addresses: peerAddresses,
    system: machine,
    log,
  });
  try {
    return await Promise.all(
      peers.map(async (peer) => {
        const address = peerAddresses.get(peer.id) ?? peer.peerAddress;
        const { identityKey } = peer;
        const proof = { certificate, check, identityKey };
        const probe = await probePeer({ address, ...proof, timeoutMs: ANSWER_MS });
        const reading = probe.kind === "proven" ? await read(dialing, peer, machine) : undefined;
        return { peer, address, probe, reading };
      }),
    );
  } finally {
    dialing.close();
  }
}

/** The lead of this machine's clock over a peer's. */
async function read(
  dialing: PeerDialing,
  peer: Validator,
  machine: Machine,
): Promise<ClockReading | undefined> {
  const client = dialing.clientOf(peer);
  // The first answer waits for the connection too, which would make the reading inexact.
  await client.readClock({ timeoutMs: ANSWER_MS });
  const sent = machine.monotonic();
  const theirs = await client.readClock({ timeoutMs: ANSWER_MS });
  const tookMs = machine.monotonic() - sent;
  if (theirs instanceof PeerFailure) return undefined;
  const aheadMs = machine.wall() - tookMs / 2 - theirs.wallClock;
  return { aheadMs, errorMs: tookMs / 2 + 1 };
}

function report(
  seen: readonly SeenPeer[],
  genesis: Genesis,
  { genesisFile }: NodeConfig,
  examination: Examination,
): void {
  const missing: string[] = [];
  for (const { peer, address, probe } of seen) {
    const at = `${peer.id} at ${address}`;
    if (probe.kind === "unreachable") missing.push(`${at} (${probe.problem})`);
    if (probe.kind === "otherNetwork") {
      const what = `${at} does not prove its identity for the network of ${genesisFile}`;
      examination.found("PEER_OTHER_GENESIS", what, genesisFile);
    }
    if (probe.kind === "impostor") {
      examination.found("PEER_IMPOSTOR", `${at} is not that member: ${probe.problem}`);
    }
  }
  if (missing.length > faultsTolerated(genesis.validators.length)) {
    examination.found("QUORUM_UNREACHABLE", `not reached: ${missing.join(", ")}`);
    return;
  }
  for (const one of missing) examination.found("PEER_UNREACHABLE", `not reached: ${one}`);
}

/** Each peer that was called has heard of this node, and dials it at once. */
async function checkComing(
  reached: readonly Validator[],
  comers: Comers,
  { peerListen }: NodeConfig,
  examination: Examination,
): Promise<void> {
  if (reached.length === 0) return;
  examination.checked();
  await comers.untilCame(reached, COME_MS);
  for (const { id, peerAddress } of comers.missing(reached)) {
    const what =
      `${id} answers, and did not come to port ${peerListen.port} of this machine within ${COME_MS / 1000} s; ` +
      `${id} dials the address of this node in the genesis, or the one under its own "peers" (its own is ${peerAddress})`;
    examination.found("PEER_PORT_CLOSED", what);
  }
}

/** The peers that have come to this node's peer port. */
class Comers {
  readonly #peers: readonly Validator[];
  readonly #came = new Set<string>();
  #onCame: () => void = () => undefined;

  constructor(peers: readonly Validator[]) {
    this.#peers = peers;
  }

  came(publicKey: Uint8Array): void {
    const peer = this.#peers.find(({ identityKey }) => equalBytes(identityKey, publicKey));
    if (peer !== undefined) this.#came.add(peer.id);
    this.#onCame();
  }

  missing(expected: readonly Validator[]): readonly Validator[] {
    return expected.filter(({ id }) => !this.#came.has(id));
  }

  /** Settles when all of them have come, or after the time. */
  async untilCame(expected: readonly Validator[], timeoutMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = startTimer(timeoutMs, resolve);
      this.#onCame = () => {
        if (this.missing(expected).length > 0) return;
        cancel();
        resolve();
      };
      this.#onCame();
    });
  }
}
