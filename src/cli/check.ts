/** `countersign check`: replays and verifies a stopped node's whole store, offline. */

import { formatMoney } from "../ledger/money.ts";
import { inlineChecker } from "../node/base/signature-checker.ts";
import {
  type StoreFault,
  type StoreIncomplete,
  type StorePruned,
  verifyStore,
} from "../node/verify/store-verifier.ts";
import { toHex } from "../primitives/bytes.ts";
import { CommandError, EXIT } from "./command.ts";
import { defineCommand } from "./define-command.ts";
import { STOPPED_STORE_OPTIONS, type StoppedStore, withStoppedStore } from "./stopped-store.ts";
import type { Terminal } from "./terminal.ts";

const NAME = "check";

export const check = defineCommand({
  name: NAME,
  example: "countersign check --config node1/config.json",
  details:
    "Checks every block from the genesis on: signatures, roots, certificates, seals, " +
    "indexes, wallets and the journal. It calls no node, needs no passphrase and changes " +
    "no record. With exit code 1 it names the first fault. A node that drops old contents (keepBlocks) cannot be replayed: all " +
    "else is checked, and a line says what is not. Auditors who have a node's " +
    "data folder but not its configuration give --data and their own copy of the genesis.",
  operands: [],
  options: {
    ...STOPPED_STORE_OPTIONS,
  },
  run: ({ values }, terminal) =>
    withStoppedStore(NAME, values, (stopped) => checkStore(stopped, terminal)),
});

async function checkStore(stopped: StoppedStore, terminal: Terminal): Promise<number> {
  const { context, store, self, storePath } = stopped;
  const { genesis, networkId } = context;
  const progress = terminal.progress("blocks checked");
  let outcome: Awaited<ReturnType<typeof verifyStore>>;
  try {
    const onBlock = (done: number, total: number) => progress.update(done, total);
    outcome = await verifyStore({ context, store, checker: inlineChecker, self, onBlock });
  } finally {
    progress.end();
  }
  if (outcome.kind === "incomplete") throw new CommandError(incompleteText(outcome));
  if (outcome.kind === "fault") throw new CommandError(faultText(outcome, storePath));
  const supply = Object.entries(outcome.supply).map(([code, amount]) =>
    formatMoney(genesis, code, amount),
  );
  const { height, blockTime, operations, signatures, wallets, seals } = outcome;
  if (outcome.kind === "pruned") terminal.note(prunedText(outcome));
  terminal.answer({
    value: { ...outcome, networkId },
    text: [
      `${outcome.kind === "sound" ? "sound" : "sound, not replayed"}: ${height} blocks, ${operations} operations, ${signatures} signatures, ${seals} seals`,
      `network     ${toHex(networkId)}`,
      `height      ${height}, ${new Date(blockTime).toISOString()}`,
      `state root  ${toHex(outcome.stateRoot)}`,
      `supply      ${supply.join(", ")}, in ${wallets} wallets`,
      `last seal   ${seals === 0 ? "none" : `height ${outcome.lastSealedHeight}`}`,
      `journal     ${outcome.journalRecords} records, of ${outcome.records} in the store`,
    ].join("\n"),
  });
  return EXIT.ok;
}

function prunedText({ bodiesFrom, bodies }: StorePruned): string {
  return (
    `${NAME}: this node has dropped the contents of blocks 1 to ${bodiesFrom - 1} (keepBlocks), so no block was executed again. ` +
    "All headers, certificates and seals hold, the wallets have the state root that the members signed, and the contents of " +
    `${bodies} blocks have the roots of their headers. Not checked: whether results follow from their operations, and the ` +
    "indexes of what is dropped; check a node that keeps all blocks for that"
  );
}

function incompleteText({ snapshot, from, below }: StoreIncomplete): string {
  return (
    `${NAME}: the node was started from a snapshot of height ${snapshot}, and blocks ` +
    `${below + 1} to ${from - 1} are still missing, so nothing above them can be ` +
    "replayed; let it run until countersign status shows it as ready, and check again"
  );
}

function faultText({ where, problem }: StoreFault, storePath: string): string {
  return (
    `${NAME}: ${where} ${problem}; do not run a node on it: move ${storePath} away, and let countersign rejoin ` +
    "make an empty store, which the peers fill"
  );
}
