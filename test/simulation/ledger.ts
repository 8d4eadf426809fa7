/** The real ledger in the simulated world: the operations of its clients and the checks of its chain. */

import type { Tip } from "../../src/consensus/ancestry.ts";
import type { Finalized } from "../../src/consensus/interface.ts";
import { createLedgerContext, type LedgerContext } from "../../src/ledger/context.ts";
import { decodeOperations, execute } from "../../src/ledger/execute.ts";
import type { Genesis } from "../../src/ledger/genesis.ts";
import { assembleHeader, genesisHeader } from "../../src/ledger/header.ts";
import { ALL_RULES } from "../../src/ledger/rulesets.ts";
import { assertConservation, genesisState } from "../../src/ledger/state.ts";
import { cancelledDeadlines, type Deadlines, earliestDeadline } from "../../src/ledger/window.ts";
import { sha256 } from "../../src/node/base/crypto.ts";
import { amount } from "../../src/primitives/amount.ts";
import { assembleBlock, encodeHeader } from "../../src/primitives/block.ts";
import { type Bytes, equalBytes } from "../../src/primitives/bytes.ts";
import { EncodingError } from "../../src/primitives/encoding.ts";
import { deriveWalletId, uuidFromBytes, type WalletId } from "../../src/primitives/ids.ts";
import { height } from "../../src/primitives/numbers.ts";
import {
  assembleOperation,
  decodeSignedOperation,
  encodeOperation,
} from "../../src/primitives/operation.ts";
import type { Operation } from "../../src/primitives/operation-kinds.ts";
import type { Transfer } from "../../src/primitives/operations/transfer.ts";
import { contextOf, judge, runCeremony } from "../seal/fixture.ts";
import type { Random } from "../support/world/random.ts";
import {
  simulatedKey,
  simulatedSign,
  simulatedValidators,
} from "../support/world/simulated-keys.ts";
import { Violation } from "../support/world/violation.ts";
import type { SimulatedLedger } from "./application.ts";
import { LedgerApplication } from "./ledger-application.ts";
import { SealLog, SimulatedSealing } from "./sealing.ts";

const ISSUER = simulatedKey(1_000);
const HOUR_MS = 3_600_000;
const GRACE_MS = 500;
const shares = new Map<number, ReturnType<typeof runCeremony>>();

/** Payments that a client may still cancel. */
const CANCELLABLE = 4;

interface Owner {
  readonly key: Bytes;
  readonly wallet: WalletId;
  readonly asset: string;
}

/** The world's clients. */
interface Clients {
  readonly owners: Owner[];
  /** The latest payments, the oldest first. */
  readonly payments: Transfer[];
}

export function createSimulatedLedger(world: {
  readonly nodes: number;
  /** Block time of the genesis, milliseconds. */
  readonly start: number;
  readonly seed: number;
  /** Hex hash of the block that honest nodes finalized at a height. */
  readonly finalHash: (at: number) => string | undefined;
}): SimulatedLedger {
  const { nodes, start, seed, finalHash } = world;
  const genesis = simulatedGenesis(nodes, start);
  const context = createLedgerContext({ genesis, hash: sha256, isValidPoint: () => true, judge });
  const { header, hash } = assembleBlock(sha256, genesisHeader(context), []);
  const tip: Tip = { header, hash };
  const sealLog = new SealLog(finalHash);
  const clients: Clients = { owners: [], payments: [] };
  let lives = 0;
  return {
    genesis: tip,
    createApplication: (self, committed) => {
      lives += 1;
      const share = sharesOf(nodes)[self];
      if (share === undefined) throw new Error("a share for each node");
      const parts = { self, life: lives, share, log: sealLog, seed: `${seed}` };
      const sealing = new SimulatedSealing(parts);
      return new LedgerApplication({ context, genesis: tip, self, nodes, sealing, committed });
    },
    makeOperation: (random, now) => makeOperation(context, clients, random, now),
    // The state of another leader is unknown here: the roots stay, and each node that executes the block finds the
    // difference.
    rebase: (old, parent) => ({
      ...old,
      height: height(parent.header.height + 1),
      parentHash: parent.hash,
      time: Math.max(old.time, parent.header.time),
    }),
    idOf: (bytes) => read(context, bytes).key,
    isOpenAt: (bytes, time) => {
      const { validUntil } = read(context, bytes).operation;
      return validUntil >= earliestDeadline(genesis.timings, time);
    },
    sealed: () => sealLog.seals,
    replay: (chain) => replay(context, tip, chain),
  };
}

function sharesOf(nodes: number) {
  const made = shares.get(nodes) ?? runCeremony(contextOf(nodes));
  shares.set(nodes, made);
  return made;
}

function simulatedGenesis(nodes: number, start: number): Genesis {
  return {
    createdAt: start,
    validators: simulatedValidators(nodes),
    assets: [
      { code: "EUR", scale: 2 },
      { code: "USD", scale: 2 },
    ],
    issuers: [ISSUER],
    limits: {
      blockOperationsMax: 8,
      blockBytesMax: 1024 * 1024,
      sponsoredPerBlockMax: 10,
      unfundedPerSponsorMax: 12,
    },
    timings: {
      graceMs: GRACE_MS,
      lifetimeMsMax: 2 * HOUR_MS,
      clockSkewMs: 2_000,
      viewTimeoutMs: 400,
      viewTimeoutMsMax: 3_200,
      sealTimeoutMs: 400,
      ceremonyTimeoutMs: 20_000,
    },
    rulesets: ALL_RULES,
  };
}

