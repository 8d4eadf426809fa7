/** `countersign rejoin`: lets a node take part again after its journal was lost or set back. */

import type { RejoinOutcome } from "../node/amnesia/rejoin.ts";
import { loadConfig } from "../node/files/config.ts";
import { runRejoin } from "../node/rejoin-process.ts";
import { shellWord } from "../primitives/shell-word.ts";
import { abortAfter } from "../transport/timers.ts";
import { usage } from "./arguments.ts";
import { CommandError, EXIT } from "./command.ts";
import { CONFIG_OPTION, configFile } from "./config-option.ts";
import { defineCommand } from "./define-command.ts";
import type { Terminal } from "./terminal.ts";

const NAME = "rejoin";
const WAIT_SECONDS_MAX = 86_400;

export const rejoin = defineCommand({
  name: NAME,
  example: "countersign rejoin --config node1/config.json --wait 120",
  details:
    "For a node that stopped with exit code 6, or that lost its store but not its keys. " +
    "Neither the node nor a copy of it may be running. The command asks the peers how " +
    "far the network has come. After that, the node follows the network and votes again " +
    "from a view in which it cannot have voted before. If the store is damaged, move its " +
    "folder away first; the peers will fill a new one.",
  operands: [],
  options: {
    config: CONFIG_OPTION,
    wait: {
      kind: "text",
      value: "SECONDS",
      summary: "how long to wait for the peers' answers",
      fallback: "60",
    },
  },
  run: async ({ values }, terminal) => {
    const file = configFile(NAME, values.config);
    const seconds = readSeconds(values.wait);
    const signal = abortAfter(seconds * 1000);
    const outcome = await attempt(file, { signal, terminal });
    terminal.answer(report(outcome, file));
    return EXIT.ok;
  },
});

function readSeconds(text: string): number {
  const seconds = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (seconds >= 1 && seconds <= WAIT_SECONDS_MAX) return seconds;
  throw usage(`${NAME}: --wait must be 1 to ${WAIT_SECONDS_MAX} seconds, not "${text}"`);
}

async function attempt(
  file: string,
  { signal, terminal }: { readonly signal: AbortSignal; readonly terminal: Terminal },
): Promise<RejoinOutcome> {
  return await runRejoin(loadConfig(file), {
    signal,
    onAnswer: (peer, answers, needed) => {
      terminal.note(`${peer.id} has answered (${answers} of ${needed} needed)`);
    },
  });
}

function report(outcome: RejoinOutcome, file: string) {
  switch (outcome.kind) {
    case "rejoined":
      return {
        value: { firstView: outcome.firstView, registrationNumber: outcome.starts + 1 },
        text:
          "The node has a new journal and casts no vote before view " +
          `${outcome.firstView}.\nStart it by: countersign node --config ` +
          `${shellWord(file)}`,
      };
    case "notAmnesiac":
      throw new CommandError(
        `${NAME}: nothing shows that this node's journal lacks anything; start it by countersign node, which asks ` +
          "its peers, and says so (exit code 6) if it does",
      );
    case "tooFewValidators":
      throw new CommandError(
        `${NAME}: a network of ${outcome.validators} nodes has no quorum without this one; restore its newest data ` +
          "folder, or begin a new network",
      );
    case "tooFewAnswers":
      throw new CommandError(
        `${NAME}: ${outcome.answers} of the ${outcome.needed} other nodes that are needed have answered; bring them ` +
          "up, or wait longer by --wait",
      );
  }
}
