/** One node's real application in the simulated world: pool, admission, execution and sealing as shipped. */
import type { Tip } from "../../src/consensus/ancestry.ts";
import type { Finalized, Now } from "../../src/consensus/interface.ts";
import type { LedgerContext } from "../../src/ledger/context.ts";
import { signatureChecks } from "../../src/ledger/signature-checks.ts";
import { assertConservation, genesisState } from "../../src/ledger/state.ts";
import { admitShape, admitToState } from "../../src/mempool/admission.ts";
import { Pool } from "../../src/mempool/pool.ts";
import { Repetition } from "../../src/mempool/repetition.ts";
import { WaitingRoom } from "../../src/mempool/waiting-room.ts";
import { Application } from "../../src/node/execution/application.ts";
import { BlockBuilder } from "../../src/node/execution/block-builder.ts";
import { BlockJudge } from "../../src/node/execution/block-judge.ts";
import { PoolWork } from "../../src/node/execution/pool-work.ts";
import type { Block } from "../../src/primitives/block.ts";
import { type Bytes, concatBytes, toHex } from "../../src/primitives/bytes.ts";
import { EncodingError } from "../../src/primitives/encoding.ts";
import type { WalletId } from "../../src/primitives/ids.ts";
import { validatorIndex } from "../../src/primitives/numbers.ts";
import { decodeSignedOperation, type SignedOperation } from "../../src/primitives/operation.ts";
import { simulatedVerify } from "../support/world/simulated-keys.ts";
import type {
  BuildRequest,
  Effects,
  SimulatedApplication,
  VerifyRequest,
  WorkReport,
} from "./application.ts";
import type { SimulatedSealing } from "./sealing.ts";

const OPERATION = 1;
const FETCH = 2;
const SEALING = 3;
const REPEATED_MAX = 8;
const SIDE_STORE_MAX = 512;
const ROOMY = { operationsPerSenderMax: 10_000, bytesPerSenderMax: 64 * 1024 * 1024 };

export class LedgerApplication implements SimulatedApplication {
  readonly #context: LedgerContext;
  readonly #self: number;
  readonly #nodes: number;
  readonly #sealing: SimulatedSealing;
  readonly #pool = new Pool(ROOMY);
  readonly #waitingRoom = new WaitingRoom({ perSenderMax: 1_000 });
  readonly #application: Application;
  readonly #builder: BlockBuilder;
  readonly #judge: BlockJudge;
  readonly #work: PoolWork;
  /** Bodies fetched for proposals, by leaf hash. */
  readonly #bodies = new Map<string, SignedOperation>();
  readonly #usedKeys = new Set<string>();
  /** So few to all, so that a world sees what the leader alone gets. */
  readonly #repetition = new Repetition(1);
  #waiting: VerifyRequest | undefined;

