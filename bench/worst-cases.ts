/**
 * Measures the steps of the voting thread while pools, rooms and branches are as full as strangers can make them. One
 * process, no network, everything else as in a node. A step above its bound fails the run.
 */

import { DEFAULT_LIMITS, DEFAULT_TIMINGS } from "../src/cli/genesis-rules.ts";
import type { Tip } from "../src/consensus/ancestry.ts";
import { createLedgerContext, type LedgerContext } from "../src/ledger/context.ts";
import { FIRST_EPOCH } from "../src/ledger/epochs.ts";
import type { Genesis } from "../src/ledger/genesis.ts";
import { genesisHeader } from "../src/ledger/header.ts";
import { genesisState } from "../src/ledger/state.ts";
import { UsedIds } from "../src/ledger/used-ids.ts";
import { Pool } from "../src/mempool/pool.ts";
import { WaitingRoom } from "../src/mempool/waiting-room.ts";
import { isValidPoint, type SigningKey, sha256, signingKeyOf } from "../src/node/base/crypto.ts";
import { Waiters } from "../src/node/clients/waiters.ts";
import { Application } from "../src/node/execution/application.ts";
import { BlockBuilder } from "../src/node/execution/block-builder.ts";
import { PoolWork } from "../src/node/execution/pool-work.ts";
import { amount } from "../src/primitives/amount.ts";
import { assembleBlock, type Block } from "../src/primitives/block.ts";
import { utf8 } from "../src/primitives/bytes.ts";
import { deriveWalletId, type OperationId, uuidFromDigest } from "../src/primitives/ids.ts";
import { LIMITS } from "../src/primitives/limits.ts";
import { validatorIndex, view } from "../src/primitives/numbers.ts";
import {
  assembleOperation,
  keyInScope,
  type SignedOperation,
} from "../src/primitives/operation.ts";
import type { Operation } from "../src/primitives/operation-kinds.ts";
import { validatorOf } from "../test/support/validator.ts";

const CREATED_AT = 1_790_000_000_000;
const NOW = CREATED_AT + 60_000;
const DEADLINE = NOW + 600_000;
const POOLED = 20_000;
const ROUNDS = 5;
const ROOMY = { operationsPerSenderMax: 200_000, bytesPerSenderMax: 1024 * 1024 * 1024 };
const [one, two] = [validatorIndex(1), validatorIndex(2)];

export interface WorstCase {
  readonly name: string;
  /** The best of several rounds, milliseconds: a busy machine only adds to it. */
  readonly ms: number;
  readonly boundMs: number;
}

export function measureWorstCases(report: (line: string) => void): readonly WorstCase[] {
  const cases: WorstCase[] = [];
  const note = (name: string, boundMs: number, ms: number) => {
    cases.push({ name, ms, boundMs });
    report(`${ms > boundMs ? "ABOVE ITS BOUND  " : ""}${name}: ${ms.toFixed(2)} ms (${boundMs})`);
  };
  const world = new World();
  const creations = Array.from({ length: POOLED }, (_, i) => world.creation(`empty ${i}`));
  const payments = Array.from({ length: 200 }, (_, i) => world.payment(`payment ${i}`));
  const later = Array.from({ length: POOLED }, (_, i) => world.payment(`later ${i}`));
  const over = Array.from({ length: POOLED }, (_, i) =>
    world.payment(`over ${i}`, NOW - DEFAULT_TIMINGS.graceMs - 1 - (i % 900)),
  );
  building(world, { creations, payments, later, over }, note);
  emptying(world, over, note);
  branches(world, note);
  ids(note);
  waits(note);
  return cases;
}

type Note = (name: string, boundMs: number, ms: number) => void;

function building(
  world: World,
  given: Readonly<Record<"creations" | "payments" | "later" | "over", SignedOperation[]>>,
  note: Note,
): void {
  const { creations, payments, later, over } = given;
  const cap = DEFAULT_LIMITS.sponsoredPerBlockMax;
  world.buildMs(world.node([...payments, ...creations.slice(0, cap)]));
  const alone = world.buildMs(world.node([...payments, ...creations.slice(0, cap)]));
  note("build a block of 200 payments and 200 creations", 250, alone);
  const crowded = world.buildMs(world.node([...creations, ...payments]));
  note("… and what 19,800 more creations of that sponsor add", 5, crowded - alone);
  const passed = world.buildMs(world.node([...over, ...payments, ...creations.slice(0, cap)]));
  note("… and what 20,000 transfers whose window is over add", 5, passed - alone);
  const laden = world.node(later.slice(0, 16_000));
  world.fill(laden, 8);
  for (const each of [...payments, ...creations.slice(0, cap)]) laden.pool.add(each, two);
  const ordered = world.buildMs(laden);
  note("… and what 16,000 transfers in 8 blocks that are not final add", 5, ordered - alone);
  for (const [what, pooled] of [
    ["20,000 creations", creations],
    ["20,000 transfers whose window is over", over],
  ] as const) {
    const node = world.node(pooled);
    world.assess(node);
    note(
      `assess the work (R2): ${what} pooled`,
      1,
      best(() => world.assess(node)),
    );
  }
}

