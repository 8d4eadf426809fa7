/**
 * A long history for benchmarks, written straight into the stores of a development network that does not run: executed
 * by the real ledger, each block under a finalization by the members' own keys, each commit as a node makes it.
 */
import { createLedgerContext, type LedgerContext } from "../src/ledger/context.ts";
import { FIRST_EPOCH } from "../src/ledger/epochs.ts";
import { genesisHeader } from "../src/ledger/header.ts";
import { genesisState } from "../src/ledger/state.ts";
import { Pool } from "../src/mempool/pool.ts";
import {
  entropy,
  isValidPoint,
  type SigningKey,
  sha256,
  signingKeyOf,
} from "../src/node/base/crypto.ts";
import { Application, type ExecutedBlock } from "../src/node/execution/application.ts";
import { BlockBuilder } from "../src/node/execution/block-builder.ts";
import { commitOf } from "../src/node/execution/commit.ts";
import { loadConfig } from "../src/node/files/config.ts";
import { type NodeFiles, openNodeFiles } from "../src/node/files/node-files.ts";
import { amount } from "../src/primitives/amount.ts";
import { assembleBlock, type Block } from "../src/primitives/block.ts";
import {
  deriveWalletId,
  type OperationId,
  uuidFromDigest,
  type WalletId,
} from "../src/primitives/ids.ts";
import { validatorIndex, view } from "../src/primitives/numbers.ts";
import { assembleOperation, type SignedOperation } from "../src/primitives/operation.ts";
import type { Operation } from "../src/primitives/operation-kinds.ts";
import { quorumOf } from "../src/primitives/validators.ts";
import { type Certificate, encodeVoteSubject } from "../src/primitives/vote.ts";
import { createCeremonyJudge } from "../src/seal/judge.ts";
import { createSuite } from "../src/seal/suite.ts";

export interface LongChainPlan {
  /** Of every member, in genesis order. */
  readonly configFiles: readonly string[];
  readonly blocks: number;
  readonly transfersPerBlock: number;
  /** The highest block that each member's store gets, in the same order. */
  readonly heights: readonly number[];
  /** Between the times of two blocks. */
  readonly spacingMs: number;
  readonly report: (done: number) => void;
}

const SENDERS = 100;
const LIFETIME_MS = 3_000_000;
/** Commits may be called without waiting for them; at most this many are under way. */
const COMMITS_AT_ONCE = 256;

interface Owner {
  readonly signer: SigningKey;
  readonly wallet: WalletId;
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
  readonly #owners: Owner[] = [];
  #tip: Block;
  #ceremonyHash: unknown;

  constructor(plan: LongChainPlan, members: readonly NodeFiles[]) {
    const [first] = members;
    if (first === undefined) throw new Error("a network has members");
    this.#plan = plan;
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
    const { blocks, transfersPerBlock, report } = this.#plan;
    let commits: Promise<unknown>[] = [];
    for (let at = 1; at <= blocks; at++) {
      const operations = at === 1 ? this.#creations() : this.#transfers(transfersPerBlock, at);
      commits.push(...this.#commit(this.#add(operations)));
      if (commits.length < COMMITS_AT_ONCE) continue;
      await Promise.all(commits);
      commits = [];
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
      header.time + this.#plan.spacingMs,
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
  #creations(): SignedOperation[] {
    const [issuer] = this.#members;
    const asset = this.#asset;
    return Array.from({ length: SENDERS }, () => {
      const signer = signingKeyOf(entropy(32));
      const { publicKey } = signer;
      const id = randomId();
      const { networkId, hash } = this.#context;
      const wallet = deriveWalletId(hash, { networkId, publicKey, creationId: id });
      this.#owners.push({ signer, wallet });
      const author = issuer?.keys.custody ?? signer;
      const initialBalance = amount(1_000_000_000n);
      return this.#sign(author, {
        kind: "walletCreation",
        ...this.#common(author, id),
        publicKey,
        asset,
        initialBalance,
      });
    });
  }

  #transfers(count: number, at: number): SignedOperation[] {
    const asset = this.#asset;
    return Array.from({ length: count }, (_, i) => {
      const [from, to] = [this.#owner(at * count + i), this.#owner(at * count + i + 1)];
      const common = this.#common(from.signer, randomId());
      const wallets = { from: from.wallet, to: to.wallet };
      return this.#sign(from.signer, {
        kind: "transfer",
        ...common,
        ...wallets,
        asset,
        amount: amount(1n),
        reference: undefined,
      });
    });
  }

  get #asset(): string {
    return this.#context.genesis.assets[0]?.code ?? "";
  }

  #owner(number: number): Owner {
    const owner = this.#owners[number % this.#owners.length];
    if (owner === undefined) throw new Error("the first block creates owners");
    return owner;
  }

  #common(author: SigningKey, id: OperationId) {
    return { author: author.publicKey, id, validUntil: this.#tip.header.time + LIFETIME_MS };
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
