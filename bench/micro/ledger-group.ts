/** Execution of blocks of transfers, without their signatures. */
import { decodeOperations } from "../../src/ledger/execute.ts";
import { completeEntries, draftStatements, type Standing } from "../../src/ledger/statement.ts";
import type { WalletId } from "../../src/primitives/ids.ts";
import type { MicroBench } from "./open-group.ts";
import { executed, smallLedger } from "./small-ledger.ts";

const WALLETS = 10_000;
const SIZES = [1, 20, 500] as const;

export async function open(): Promise<MicroBench> {
  const { network, state, transfers } = smallLedger(WALLETS, 500);
  const body = transfers.map(({ bytes }) => bytes);
  const operations = transfers.map(({ operation }) => operation);
  const { touched, results } = executed(network, state, transfers);
  return {
    benchmarks: [
      {
        name: "decode the body of a block of 500, each transfer",
        count: body.length,
        run: () => decodeOperations(network.context, body),
      },
      {
        name: "make the entries of statements of a block of 500, each transfer",
        count: operations.length,
        run: () => {
          const { entries } = draftStatements(network.context, operations, results);
          const after = new Map<WalletId, Standing>(touched.map((wallet) => [wallet.id, wallet]));
          return completeEntries(entries, state.time, after);
        },
      },
      ...SIZES.map((size) => {
        const operations = transfers.slice(0, size);
        return {
          name: `execute a block of ${size} over ${WALLETS} wallets, each transfer`,
          count: size,
          run: () => executed(network, state, operations),
        };
      }),
    ],
  };
}
