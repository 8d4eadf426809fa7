/**
 * A long history for benchmarks, written straight into the stores of a development network that does not run: executed
 * by the real ledger, each block under a finalization by the members' own keys, each commit as a node makes it.
 */
import { createLedgerContext, type LedgerContext } from "../src/ledger/context.ts";
import { FIRST_EPOCH } from "../src/ledger/epochs.ts";
import { genesisHeader } from "../src/ledger/header.ts";
import { genesisState } from "../src/ledger/state.ts";
import { Pool } from "../src/mempool/pool.ts";
import { entropy, isValidPoint, type SigningKey, sha256 } from "../src/node/base/crypto.ts";
import { Application, type ExecutedBlock } from "../src/node/execution/application.ts";
import { BlockBuilder } from "../src/node/execution/block-builder.ts";
import { commitOf } from "../src/node/execution/commit.ts";
import { loadConfig } from "../src/node/files/config.ts";
import { type NodeFiles, openNodeFiles } from "../src/node/files/node-files.ts";
import { amount } from "../src/primitives/amount.ts";
import { assembleBlock, type Block } from "../src/primitives/block.ts";
import { type OperationId, uuidFromDigest, type WalletId } from "../src/primitives/ids.ts";
import { validatorIndex, view } from "../src/primitives/numbers.ts";
import { assembleOperation, type SignedOperation } from "../src/primitives/operation.ts";
import type { Operation } from "../src/primitives/operation-kinds.ts";
import { quorumOf } from "../src/primitives/validators.ts";
import { type Certificate, encodeVoteSubject } from "../src/primitives/vote.ts";
import { createCeremonyJudge } from "../src/seal/judge.ts";
import { createSuite } from "../src/seal/suite.ts";
import { chainWallet, walletIdOf } from "./chain-wallets.ts";

export interface LongChainPlan {
  /** Of every member, in genesis order. */
  readonly configFiles: readonly string[];
  /** Those that create the wallets included. */
  readonly blocks: number;
  readonly transfersPerBlock: number;
  /** Absent: 100. */
  readonly wallets?: number;
  /** From which keys and ids of the wallets follow (bench/chain-wallets.ts); absent: a random one. */
  readonly seed?: Uint8Array;
  /** The highest block that each member's store gets, in the same order. */
  readonly heights: readonly number[];
  /** Between the times of two blocks. */
  readonly spacingMs: number;
  readonly report: (done: number) => void;
}

const WALLETS = 100;
const CREATIONS_PER_BLOCK = 1_000;
const LIFETIME_MS = 3_000_000;
/** Commits may be called without waiting for them; at most of so many operations are under way. */
const OPERATIONS_AT_ONCE = 20_000;

/** The blocks of a history that create this many wallets. */
export function creatingBlocks(wallets: number): number {
  return Math.ceil(wallets / CREATIONS_PER_BLOCK);
}

export async function writeLongChain(plan: LongChainPlan): Promise<void> {
  const members: NodeFiles[] = [];
  for (const file of plan.configFiles)
    members.push(await openNodeFiles(loadConfig(file), { report: () => undefined }));
  try {
    await new ChainWriter(plan, members).write();
  } finally {
    for (const { store, keyRing } of members) {
      await store.close();
      await keyRing.close();
    }
  }
}

class ChainWriter {
  readonly #plan: LongChainPlan;
  readonly #members: readonly NodeFiles[];
  readonly #context: LedgerContext;
  readonly #pool = new Pool({ operationsPerSenderMax: 20_000, bytesPerSenderMax: 2 ** 25 });
  readonly #application: Application;
  readonly #builder: BlockBuilder;
  readonly #seed: Uint8Array;
  /** By place. */
  readonly #wallets: WalletId[] = [];
  #tip: Block;
  #ceremonyHash: unknown;

