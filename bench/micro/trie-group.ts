/** The trie of wallets: look-ups, changes with the new root, proofs. */
import { walletTrieKey } from "../../src/ledger/wallet-record.ts";
import { sha256 } from "../../src/node/base/crypto.ts";
import type { MicroBench } from "./open-group.ts";
import { smallLedger } from "./small-ledger.ts";

const WALLETS = 10_000;
const CHANGES = 500;

export async function open(): Promise<MicroBench> {
  const { network, state } = smallLedger(WALLETS, 0);
  const { networkId } = network.context;
  const entries = [...state.wallets.entries()];
  const chosen = Array.from({ length: CHANGES }, (_, i) => {
    const entry = entries[(i * 7919) % entries.length];
    if (entry === undefined) throw new Error("a trie has entries");
    return entry;
  });
  return {
    benchmarks: [
      {
        name: "key of a wallet",
        count: CHANGES,
        run: () => chosen.map(([, { id }]) => walletTrieKey(sha256, networkId, id)),
      },
      {
        name: `look a wallet up among ${WALLETS}`,
        count: CHANGES,
        run: () => chosen.map(([key]) => state.wallets.get(key)),
      },
      {
        name: `change ${CHANGES} of ${WALLETS} wallets with the root, each`,
        count: CHANGES,
        run: () => {
          let { wallets } = state;
          for (const [key, record] of chosen) wallets = wallets.set(key, record);
          return wallets.root();
        },
      },
      {
        name: "change 2 wallets with the root, each",
        count: 2,
        run: () => {
          let { wallets } = state;
          for (const [key, record] of chosen.slice(0, 2)) wallets = wallets.set(key, record);
          return wallets.root();
        },
      },
      {
        name: "prove a wallet",
        count: CHANGES,
        run: () => chosen.map(([key]) => state.wallets.prove(key)),
      },
    ],
  };
}