function emptying(world: World, over: readonly SignedOperation[], note: Note): void {
  const evictMs = best(
    (pool) => pool.settle([], NOW, DEFAULT_TIMINGS.graceMs),
    () => world.node(over).pool,
  );
  note("one final block ends the window of 20,000 pooled transfers", 50, evictMs);
  const quietMs = best(
    (pool) => pool.settle([], CREATED_AT, DEFAULT_TIMINGS.graceMs),
    () => world.node(over).pool,
  );
  note("one final block ends no window of 20,000", 1, quietMs);
  const wallet = uuidFromDigest(sha256(utf8("no owner")));
  const fullRoom = () => {
    const room = new WaitingRoom({ perSenderMax: 1_000 });
    for (const [i, each] of over.slice(0, 20_000).entries()) {
      room.add(each, wallet, validatorIndex(Math.floor(i / 1_000)));
    }
    return room;
  };
  const newcomers = Array.from({ length: 1_000 }, (_, i) => world.payment(`newcomer ${i}`));
  const addMs = best((room) => {
    for (const each of newcomers) room.add(each, wallet, validatorIndex(19));
  }, fullRoom);
  note("1,000 operations come to a full waiting room of 20 senders", 20, addMs);
  note(
    "one final block ends no window in it",
    1,
    best((room) => room.expire(CREATED_AT, DEFAULT_TIMINGS.graceMs), fullRoom),
  );
}

function branches(world: World, note: Note): void {
  const empty = 3_000;
  const build = () => {
    const node = world.node([]);
    return { node, blocks: world.extend(node, empty) };
  };
  const unknown = Array.from({ length: 2_000 }, (_, i) => sha256(utf8(`unknown ${i}`)));
  const { node } = build();
  const findMs = best(() => {
    for (const leaf of unknown) node.application.findOperation(leaf);
  });
  note(`2,000 unknown operations are looked for above ${empty} empty blocks`, 10, findMs);
  const finalMs = best(
    (held) => {
      for (const block of held.blocks) held.node.application.finalize(block);
    },
    build,
    2,
  );
  note(`${empty} blocks become final at once`, 100, finalMs);
}

function ids(note: Note): void {
  const wallet = uuidFromDigest(sha256(utf8("wallet")));
  const keys = Array.from({ length: 200_000 }, (_, i) => ({
    key: keyInScope(wallet, uuidFromDigest(sha256(utf8(`id ${i}`)))),
    validUntil: DEADLINE,
  }));
  const ground = { hash: sha256, seed: sha256(utf8("seed")) };
  const ms = best(
    (used) => used.settle(DEADLINE + 5_000, LIMITS.forgottenIdsPerBlockMax),
    () => UsedIds.of(ground, keys),
    2,
  );
  note("a block becomes final when 200,000 ids with one deadline are over", 50, ms);
}

function waits(note: Note): void {
  const { signal } = new AbortController();
  const waiters = new Waiters({ final: 0, sealed: 0 });
  for (let i = 0; i < LIMITS.finalityWaitsMax - 1; i++) {
    void waiters.operation(`key ${i}`, DEADLINE, signal);
  }
  let height = 0;
  const ms = best(() => {
    height += 1;
    waiters.committed({ height, earliestDeadline: NOW, locations: new Map() });
  });
  note(`a block is committed that none of ${LIMITS.finalityWaitsMax} waits is for`, 1, ms);
}

interface BenchNode {
  readonly application: Application;
  readonly builder: BlockBuilder;
  readonly work: PoolWork;
  readonly pool: Pool;
  tip: Tip;
  ancestors: readonly Block[];
}

/** A network with one wallet that has money, and another that is paid. */
class World {
  readonly #context: LedgerContext;
  readonly #start: BenchNode;
  readonly #payer = namedSigningKey("payer");
  readonly #payee = namedSigningKey("payee");

