/**
 * Serves snapshots to peers that start from one (R31): the state after a final block, in parts of some wallets each.
 * A state is an immutable value, so a peer gets all parts from the same one. It is dropped after a while, even if a
 * peer has not finished.
 */
import type { LedgerContext } from "../../ledger/context.ts";
import { encodeNetworkRecord } from "../../ledger/network-record.ts";
import type { State } from "../../ledger/state.ts";
import { encodeWalletRecord, walletTrieKey } from "../../ledger/wallet-record.ts";
import { encodeHeader } from "../../primitives/block.ts";
import type { Bytes } from "../../primitives/bytes.ts";
import type { WalletId } from "../../primitives/ids.ts";
import { LIMITS } from "../../primitives/limits.ts";
import { rateOfMember } from "../../primitives/member-shares.ts";
import type { ValidatorIndex } from "../../primitives/numbers.ts";
import type { Store } from "../../storage/contracts.ts";
import type { FetchedSnapshot, SnapshotQuery } from "../../transport/peer-api.ts";
import { Refusal } from "../../transport/refusal.ts";
import { MemberPace } from "../base/member-pace.ts";
import type { System } from "../base/system.ts";
import type { Finalizer } from "../execution/finalizer.ts";

export interface SnapshotDeskParts {
  readonly context: LedgerContext;
  readonly store: Pick<Store, "blocks">;
  readonly finalizer: Pick<Finalizer, "committed">;
  readonly system: Pick<System, "monotonic" | "after">;
}

interface Held {
  readonly state: State;
  readonly header: Bytes;
  readonly finalization: Bytes;
  readonly since: number;
}

export class SnapshotDesk {
  readonly #parts: SnapshotDeskParts;
  /** At most two or three: a new one is taken only when the newest is no longer fresh. */
  readonly #held = new Set<Held>();
  readonly #pace: MemberPace;
  #taking: Promise<Held | undefined> | undefined;
  readonly #cancels = new Set<() => void>();

  constructor(parts: SnapshotDeskParts) {
    this.#parts = parts;
    const { context, finalizer, system } = parts;
    const members = context.members(finalizer.committed.state.epoch).length;
    this.#pace = new MemberPace(rateOfMember("snapshotAnswersOfPeer", members), system);
  }

  async serve(
    { height, after }: SnapshotQuery,
    caller: ValidatorIndex,
    signal?: AbortSignal,
  ): Promise<FetchedSnapshot | Refusal> {
    if (!(await this.#pace.keep(caller, 1, signal))) {
      return new Refusal("CANCELED", { message: "the call was given up" });
    }
    if (height === undefined) {
      const held = await this.#newest();
      if (held === undefined) return noSnapshot("no block is final here yet");
      const { header, finalization } = held;
      return { header, finalization, wallets: [] };
    }
    const held = [...this.#held].find(({ state }) => state.height === height);
    if (held === undefined) return noSnapshot(`no state of height ${height} is kept here any more`);
    return this.#part(held, after);
  }

  stop(): void {
    for (const cancel of this.#cancels) cancel();
    this.#held.clear();
  }

  #part({ state, header, finalization }: Held, after: WalletId | undefined): FetchedSnapshot {
    const { hash, networkId } = this.#parts.context;
    const wallets: Bytes[] = [];
    let bytes = 0;
    const from = after === undefined ? undefined : walletTrieKey(hash, networkId, after);
    for (const [, record] of state.wallets.entries(from)) {
      const encoded = encodeWalletRecord(networkId, record);
      bytes += encoded.length;
      if (bytes > LIMITS.snapshotAnswerBytesMax) break;
      wallets.push(encoded);
    }
    if (after !== undefined) return { header, finalization, wallets };
    const ceremony = encodeNetworkRecord(networkId, state);
    return { header, finalization, ceremony, wallets };
  }

  #newest(): Promise<Held | undefined> {
    const { monotonic } = this.#parts.system;
    const newest = [...this.#held].at(-1);
    if (newest !== undefined && monotonic() - newest.since < LIMITS.snapshotFreshMs) {
      return Promise.resolve(newest);
    }
    // Calls that come meanwhile share it.
    this.#taking ??= this.#take().finally(() => {
      this.#taking = undefined;
    });
    return this.#taking;
  }

  async #take(): Promise<Held | undefined> {
    const { store, finalizer, system } = this.#parts;
    const { state, header } = finalizer.committed;
    const proof = await store.blocks.loadFinalization(state.height);
    if (state.height === 0 || proof?.height !== state.height) return undefined;
    const certificate = proof.certificate;
    const bytes = encodeHeader(header);
    const held = { state, header: bytes, finalization: certificate, since: system.monotonic() };
    this.#held.add(held);
    const cancel = system.after(LIMITS.snapshotKeptMs, () => {
      this.#held.delete(held);
      this.#cancels.delete(cancel);
    });
    this.#cancels.add(cancel);
    return held;
  }
}

function noSnapshot(message: string): Refusal {
  return new Refusal("NOT_FOUND", { message, field: "height" });
}
