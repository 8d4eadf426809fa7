/** Errors of `countersign proof` name the arguments of the command line, never the fields of the calls behind them. */
import { expect, it } from "vitest";
import { worded } from "../../src/cli/proof-command.ts";
import { LedgerError } from "../../src/client/ledger-error.ts";
import { toConnectError } from "../../src/transport/errors.ts";
import { Refusal, type RefusalReason } from "../../src/transport/refusal.ts";

const refusal = (reason: RefusalReason, field: string) =>
  toConnectError(new Refusal(reason, { message: "this node is at height 7, below 9", field }));

it.each([
  [
    new LedgerError("INVALID", "walletId: at height 7 there is no such wallet"),
    "proof statement: WALLET: at height 7 there is no such wallet",
  ],
  [new LedgerError("INVALID", "something else: x"), "proof statement: something else: x"],
  [
    refusal("LAGGING", "minHeight"),
    "proof statement: a node refused: this node is at height 7, below 9 (--to-height) [LAGGING].",
  ],
  [
    refusal("NOT_FOUND", "id"),
    "proof statement: a node refused: this node is at height 7, below 9 (WALLET) [NOT_FOUND].",
  ],
])("%s", (error, words) => {
  expect(String(worded("proof statement", error))).toContain(words);
});

it.each([refusal("NOT_READY", "minHeight"), refusal("PERMISSION_DENIED", "token")])(
  "leaves to the command what another node may answer, or what names no field of its own",
  (error) => {
    expect(worded("proof statement", error)).toBe(error);
  },
);