  constructor() {
    this.#context = createLedgerContext({
      genesis: benchGenesis(),
      hash: sha256,
      isValidPoint,
      judge: {
        acceptsRound1: () => false,
        outcome: () => {
          throw new Error("there is no ceremony here");
        },
        blame: (_, __, ___, { complainer }) => complainer,
      },
    });
    const genesis = assembleBlock(sha256, genesisHeader(this.#context), []);
    this.#start = this.#nodeAt(genesis, { state: genesisState(this.#context), hash: genesis.hash });
    this.#start.pool.add(this.#issue(this.#payer), one);
    this.#start.pool.add(this.#issue(this.#payee), one);
    this.fill(this.#start, 1);
    for (const block of this.#start.ancestors) this.#start.application.finalize(block);
  }

  creation(name: string): SignedOperation {
    const key = namedSigningKey(name);
    return this.#assemble(
      {
        kind: "walletCreation",
        author: key.publicKey,
        id: idOf(name),
        validUntil: DEADLINE,
        publicKey: key.publicKey,
        asset: "EUR",
      },
      true,
    );
  }

  payment(name: string, validUntil = DEADLINE): SignedOperation {
    return this.#assemble({
      kind: "transfer",
      author: this.#payer.publicKey,
      id: idOf(name),
      validUntil,
      from: this.#walletOf(this.#payer),
      to: this.#walletOf(this.#payee),
      asset: "EUR",
      amount: amount(1n),
    });
  }

  /** A node at the funded tip whose pool holds these operations, each admitted in the ordinary way. */
  node(pooled: readonly SignedOperation[]): BenchNode {
    const { application, tip } = this.#start;
    const node = this.#nodeAt(tip, { state: application.finalState, hash: tip.hash });
    for (const operation of pooled) {
      if (node.pool.add(operation, one) !== "added") throw new Error("the pool has no room");
    }
    return node;
  }

  buildMs(node: BenchNode): number {
    return best(() => this.#build(node, true));
  }

  assess(node: BenchNode): void {
    node.work.assess(node.tip, node.ancestors, NOW);
  }

  /** This many full blocks, none of them final. */
  fill(node: BenchNode, count: number): void {
    for (let i = 0; i < count; i++) this.#step(node, true);
  }

  /** This many empty blocks, none of them final. */
  extend(node: BenchNode, count: number): Block[] {
    return Array.from({ length: count }, () => this.#step(node, false));
  }

  #step(node: BenchNode, operations: boolean): Block {
    const block = this.#build(node, operations);
    if (block === undefined) throw new Error("nothing to order");
    node.tip = block;
    node.ancestors = [...node.ancestors.slice(-8), block];
    return block;
  }

  #build({ builder, tip, ancestors }: BenchNode, operations: boolean): Block | undefined {
    const number = view(tip.header.view + 1);
    const parent = { hash: tip.hash, header: tip.header };
    const common = { kind: "build", epoch: FIRST_EPOCH, proposer: one } as const;
    return builder.build({ ...common, view: number, parent, ancestors, operations }, NOW);
  }

  #nodeAt(tip: Tip, final: ConstructorParameters<typeof Application>[0]["final"]): BenchNode {
    const pool = new Pool(ROOMY);
    const context = this.#context;
    const application = new Application({ context, pool, final });
    const parts = { context, pool, application, signaturesValid: () => true };
    const [builder, work] = [new BlockBuilder(parts), new PoolWork(parts)];
    return { application, builder, work, pool, tip, ancestors: [] };
  }

  #walletOf({ publicKey }: SigningKey) {
    const { networkId } = this.#context;
    return deriveWalletId(sha256, { networkId, publicKey, creationId: idOf("wallet") });
  }

  #issue({ publicKey }: SigningKey): SignedOperation {
    return this.#assemble({
      kind: "walletCreation",
      author: namedSigningKey("issuer").publicKey,
      id: idOf("wallet"),
      validUntil: DEADLINE + publicKey.length,
      publicKey,
      asset: "EUR",
      initialBalance: amount(1_000_000n),
    });
  }

  /** Signatures are checked before the pool, and not here. */
  #assemble(operation: Operation, isSponsored = false): SignedOperation {
    const signature = new Uint8Array(64);
    const sponsor = isSponsored ? { validator: one, signature } : undefined;
    const { networkId } = this.#context;
    return assembleOperation(sha256, networkId, { operation, signature, sponsor });
  }
}

function benchGenesis(): Genesis {
  return {
    createdAt: CREATED_AT,
    validators: Array.from({ length: 4 }, (_, i) =>
      validatorOf(i, {
        identityKey: namedSigningKey(`identity ${i}`).publicKey,
        custodyKey: namedSigningKey(`custody ${i}`).publicKey,
      }),
    ),
    assets: [{ code: "EUR", scale: 2 }],
    issuers: [namedSigningKey("issuer").publicKey],
    limits: DEFAULT_LIMITS,
    timings: DEFAULT_TIMINGS,
  };
}

function namedSigningKey(name: string): SigningKey {
  return signingKeyOf(sha256(utf8(name)));
}

function idOf(name: string): OperationId {
  return uuidFromDigest(sha256(utf8(name)));
}

/** The shortest of several rounds. Each has a fresh subject, and making that is not measured. */
function best<T>(run: (thing: T) => unknown, make?: () => T, rounds = ROUNDS): number {
  let shortest = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const thing = make?.() as T;
    const start = performance.now();
    run(thing);
    shortest = Math.min(shortest, performance.now() - start);
  }
  return shortest;
}
