/**
 * Wallets in the order of their ids, page by page: a caller's own custodial ones, or all. The ids come from the store, which
 * holds at least the committed state, and everything else from that state, so that a page is of one height.
 */
import { OPEN_CALLER, type Principal } from "../../access/principal.ts";
import type { LedgerContext } from "../../ledger/context.ts";
import { findWallet } from "../../ledger/state.ts";
import type { WalletRecord } from "../../ledger/wallet-record.ts";
import { equalBytes } from "../../primitives/bytes.ts";
import { UUID_LENGTH, uuidFromBytes, uuidToBytes, type WalletId } from "../../primitives/ids.ts";
import { height } from "../../primitives/numbers.ts";
import type { Store } from "../../storage/contracts.ts";
import type { CallContext, WalletInfo } from "../../transport/ledger-api.ts";
import type { WalletsAnswer, WalletsQuery } from "../../transport/ledger-lists.ts";
import { Refusal } from "../../transport/refusal.ts";
import type { Finalizer } from "../execution/finalizer.ts";
import type { Custody } from "./custody.ts";
import type { ListCursors, ListIdentity } from "./list-cursor.ts";
import { stateOf } from "./list-range.ts";
import { interrupted, type ListReads, READS_PER_CALL_MAX, type ReadMeter } from "./list-reads.ts";
import type { NodeView } from "./node-view.ts";
import type { Ownership } from "./ownership.ts";
import { walletInfo } from "./wallet-info.ts";

export interface WalletPagesParts {
  readonly context: LedgerContext;
  readonly custody: Pick<Custody, "publicKey" | "custodianOf">;
  readonly ownership: Pick<Ownership, "isCustodian" | "ownsUnclaimed">;
  readonly view: Pick<NodeView, "isLagging">;
  readonly store: {
    readonly blocks: Pick<Store["blocks"], "history">;
    readonly state: Pick<Store["state"], "wallets">;
    readonly walletOwners: Pick<Store["walletOwners"], "claimsOf">;
  };
  readonly finalizer: Pick<Finalizer, "committed">;
  readonly cursors: ListCursors;
  readonly reads: ListReads;
}

/** The judgement of a claim may read the block that created the wallet; it counts as these many records. */
const READS_PER_CLAIM = 20;
/** Of a list of all: wallets that are newer than the state of the page. */
const NEWER_MAX = 100;
const LOWEST = uuidFromBytes(new Uint8Array(UUID_LENGTH));

interface PageParts {
  readonly after: WalletId | undefined;
  /** Absent: all wallets are listed. */
  readonly owner: Principal | undefined;
  readonly call: CallContext;
  readonly meter: ReadMeter;
}

export class WalletPages {
  readonly #parts: WalletPagesParts;

  constructor(parts: WalletPagesParts) {
    this.#parts = parts;
  }

  async wallets(query: WalletsQuery, call: CallContext): Promise<WalletsAnswer | Refusal> {
    const { cursors, reads } = this.#parts;
    const after = idIn(cursors, query);
    if (after instanceof Refusal) return after;
    const owner = query.all ? undefined : call.caller.principal;
    const most = owner === undefined ? query.pageSize + NEWER_MAX : READS_PER_CALL_MAX;
    return await reads.metered(call, most, (meter) =>
      this.#page(query, { after, owner, call, meter }),
    );
  }

  async #page(query: WalletsQuery, parts: PageParts): Promise<WalletsAnswer | Refusal> {
    const { context, view, store, finalizer, cursors } = this.#parts;
    const { after, owner, call, meter } = parts;
    // Before any id is read: the store never lacks a wallet of this state.
    const { committed } = finalizer;
    const costMax = owner === undefined ? 1 : 1 + READS_PER_CLAIM;
    const wallets: WalletInfo[] = [];
    let last: WalletId | undefined;
    let hasMore = false;
    for await (const id of this.#idsFrom(after ?? LOWEST, owner, meter.left)) {
      if (id === after) continue;
      hasMore = wallets.length === query.pageSize || meter.left < costMax;
      if (hasMore || call.signal.aborted) break;
      meter.take(1);
      last = id;
      const record = findWallet(context, committed.state, id);
      if (record === undefined || !(await this.#isListed(record, parts))) continue;
      wallets.push(walletInfo(this.#parts, record));
    }
    if (call.signal.aborted) return interrupted();
    return {
      wallets,
      nextCursor: hasMore && last ? cursors.write(identityOf(query), uuidToBytes(last)) : undefined,
      ...stateOf(committed, view),
      completeFrom: owner === undefined ? height(1) : store.blocks.history.from,
    };
  }

  /** Wallets that may be listed: at least two more than `looked`, if there are as many. */
  async *#idsFrom(
    from: WalletId,
    owner: Principal | undefined,
    looked: number,
  ): AsyncGenerator<WalletId> {
    const { ownership, store } = this.#parts;
    if (owner !== undefined && !ownership.ownsUnclaimed(owner)) {
      yield* store.walletOwners.claimsOf(owner, from);
      return;
    }
    for await (const { id } of store.state.wallets(from, looked + 2)) yield id;
  }

  async #isListed(
    record: WalletRecord,
    { owner, meter }: Pick<PageParts, "owner" | "meter">,
  ): Promise<boolean> {
    if (owner === undefined) return true;
    const { custody, ownership } = this.#parts;
    if (!equalBytes(record.publicKey, custody.publicKey)) return false;
    if (owner !== OPEN_CALLER.principal) meter.take(READS_PER_CLAIM);
    return await ownership.isCustodian(record, owner);
  }
}

function identityOf({ all }: WalletsQuery): ListIdentity {
  return { name: "wallets", newestFirst: false, filters: [all ? "all" : "own"] };
}

function idIn(cursors: ListCursors, query: WalletsQuery): WalletId | Refusal | undefined {
  if (query.cursor === undefined) return undefined;
  const bytes = cursors.read(identityOf(query), query.cursor, UUID_LENGTH);
  return bytes instanceof Refusal ? bytes : uuidFromBytes(bytes);
}