  constructor(parts: {
    context: LedgerContext;
    genesis: Tip;
    self: number;
    nodes: number;
    sealing: SimulatedSealing;
    committed: readonly Finalized[];
  }) {
    const { context } = parts;
    this.#context = context;
    this.#self = parts.self;
    this.#nodes = parts.nodes;
    this.#sealing = parts.sealing;
    this.#application = new Application({
      context,
      pool: this.#pool,
      final: { state: genesisState(context), hash: parts.genesis.hash },
    });
    const on = {
      context,
      pool: this.#pool,
      application: this.#application,
      signaturesValid: (operation: SignedOperation) => this.#signaturesHold(operation),
    };
    this.#builder = new BlockBuilder(on);
    this.#judge = new BlockJudge(on);
    this.#work = new PoolWork(on);
    for (const { block } of parts.committed) this.#take(block);
  }

  submit(bytes: Bytes, { wall: now }: Now): Effects {
    const operation = this.#read(bytes, now);
    if (operation === undefined) return {};
    const gained = this.#admit(operation, this.#self, now);
    return { poolGained: gained, messages: [{ to: "all", bytes: message(OPERATION, bytes) }] };
  }

  receive(from: number, bytes: Bytes, { monotonic, wall: now }: Now): Effects {
    const body = bytes.subarray(1);
    switch (bytes[0]) {
      case SEALING:
        return sealingEffects(this.#sealing.receive(from, body, monotonic));
      case FETCH: {
        const held = this.#body(body);
        if (held === undefined) return {};
        return { messages: [{ to: from, bytes: message(OPERATION, held.bytes) }] };
      }
      default: {
        const operation = this.#read(body, now);
        if (operation === undefined) return {};
        this.#keepBody(operation);
        const poolGained = this.#admit(operation, from, now);
        return { poolGained, verdicts: this.#retryWaiting() };
      }
    }
  }

  build(request: BuildRequest, { wall: now }: Now): Block | undefined {
    return this.#builder.build(request, now);
  }

  verify(request: VerifyRequest): ReturnType<SimulatedApplication["verify"]> {
    const { proposal, ancestors } = request;
    const operations = proposal.leafHashes.map((leaf) => this.#body(leaf));
    const held = operations.filter((operation) => operation !== undefined);
    if (held.length === operations.length) {
      return { verdict: this.#judge.judge(proposal, ancestors, held), effects: {} };
    }
    this.#waiting = request;
    const to = proposal.header.proposer;
    const missing = proposal.leafHashes.filter((_leaf, place) => operations[place] === undefined);
    const messages = missing.map((leaf) => ({ to, bytes: message(FETCH, leaf) }));
    return { verdict: { kind: "notYetKnown" }, effects: { messages } };
  }

  assess(branch: Tip, ancestors: readonly Block[], { wall: now }: Now): WorkReport {
    return this.#work.assess(branch, ancestors, now);
  }

  repeatOperations(leader: number): Effects {
    const { toAll, rest } = this.#repetition.divide(this.#pool.first(REPEATED_MAX));
    const to = (receiver: number | "all", operations: readonly SignedOperation[]) =>
      operations.map(({ bytes }) => ({ to: receiver, bytes: message(OPERATION, bytes) }));
    return { messages: [...to("all", toAll), ...to(leader, rest)] };
  }

  finalize({ block }: Finalized, { monotonic, wall: now }: Now): Effects {
    const { height, time } = block.header;
    const wallets = this.#take(block);
    assertConservation(this.#application.finalState);
    let poolGained = false;
    for (const wallet of wallets) {
      for (const { operation, sender } of this.#waitingRoom.release(wallet)) {
        poolGained = this.#admit(operation, sender, Math.max(now, time)) || poolGained;
      }
    }
    const out = this.#sealing.finalized(height, block.headerBytes, this.#nodes, monotonic);
    return { poolGained, ...sealingEffects(out) };
  }

  #take(block: Block) {
    const { operations, execution } = this.#application.finalize(block);
    const keys = operations.map(({ key }) => key);
    for (const key of keys) this.#usedKeys.add(key);
    const { graceMs } = this.#context.genesis.timings;
    this.#pool.settle(keys, block.header.time, graceMs);
    this.#waitingRoom.expire(block.header.time, graceMs);
    return execution.touched.map(({ id }) => id);
  }

  #read(bytes: Bytes, now: number): SignedOperation | undefined {
    const { hash, networkId } = this.#context;
    const operation = decodeSignedOperation(hash, networkId, bytes);
    if (operation instanceof EncodingError) return undefined;
    const shape = admitShape(this.#context, operation, { source: "peer", now });
    return shape.kind === "ok" && this.#signaturesHold(operation) ? operation : undefined;
  }

  #admit(operation: SignedOperation, sender: number, now: number): boolean {
    if (this.#usedKeys.has(operation.key)) return false;
    const at = { source: "peer", now } as const;
    const ground = {
      state: this.#application.finalState,
      underWay: (payer: WalletId) => this.#pool.underWay(payer),
    };
    const verdict = admitToState(this.#context, ground, operation, at);
    const from = validatorIndex(sender);
    if (verdict.kind === "waiting") this.#waitingRoom.add(operation, verdict.wallet, from);
    return verdict.kind === "admitted" && this.#pool.add(operation, from, verdict.as) === "added";
  }

  #signaturesHold(operation: SignedOperation): boolean {
    const { epoch } = this.#application.finalState;
    return signatureChecks(this.#context, operation, epoch)?.every(simulatedVerify) ?? false;
  }

  #body(leaf: Bytes): SignedOperation | undefined {
    const held = this.#pool.get(leaf) ?? this.#bodies.get(toHex(leaf));
    return held ?? this.#application.findOperation(leaf);
  }

  #keepBody(operation: SignedOperation): void {
    this.#bodies.set(toHex(operation.leafHash), operation);
    const oldest = this.#bodies.keys().next().value;
    if (this.#bodies.size > SIDE_STORE_MAX && oldest !== undefined) this.#bodies.delete(oldest);
  }

  #retryWaiting(): NonNullable<Effects["verdicts"]> {
    const request = this.#waiting;
    if (request === undefined) return [];
    if (request.proposal.leafHashes.some((leaf) => this.#body(leaf) === undefined)) return [];
    this.#waiting = undefined;
    return [{ blockHash: request.proposal.hash, verdict: this.verify(request).verdict }];
  }
}

function sealingEffects(out: readonly [number, Bytes][]): Effects {
  return { messages: out.map(([to, bytes]) => ({ to, bytes: message(SEALING, bytes) })) };
}

function message(kind: number, body: Bytes): Bytes {
  return concatBytes(Uint8Array.of(kind), body);
}
