/** Runs `rejoin` for the command: opens files, dials peers, and closes everything. The node itself must not run. */
import { createLedgerContext } from "../ledger/context.ts";
import { height } from "../primitives/numbers.ts";
import type { Validator } from "../primitives/validators.ts";
import { createCeremonyJudge } from "../seal/judge.ts";
import { createSuite } from "../seal/suite.ts";
import type { Store } from "../storage/contracts.ts";
import type { Upgrade } from "../storage/migration.ts";
import { clearRestoredMark } from "../storage/restored-mark.ts";
import { createStore, openStore, storeExists } from "../storage/store-factory.ts";
import { createPeerCertificate } from "../transport/peer-certificate.ts";
import { type RejoinOutcome, rejoin } from "./amnesia/rejoin.ts";
import { isValidPoint, sha256 } from "./base/crypto.ts";
import { createLog } from "./base/log.ts";
import { inlineChecker } from "./base/signature-checker.ts";
import { realSystem } from "./base/system.ts";
import type { NodeConfig } from "./files/config.ts";
import { type MemberFiles, openMemberFiles } from "./files/node-files.ts";
import { upgradeLog } from "./files/upgrade-log.ts";
import { PeerDialing } from "./peers/peer-dialing.ts";

/** Throws ConfigError or StorageError. */
export async function runRejoin(
  config: NodeConfig,
  waiting: {
    readonly signal: AbortSignal;
    readonly onAnswer: (peer: Validator, answers: number, needed: number) => void;
  },
): Promise<RejoinOutcome> {
  const log = createLog(config.node, "silent");
  const files = await openMemberFiles(config);
  const { genesis, networkId, self, keys, keyRing } = files;
  const certificate = await createPeerCertificate({ networkId, ...keys.identity });
  const { peerAddresses: addresses } = config;
  const system = realSystem;
  const peers = new PeerDialing({ networkId, certificate, addresses, system, log });
  const store = await openOrCreateStore(files, upgradeLog(log, realSystem.monotonic));
  try {
    const suite = createSuite({ isValidPoint, hash: sha256 });
    const judge = createCeremonyJudge(suite);
    const context = createLedgerContext({
      genesis,
      hash: sha256,
      seed: realSystem.entropy(32),
      isValidPoint,
      judge,
    });
    const outcome = await rejoin({
      context,
      epoch: context.epochAt(height(0)),
      self,
      checker: inlineChecker,
      store,
      clientOf: (peer) => peers.clientOf(peer),
      system: realSystem,
      ...waiting,
    });
    const isDone = outcome.kind === "rejoined" || outcome.kind === "notAmnesiac";
    if (isDone) await clearRestoredMark(config.dataFolder);
    return outcome;
  } finally {
    peers.close();
    await store.close();
    await keyRing.close();
  }
}

/** A missing store is made anew, and peers fill it later; an existing one must open. */
async function openOrCreateStore({ storePlace }: MemberFiles, upgrade: Upgrade): Promise<Store> {
  return (await storeExists(storePlace))
    ? await openStore(storePlace, { upgrade })
    : await createStore(storePlace);
}
