/** `countersign bench`: a short, bounded load of payments on a running network, measured. */
import { parseWhole } from "./arguments.ts";
import { refused } from "./calls.ts";
import { CommandError, EXIT } from "./command.ts";
import { defineCommand } from "./define-command.ts";
import {
  type Member,
  membersFor,
  NETWORK_OPTIONS,
  NODE_OPTION,
  openNetwork,
} from "./network-access.ts";
import { createPayers, type LoadFigures, payTogether } from "./payment-load.ts";
import type { Terminal } from "./terminal.ts";

const NAME = "bench";
const SECONDS_MAX = 600;
const PAYERS_MAX = 1_000;

export const bench = defineCommand({
  name: NAME,
  summary: "Loads a running network with payments for some seconds, and measures them.",
  example: "countersign bench --seconds 30 --payers 50",
  details:
    "Wallets with new keys are funded by the nodes, which must be issuers, and pay one another; they stay behind. For a " +
    "development network: nodes beyond loopback are not loaded. All nodes must be up, or one is named by --node.",
  operands: [],
  options: {
    seconds: { kind: "text", value: "S", summary: "how long to pay", fallback: "10" },
    payers: { kind: "text", value: "N", summary: "how many pay at once", fallback: "20" },
    ...NODE_OPTION,
    ...NETWORK_OPTIONS,
  },
  run: async ({ values }, terminal) => {
    const seconds = parseWhole(values.seconds, {
      what: `${NAME}: --seconds`,
      min: 1,
      max: SECONDS_MAX,
    });
    const payers = parseWhole(values.payers, {
      what: `${NAME}: --payers`,
      min: 2,
      max: PAYERS_MAX,
    });
    const network = openNetwork(NAME, values);
    try {
      const members = membersFor(NAME, network, values.node);
      refuseBeyondLoopback(members);
      const figures = await measure(members, { seconds, payers, terminal });
      terminal.answer({
        value: { seconds, payers, ...figures },
        text:
          `${figures.perSecond.toFixed(0)} sealed payments per second (${figures.count} in ${seconds} s, ` +
          `${payers} payers, ${members.length} nodes)\n` +
          `from signature to sealed receipt: p50 ${figures.p50Ms.toFixed(0)} ms, p99 ${figures.p99Ms.toFixed(0)} ms`,
      });
      return EXIT.ok;
    } finally {
      network.close();
    }
  },
});

function refuseBeyondLoopback(members: readonly Member[]): void {
  const far = members.find(({ address }) => !/^(127\.|localhost:|\[::1\])/.test(address));
  if (far === undefined) return;
  throw new CommandError(
    `${NAME}: ${far.id} is at ${far.address}, which is not loopback; load a development network (countersign devnet)`,
  );
}

async function measure(
  members: readonly Member[],
  load: { readonly seconds: number; readonly payers: number; readonly terminal: Terminal },
): Promise<LoadFigures> {
  const { seconds, terminal } = load;
  const clients = members.map(({ client }) => client);
  const durationMs = seconds * 1000;
  const progress = terminal.progress("seconds of payments");
  const start = performance.now();
  try {
    const payers = await createPayers(clients, load.payers);
    const onPaid = () => progress.update(Math.floor((performance.now() - start) / 1000), seconds);
    return await payTogether(payers, { durationMs, onPaid });
  } catch (error) {
    const [first] = members;
    throw first === undefined ? error : refused(NAME, first, error);
  } finally {
    progress.end();
  }
}
