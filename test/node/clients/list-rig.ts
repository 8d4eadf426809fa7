/**
 * A chain of random payments that grows while its lists are read, and a model of its statements that was made by another way:
 * forwards, payment by payment.
 */
import { OPEN_CALLER } from "../../../src/access/principal.ts";
import { findWallet, genesisState, type State } from "../../../src/ledger/state.ts";
import type { ListIdentity } from "../../../src/node/clients/list-cursor.ts";
import type { ExecutedBlock } from "../../../src/node/execution/application.ts";
import { commitOf } from "../../../src/node/execution/commit.ts";
import type { Committed } from "../../../src/node/execution/finalizer.ts";
import type { Bytes } from "../../../src/primitives/bytes.ts";
import { Encoder } from "../../../src/primitives/encoding.ts";
import type { WalletId } from "../../../src/primitives/ids.ts";
import type { SignedOperation } from "../../../src/primitives/operation.ts";
import { createdWalletId } from "../../../src/primitives/operations/wallet-creation.ts";
import { TAGS } from "../../../src/primitives/tags.ts";
import type { Commit, Store } from "../../../src/storage/contracts.ts";
import { MemoryDisk, openMemoryStore } from "../../../src/storage/memory-store.ts";
import type { CallContext } from "../../../src/transport/ledger-api.ts";
import type { EntryInfo } from "../../../src/transport/ledger-lists.ts";
import { Refusal } from "../../../src/transport/refusal.ts";
import { createNetwork, creation, transfer, walletIdOf } from "../../ledger/fixture.ts";
import type { Random } from "../../support/world/random.ts";
import { Chain, genesisBlock } from "../chain.ts";

export const network = createNetwork();
const { context } = network;

/** The last one holds another asset, so that payments to it are declined. */
export const NAMES = ["alice", "bob", "carol", "dave", "treasury"] as const;
export const WALLETS = NAMES.map((name) => walletIdOf(network, name));
export const REFERENCES = ["rent 1", "rent 2", "re", "", "Übung 7", "Übung"] as const;

export const CALL: CallContext = {
  caller: OPEN_CALLER,
  countedAs: "a client",
  signal: new AbortController().signal,
  timeLeftMs: undefined,
};

export function answered<T>(answer: T | Refusal): T {
  if (answer instanceof Refusal) throw new Error(`${answer.reason}: ${answer.message}`);
  return answer;
}

/** A cursor with a good check at any place, as anyone can make it. */
export function forgeCursor({ name, newestFirst, filters }: ListIdentity, place: Bytes): string {
  const check = new Encoder()
    .tag(TAGS.listCursor)
    .fixed(context.networkId, 32)
    .string(name)
    .boolean(newestFirst)
    .list(filters, (filter, inner) =>
      inner.optional(filter, (value, one) => one.string(String(value))),
    )
    .bytes(place);
  const bytes = Buffer.concat([place, context.hash(check.finish()).slice(0, 12)]);
  return bytes.toString("base64url");
}

export class ListRig {
  readonly chain = new Chain(network);
  readonly store: Store;
  /** By wallet, the oldest first. */
  readonly model = new Map<WalletId, EntryInfo[]>();
  readonly #random: Random;
  #payments = 0;
  #committed = 0;

  private constructor(store: Store, random: Random) {
    this.store = store;
    this.#random = random;
  }

  static async start(random: Random, disk = new MemoryDisk()): Promise<ListRig> {
    const rig = new ListRig(await openMemoryStore({ identity: context, disk }), random);
    await rig.commit(
      NAMES.map((name) =>
        creation(network, { name, balance: 100n, asset: name === "treasury" ? "BTC" : "EUR" }),
      ),
    );
    return rig;
  }

  readonly finalizer: { keyCertificate: undefined; committed: Committed } = {
    keyCertificate: undefined,
    committed: {
      state: genesisState(context),
      header: genesisBlock(network).header,
      hash: genesisBlock(network).hash,
    },
  };

  /** Blocks of random payments, some of them declined, in one commit. */
  async grow(blocks: number): Promise<void> {
    const bodies = Array.from({ length: blocks }, () =>
      Array.from({ length: this.#random.below(6) }, () => this.#payment()),
    );
    await this.commit(...bodies);
  }

  get state(): State {
    return this.finalizer.committed.state;
  }

  /** The commit of blocks of the chain, as one batch. */
  commitOf(from: number, to: number): Commit {
    const rest = { pruneJournalBelow: undefined, ceremonyChanged: false };
    const finalization = this.chain.finalization(to);
    return commitOf(context, this.chain.executed.slice(from - 1, to), { ...rest, finalization });
  }

  async commit(...bodies: readonly (readonly SignedOperation[])[]): Promise<void> {
    for (const body of bodies) this.chain.add(...body);
    const executed = this.chain.executed.slice(this.#committed);
    const commit = this.commitOf(this.#committed + 1, this.chain.height);
    this.#committed = this.chain.height;
    for (const block of executed) this.#learn(block);
    await this.store.chain.commit(commit);
    const last = executed.at(-1) ?? fail();
    const { header, hash } = last.block;
    this.finalizer.committed = { state: last.execution.state, header, hash };
  }

  #payment(): SignedOperation {
    const random = this.#random;
    const [from, to] = random.sample(NAMES, 2);
    if (from === undefined || to === undefined) return fail();
    this.#payments += 1;
    return transfer(network, {
      from,
      to,
      asset: from === "treasury" ? "BTC" : "EUR",
      amount: BigInt(random.between(1, 60)),
      id: `payment ${this.#payments}`,
      ...(random.chance(0.7) && { reference: random.pick(REFERENCES) }),
    });
  }

  #learn({ block, operations, execution }: ExecutedBlock): void {
    const { height, time } = block.header;
    for (const [index, { operation }] of operations.entries()) {
      if (execution.results[index]?.status !== "applied") continue;
      const at = { height, index, time, id: operation.id };
      if (operation.kind === "walletCreation") {
        const wallet = createdWalletId(context, operation);
        const amount = operation.initialBalance ?? 0n;
        this.#enter(wallet, amount, {
          ...at,
          kind: "created",
          receipt: { kind: "creation", walletId: wallet },
        });
      }
      if (operation.kind !== "transfer") continue;
      const { from, to, id, reference, amount } = operation;
      const shared = { ...at, reference, receipt: { kind: "transfer", from, id } } as const;
      this.#enter(from, -amount, { ...shared, kind: "paid", counterparty: to });
      this.#enter(to, amount, { ...shared, kind: "received", counterparty: from });
    }
  }

  #enter(
    wallet: WalletId,
    delta: bigint,
    rest: Omit<EntryInfo, "number" | "balance" | "amount" | "asset">,
  ): void {
    const entries = this.model.get(wallet) ?? [];
    const balance = (entries.at(-1)?.balance ?? 0n) + delta;
    const amount = delta < 0n ? -delta : delta;
    const asset = wallet === WALLETS.at(-1) ? "BTC" : "EUR";
    const entry = { ...rest, number: entries.length + 1, balance, amount, asset } as EntryInfo;
    this.model.set(wallet, [...entries, entry]);
  }

  /** The model must agree with the ledger's own count and balance. */
  agrees(): boolean {
    return WALLETS.every((id) => {
      const record = findWallet(context, this.finalizer.committed.state, id);
      const entries = this.model.get(id) ?? [];
      return record?.entries === entries.length && record.balance === entries.at(-1)?.balance;
    });
  }
}

function fail(): never {
  throw new Error("the rig is wrong");
}