/**
 * A wallet with money, a payment of any size between wallets that may not exist yet, or the cancellation of a payment that was
 * sent just before, perhaps to another node.
 */
function makeOperation(
  context: LedgerContext,
  { owners, payments }: Clients,
  random: Random,
  now: number,
): Bytes {
  const cancelled = payments.length > 0 && random.chance(0.1) ? random.pick(payments) : undefined;
  if (cancelled !== undefined) {
    const { author, id, from } = cancelled;
    const validUntil = Math.max(cancelled.validUntil, now + random.between(100, 3_000));
    return sign(context, { kind: "cancellation", author, id, validUntil, from });
  }
  const payer = owners.length > 1 && random.chance(0.7) ? random.pick(owners) : undefined;
  const id = randomId(random);
  if (payer === undefined) {
    const key = simulatedKey(2_000 + owners.length);
    const { hash, networkId } = context;
    const asset = random.chance(0.8) ? "EUR" : "USD";
    owners.push({
      key,
      wallet: deriveWalletId(hash, { networkId, publicKey: key, creationId: id }),
      asset,
    });
    const initialBalance = amount(BigInt(random.between(1, 1_000)));
    const common = { author: ISSUER, id, validUntil: now + HOUR_MS } as const;
    return sign(context, {
      kind: "walletCreation",
      ...common,
      publicKey: key,
      asset,
      initialBalance,
    });
  }
  const others = owners.filter((owner) => owner !== payer);
  const lifetime = random.chance(0.2) ? random.between(100, 3_000) : HOUR_MS;
  const payment: Transfer = {
    kind: "transfer",
    author: payer.key,
    id,
    validUntil: now + lifetime,
    from: payer.wallet,
    to: random.pick(others).wallet,
    asset: payer.asset,
    amount: amount(BigInt(random.between(1, 600))),
  };
  payments.push(payment);
  if (payments.length > CANCELLABLE) payments.shift();
  return sign(context, payment);
}

function sign(context: LedgerContext, operation: Operation): Bytes {
  const { hash, networkId } = context;
  const signature = simulatedSign(operation.author, encodeOperation(networkId, operation));
  return assembleOperation(hash, networkId, { operation, signature }).bytes;
}

function randomId(random: Random) {
  return uuidFromBytes(Uint8Array.from({ length: 16 }, () => random.below(256)));
}

function read(context: LedgerContext, bytes: Bytes) {
  const signed = decodeSignedOperation(context.hash, context.networkId, bytes);
  if (signed instanceof EncodingError) throw new Error("clients of the world send operations");
  return signed;
}

/**
 * Invariants 3, 4 and 7: the chain is executed again from the genesis, and each header must be exactly the one that
 * fits.
 */
function replay(context: LedgerContext, genesis: Tip, chain: readonly Finalized[]): void {
  let state = genesisState(context);
  let parentHash = genesis.hash;
  const used = new Set<string>();
  for (const { block } of chain) {
    const operations = decodeOperations(context, block.operations);
    if ("kind" in operations) throw new Violation("ledger", "a final block holds no operations");
    const input = { state, time: block.header.time, operations, signaturesValid: () => true };
    const execution = execute(context, input);
    if (execution.kind === "invalid") throw new Violation("ledger", execution.reason);
    const { view, proposer } = block.header;
    const header = assembleHeader(context, { parentHash, execution, view, proposer });
    if (!equalBytes(encodeHeader(header), block.headerBytes)) {
      throw new Violation("ledger", "a replay gives another header");
    }
    for (const [place, { key, operation }] of operations.entries()) {
      if (used.has(key)) throw new Violation("ledger", `id ${key} is twice in the chain`);
      used.add(key);
      const applied = execution.results[place]?.status === "applied";
      if (applied && block.header.time > operation.validUntil) {
        throw new Violation("ledger", "applied after its deadline");
      }
    }
    assertConservation(execution.state);
    ({ state } = execution);
    parentHash = block.hash;
  }
  checkCancellations(context, chain);
}

/** L28: no payment is in the chain that a cancellation in it rules out. */
function checkCancellations(context: LedgerContext, chain: readonly Finalized[]): void {
  const deadlines = new Map<string, number>();
  const cancellations: { readonly name: string; readonly covers: Deadlines }[] = [];
  for (const { block } of chain) {
    for (const { operation } of block.operations.map((bytes) => read(context, bytes))) {
      if (operation.kind !== "transfer" && operation.kind !== "cancellation") continue;
      const { validUntil } = operation;
      const name = `${operation.from}/${operation.id}`;
      if (operation.kind === "transfer") deadlines.set(name, validUntil);
      else {
        const at = { validUntil, time: block.header.time };
        cancellations.push({ name, covers: cancelledDeadlines(context.genesis.timings, at) });
      }
    }
  }
  for (const { name, covers } of cancellations) {
    const deadline = deadlines.get(name);
    if (deadline !== undefined && covers.earliest <= deadline && deadline <= covers.latest) {
      throw new Violation("ledger", `payment ${name} is in the chain beside its cancellation`);
    }
  }
}
