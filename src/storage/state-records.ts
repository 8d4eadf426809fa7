/** Records of the ledger's state after the tip: wallets and the key ceremony. */
import type { Bytes } from "../primitives/bytes.ts";
import type { WalletId } from "../primitives/ids.ts";
import type { Commit, PackedWallet, StoredState, StoredWallet } from "./contracts.ts";
import type { Change } from "./key-value.ts";
import { singleKey, walletBytesOfKey, walletKey, walletOfKey, wholeKind } from "./keys.ts";
import { put, type Records } from "./records.ts";

const CEREMONY_KEY = singleKey("ceremony");
const WALLETS = wholeKind(Buffer.from("w"));

export class StateRecords implements StoredState {
  readonly #records: Pick<Records, "load" | "range" | "parts">;

  constructor(records: Pick<Records, "load" | "range" | "parts">) {
    this.#records = records;
  }

  async loadWallet(id: WalletId): Promise<Bytes | undefined> {
    return this.#records.load(walletKey(id));
  }

  async *wallets(from?: WalletId, limit?: number): AsyncGenerator<StoredWallet> {
    const range = {
      ...WALLETS,
      ...(from === undefined ? {} : { from: walletKey(from) }),
      ...(limit === undefined ? {} : { limit }),
    };
    for await (const { key, value } of this.#records.range(range)) {
      yield { id: walletOfKey(key), record: value };
    }
  }

  async *walletParts(): AsyncGenerator<readonly PackedWallet[]> {
    for await (const entries of this.#records.parts({ ...WALLETS, isBulk: true })) {
      yield entries.map(({ key, value }) => ({ id: walletBytesOfKey(key), record: value }));
    }
  }

  async loadCeremony(): Promise<Bytes | undefined> {
    return this.#records.load(CEREMONY_KEY);
  }
}

/** The changes that a commit makes to the state. */
export function stateChanges({ wallets, ceremony }: Commit): Change[] {
  const changes = wallets.map(({ id, record }) => put(walletKey(id), record));
  if (ceremony !== undefined) changes.push(put(CEREMONY_KEY, ceremony));
  return changes;
}