  constructor(plan: LongChainPlan, members: readonly NodeFiles[]) {
    const [first] = members;
    if (first === undefined) throw new Error("a network has members");
    this.#plan = plan;
    this.#seed = plan.seed ?? entropy(32);
    this.#members = members;
    const judge = createCeremonyJudge(createSuite({ isValidPoint, hash: sha256 }));
    const { genesis } = first;
    this.#context = createLedgerContext({ genesis, hash: sha256, isValidPoint, judge });
    this.#tip = assembleBlock(sha256, genesisHeader(this.#context), []);
    const state = genesisState(this.#context);
    this.#ceremonyHash = state.ceremonyHash;
    this.#application = new Application({
      context: this.#context,
      pool: this.#pool,
      final: { state, hash: this.#tip.hash },
    });
    this.#builder = new BlockBuilder({
      context: this.#context,
      pool: this.#pool,
      application: this.#application,
      signaturesValid: () => true,
    });
  }

  async write(): Promise<void> {
    const { blocks, transfersPerBlock, wallets = WALLETS, report } = this.#plan;
    let commits: Promise<unknown>[] = [];
    let underWay = 0;
    for (let at = 1; at <= blocks; at++) {
      const missing = Math.min(CREATIONS_PER_BLOCK, wallets - this.#wallets.length);
      const operations =
        missing > 0 ? this.#creations(missing) : this.#transfers(transfersPerBlock, at);
      commits.push(...this.#commit(this.#add(operations)));
      underWay += operations.length;
      if (underWay < OPERATIONS_AT_ONCE) continue;
      await Promise.all(commits);
      commits = [];
      underWay = 0;
      report(at);
    }
    await Promise.all(commits);
  }

  #add(operations: readonly SignedOperation[]): ExecutedBlock {
    for (const operation of operations) this.#pool.add(operation, validatorIndex(0));
    const { hash, header } = this.#tip;
    const at = header.height + 1;
    const block = this.#builder.build(
      {
        kind: "build",
        epoch: FIRST_EPOCH,
        view: view(at),
        proposer: validatorIndex(at % this.#members.length),
        parent: { hash, header },
        ancestors: [],
        operations: true,
      },
      this.#nextTime,
    );
    if (block?.operations.length !== operations.length) throw new Error("not all are valid here");
    const executed = this.#application.finalize(block);
    this.#pool.settle(
      operations.map(({ key }) => key),
      header.time,
      0,
    );
    this.#tip = block;
    return executed;
  }

  #commit(executed: ExecutedBlock): Promise<void>[] {
    const finalization = this.#finalization(executed.block);
    const { ceremonyHash } = executed.execution.state;
    const ceremonyChanged = ceremonyHash !== this.#ceremonyHash;
    this.#ceremonyHash = ceremonyHash;
    const rest = { finalization, pruneJournalBelow: undefined, ceremonyChanged };
    const commit = commitOf(this.#context, [executed], rest);
    return this.#members.flatMap(({ store }, index) => {
      const wanted = executed.block.header.height <= (this.#plan.heights[index] ?? 0);
      return wanted ? [store.chain.commit(commit)] : [];
    });
  }

  #finalization({ header, hash }: Block): Certificate {
    const { epoch, view: of, height } = header;
    const subject = { kind: "finalize", epoch, view: of, height, blockHash: hash } as const;
    const message = encodeVoteSubject(this.#context.networkId, subject);
    const quorum = this.#members.slice(0, quorumOf(this.#members.length));
    const signatures = quorum.map(({ self, keys }) => {
      return { signer: self.index, signature: keys.identity.sign(message) };
    });
    return { subject, signatures };
  }

  /** Wallets with money, made by the first member as issuer. */
  #creations(count: number): SignedOperation[] {
    const issuer = this.#members[0]?.keys.custody;
    if (issuer === undefined) throw new Error("a network has members");
    const asset = this.#asset;
    return Array.from({ length: count }, () => {
      const made = chainWallet(this.#seed, this.#wallets.length);
      this.#wallets.push(walletIdOf(this.#context.networkId, made));
      const initialBalance = amount(1_000_000_000n);
      const { publicKey } = made.key;
      const common = this.#common(issuer, made.creationId);
      const operation = { kind: "walletCreation" as const, ...common, publicKey, asset };
      return this.#sign(issuer, { ...operation, initialBalance });
    });
  }

  /** Each wallet pays in turn, and all wallets are paid by it before one is again. */
  #transfers(count: number, block: number): SignedOperation[] {
    const asset = this.#asset;
    const many = this.#wallets.length;
    return Array.from({ length: count }, (_, i) => {
      const number = block * count + i;
      const from = number % many;
      const step = 1 + (Math.floor(number / many) % (many - 1));
      const { key } = chainWallet(this.#seed, from);
      const wallets = { from: this.#wallet(from), to: this.#wallet((from + step) % many) };
      return this.#sign(key, {
        kind: "transfer",
        ...this.#common(key, randomId()),
        ...wallets,
        asset,
        amount: amount(1n),
        reference: undefined,
      });
    });
  }

  get #nextTime(): number {
    return this.#tip.header.time + this.#plan.spacingMs;
  }

  get #asset(): string {
    return this.#context.genesis.assets[0]?.code ?? "";
  }

  #wallet(place: number): WalletId {
    const wallet = this.#wallets[place];
    if (wallet === undefined) throw new Error("the first blocks create wallets");
    return wallet;
  }

  #common(author: SigningKey, id: OperationId) {
    return { author: author.publicKey, id, validUntil: this.#nextTime + LIFETIME_MS };
  }

  #sign(signer: SigningKey, operation: Operation): SignedOperation {
    const { hash, networkId } = this.#context;
    const unsigned = { operation, signature: new Uint8Array(64) };
    const { unsignedBytes } = assembleOperation(hash, networkId, unsigned);
    return assembleOperation(hash, networkId, { operation, signature: signer.sign(unsignedBytes) });
  }
}

function randomId(): OperationId {
  return uuidFromDigest(entropy(32));
}
