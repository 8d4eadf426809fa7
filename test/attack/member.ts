/**
 * A hostile member: the keys, the store and the node of one member. An attack twists its links and answers and acts
 * beside it. Without an attack it is an honest node.
 */

import { once } from "node:events";
import { verify } from "../../src/node/base/crypto.ts";
import { createLog, type Log } from "../../src/node/base/log.ts";
import { inlineChecker } from "../../src/node/base/signature-checker.ts";
import { realSystem } from "../../src/node/base/system.ts";
import { loadConfig } from "../../src/node/files/config.ts";
import { openNodeFiles } from "../../src/node/files/node-files.ts";
import { Node } from "../../src/node/node.ts";
import { PeerDialing } from "../../src/node/peers/peer-dialing.ts";
import { engineInThread } from "../../src/node/sealing/seal-thread.ts";
import { equalBytes } from "../../src/primitives/bytes.ts";
import type { NetworkAddress } from "../../src/primitives/network-address.ts";
import type { PeerApi } from "../../src/transport/peer-api.ts";
import { createPeerCertificate } from "../../src/transport/peer-certificate.ts";
import { openPeerListener } from "../../src/transport/peer-listener.ts";
import { memoryAudit } from "../support/memory-audit.ts";
import { twistedApi } from "../support/twisted-api.ts";
import type { MemberHand, ProgramOrder } from "./attack.ts";
import { memberAttack } from "./attacks.ts";
import { Counts } from "./counts.ts";
import { HostileLinks } from "./hostile-links.ts";
import { readOrder, serveProgram } from "./orders.ts";

await open(readOrder());

async function open({ configFile }: ProgramOrder): Promise<void> {
  const config = loadConfig(configFile);
  const files = await openNodeFiles(config, { report: () => undefined });
  const { genesis, networkId, self, keys, store } = files;
  const certificate = await createPeerCertificate({ networkId, ...keys.identity });
  const log = createLog(config.node, "silent");
  const dial = () =>
    new PeerDialing({
      networkId,
      certificate,
      addresses: config.peerAddresses,
      system: realSystem,
      log,
    });
  const [ownLinks, others] = [dial(), dial()];
  const links = new HostileLinks();
  const node = await Node.open({
    genesis,
    self: self.index,
    identity: keys.identity,
    custodyKey: keys.custody,
    keyRing: files.keyRing,
    audit: memoryAudit(),
    store,
    checker: inlineChecker,
    system: realSystem,
    log,
    version: "hostile",
    openEngine: engineInThread,
    clientOf: (peer, onAnswer) => links.wrap(peer.index, ownLinks.clientOf(peer, onAnswer)),
    fail: (error) => {
      throw error;
    },
    snapshotBlocksMin: config.snapshotBlocksMin,
  });
  const hand: Omit<MemberHand, "count"> = {
    genesis,
    networkId,
    self: self.index,
    identity: keys.identity,
    custodyKey: keys.custody,
    certificate,
    node,
    victims: genesis.validators.filter(({ index }) => index !== self.index),
    client: (victim) => others.clientOf(victim),
    say: (victim, batch) => links.say(victim, batch),
  };
  const own = { networkId, genesis, certificate, log, place: config.peerListen };
  await serve(own, hand, links);
}

/** Opens the peer port, takes part, and performs the orders of the parent. */
async function serve(
  own: Pick<MemberHand, "networkId" | "genesis" | "certificate"> & {
    readonly log: Log;
    readonly place: NetworkAddress;
  },
  hand: Omit<MemberHand, "count">,
  links: HostileLinks,
): Promise<void> {
  const { networkId, genesis, certificate, log, place } = own;
  const { node } = hand;
  let twisted: Partial<PeerApi> = {};
  await openPeerListener({
    ...place,
    certificate,
    check: { networkId, verify },
    members: genesis.validators.length,
    memberOf: (key) =>
      genesis.validators.find(({ identityKey }) => equalBytes(identityKey, key))?.index,
    api: twistedApi(node.peers, () => twisted),
    log,
    onFailure: () => undefined,
    now: realSystem.monotonic,
  });
  node.start();
  serveProgram({
    prepare: async (name) => {
      const attack = memberAttack(name);
      const counts = new Counts();
      const acting: MemberHand = { ...hand, count: (...done) => counts.add(...done) };
      const run = (await attack.prepare?.(acting)) ?? attack.run;
      return async (signal) => {
        links.twist = {
          messages: (to, message) => attack.twist?.(acting, to, message) ?? [message],
          passesOperations: attack.passesOperations ?? true,
        };
        twisted = attack.answers?.(acting, node.peers) ?? {};
        const done = run?.(acting, signal);
        if (!signal.aborted) await once(signal, "abort");
        links.hush();
        await done;
        links.hush();
        links.twist = undefined;
        twisted = {};
        return counts.tally;
      };
    },
  });
}
