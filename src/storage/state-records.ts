/** Records of the ledger's state after the tip: wallets and the key ceremony. */
import type { Bytes } from "../primitives/bytes.ts";
import type { Commit, StoredState, StoredWallet } from "./contracts.ts";
import type { Change } from "./key-value.ts";
import { singleKey, walletKey, walletOfKey, wholeKind } from "./keys.ts";
import { put, type Records } from "./records.ts";

const CEREMONY_KEY = singleKey("ceremony");
const WALLETS = wholeKind(Buffer.from("w"));

export class StateRecords implements StoredState {
  readonly #records: Records;

  constructor(records: Records) {
    this.#records = records;
  }

  async *wallets(): AsyncGenerator<StoredWallet> {
    for await (const { key, value } of this.#records.range(WALLETS)) {
      yield { id: walletOfKey(key), record: value };
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
