/** The overlay: the state of a block while it is executed, as changes over its parent's state. */
import { type Amount, amount } from "../primitives/amount.ts";
import { assert } from "../primitives/assert.ts";
import type { Digest } from "../primitives/hash.ts";
import type { WalletId } from "../primitives/ids.ts";
import { KeyCounts } from "../primitives/key-counts.ts";
import { type Height, height, type ValidatorIndex } from "../primitives/numbers.ts";
import type { SignedOperation } from "../primitives/operation.ts";
import { closeByTime } from "./ceremony-progress.ts";
import type { CeremonyRecord } from "./ceremony-record.ts";
import type { LedgerContext } from "./context.ts";
import { networkRecordHash } from "./network-record.ts";
import type { Plan } from "./operations/rules.ts";
import type { Place } from "./place.ts";
import { type Activation, rulesetAt } from "./rulesets.ts";
import type { State } from "./state.ts";
import { UnfundedCounter } from "./unfunded.ts";
import type { BlockIds } from "./used-ids.ts";
import type { WalletRecord } from "./wallet-record.ts";

/** A wallet that was looked up: its record in the parent's state, and its record now. */
interface Seen {
  readonly trieKey: Digest;
  readonly before: WalletRecord | undefined;
  now: WalletRecord | undefined;
}

export class Overlay implements Place {
  readonly height: Height;
  readonly time: number;
  readonly ruleset: number;
  readonly #context: LedgerContext;
  readonly #parent: State;
  readonly #seen = new Map<WalletId, Seen>();
  readonly #sponsored = new KeyCounts<ValidatorIndex>();
  readonly #unfunded: UnfundedCounter;
  readonly #supply: Amount[];
  readonly #usedIds: BlockIds;
  #ceremony: CeremonyRecord;
  #activation: Activation | undefined;

  constructor(context: LedgerContext, parent: State, time: number) {
    assert(time >= parent.time, "block time does not go back");
    this.#context = context;
    this.#parent = parent;
    this.height = height(parent.height + 1);
    this.time = time;
    this.#unfunded = new UnfundedCounter(parent.unfunded);
    this.#supply = [...parent.supply];
    this.#usedIds = parent.usedIds.nextBlock();
    this.#ceremony = closeByTime(context, parent.ceremony, time);
    this.#activation = parent.activation;
    this.ruleset = rulesetAt(context.genesis, parent.activation, this.height);
  }

  get usedIds(): BlockIds {
    return this.#usedIds;
  }

  get ceremony(): CeremonyRecord {
    return this.#ceremony;
  }

  get nextRuleset(): number {
    return rulesetAt(this.#context.genesis, this.#activation, this.height + 1);
  }

  wallet(id: WalletId): WalletRecord | undefined {
    return this.#look(id).now;
  }

  supply(asset: number): Amount {
    return this.#supply[asset] ?? amount(0n);
  }

  sponsoredBy(validator: ValidatorIndex): number {
    return this.#sponsored.of(validator);
  }

  unfundedOf(validator: ValidatorIndex): number {
    return this.#unfunded.of(validator);
  }

  /** Applies the plan of an ordered operation. A declined one uses its id too. */
  take(signed: SignedOperation, plan: Plan): void {
    const { sponsor } = signed;
    this.#usedIds.add(signed.key, signed.operation.validUntil);
    if (sponsor !== undefined) {
      this.#sponsored.add(sponsor.validator);
    }
    if (plan.kind === "declined") return;
    for (const record of plan.wallets) {
      const seen = this.#look(record.id);
      this.#unfunded.changed(seen.now, record);
      seen.now = record;
    }
    if (plan.supply !== undefined) this.#supply[plan.supply.asset] = plan.supply.after;
    if (plan.ceremony !== undefined) this.#ceremony = plan.ceremony;
    if (plan.activation !== undefined) this.#activation = plan.activation;
  }

  /** The state after the block, and the wallets that changed, in the order in which they were first looked up. */
  finish(): { readonly state: State; readonly touched: readonly WalletRecord[] } {
    const parent = this.#parent;
    const { hash, networkId } = this.#context;
    this.#assertConservation();
    const touched: WalletRecord[] = [];
    const changes: [Digest, WalletRecord][] = [];
    for (const { trieKey, before, now } of this.#seen.values()) {
      if (now === undefined || now === before) continue;
      changes.push([trieKey, now]);
      touched.push(now);
    }
    const wallets = parent.wallets.setAll(changes);
    const record = { ceremony: this.#ceremony, activation: this.#activation };
    const isSame = record.ceremony === parent.ceremony && record.activation === parent.activation;
    const ceremonyHash = isSame ? parent.ceremonyHash : networkRecordHash(hash, networkId, record);
    const state: State = {
      epoch: parent.epoch,
      height: this.height,
      time: this.time,
      wallets,
      supply: [...this.#supply],
      unfunded: this.#unfunded.counts,
      usedIds: this.#usedIds.finish(),
      ...record,
      ceremonyHash,
    };
    return { state, touched };
  }

  #look(id: WalletId): Seen {
    const known = this.#seen.get(id);
    if (known !== undefined) return known;
    const trieKey = this.#context.walletKey(id);
    const before = this.#parent.wallets.get(trieKey);
    const seen = { trieKey, before, now: before };
    this.#seen.set(id, seen);
    return seen;
  }

  /** L15 for this block: for each asset, the wallets gained exactly the issued amount. */
  #assertConservation(): void {
    const gained = this.#supply.map(() => 0n);
    for (const { before, now } of this.#seen.values()) {
      if (now === undefined) continue;
      gained[now.asset] = (gained[now.asset] ?? 0n) + now.balance - (before?.balance ?? 0n);
    }
    for (const [asset, after] of this.#supply.entries()) {
      const issued = after - (this.#parent.supply[asset] ?? 0n);
      assert(gained[asset] === issued, `a block changed how much of asset ${asset} there is`);
    }
  }
}
