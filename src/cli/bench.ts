/** `countersign bench`: measures a short, bounded load of payments on a running network. */
import { assert } from "../primitives/assert.ts";
import { isLoopback, parseNetworkAddress } from "../primitives/network-address.ts";
import { parseWhole } from "./arguments.ts";
import { isUnanswered, refused, rootOf } from "./calls.ts";
import { CommandError, EXIT } from "./command.ts";
import { defineCommand } from "./define-command.ts";
import {
  type Member,
  membersFor,
  NETWORK_OPTIONS,
  NODE_OPTION,
  openNetwork,
} from "./network-access.ts";
import { createPayers, LoadFailure, type LoadFigures, payTogether } from "./payment-load.ts";
import type { Terminal } from "./terminal.ts";

const NAME = "bench";
const SECONDS_MAX = 600;
const PAYERS_MAX = 1_000;

export const bench = defineCommand({
  name: NAME,
  example: "countersign bench --seconds 30 --payers 50",
  details:
    "The nodes, which must be issuers, create wallets with money, and these wallets pay " +
    "one another. The wallets stay in the network. All nodes must be up, unless --node " +
    "names one. Nodes beyond loopback need --allow-remote, because other people use them.",
  operands: [],
  options: {
    seconds: { kind: "text", value: "S", summary: "duration of the load", fallback: "10" },
    payers: {
      kind: "text",
      value: "N",
      summary: "number of payers at the same time",
      fallback: "20",
    },
    "allow-remote": { kind: "flag", summary: "also put the load on nodes beyond loopback" },
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
      if (!values["allow-remote"]) refuseBeyondLoopback(members);
      const figures = await measure(members, { seconds, payers, terminal });
      terminal.answer({
        value: { seconds, payers, nodes: members.length, ...figures },
        text:
          `${figures.perSecond.toFixed(0)} sealed payments per second (${figures.count} in ${(figures.elapsedMs / 1000).toFixed(1)} s, ` +
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
  const far = members.find(({ address }) => !isLoopback(parseNetworkAddress(address)?.host ?? ""));
  if (far === undefined) return;
  throw new CommandError(
    `${NAME}: ${far.id} is at ${far.address}, which is not loopback; load a development network (countersign devnet), ` +
      "or say --allow-remote if its operators agree",
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
  try {
    const payers = await createPayers(clients, load.payers);
    const start = performance.now();
    const onPaid = () => progress.update(Math.floor((performance.now() - start) / 1000), seconds);
    return await payTogether(payers, { durationMs, onPaid });
  } catch (error) {
    throw error instanceof LoadFailure ? explained(members, error) : error;
  } finally {
    progress.end();
  }
}

function explained(members: readonly Member[], { client, cause }: LoadFailure): CommandError {
  const member = members.find((one) => one.client === client);
  assert(member !== undefined, "only members are loaded");
  if (!isUnanswered(cause)) return refused(NAME, member, cause);
  return new CommandError(
    `${NAME}: no answer from ${member.id} (${member.address}) (${rootOf(cause)}); start it, or name one that is up by --node`,
  );
}
