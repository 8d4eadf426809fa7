// A node of the present software that can do no more than the software before rulesets: it speaks version 1 of the peer
// protocol, states nothing, and knows ruleset 1. OLDER_NODE_PROTOCOL=2 lets it state that.
import { UnknownRuleset } from "../../src/ledger/rulesets.ts";
import { loadConfig } from "../../src/node/files/config.ts";
import { runNode } from "../../src/node/node-process.ts";

const protocolMax = Number(process.env["OLDER_NODE_PROTOCOL"] ?? 1);
const limits = { protocol: { min: 1, max: protocolMax }, rulesetMax: 1 };
const end = (error: unknown): never => {
  process.stderr.write(`${error}\n`);
  process.exit(error instanceof UnknownRuleset ? 10 : 1);
};
const running = await runNode(loadConfig(process.argv.at(-1) ?? ""), "older", end, {
  capabilities: limits,
}).catch(end);
process.once("SIGTERM", () => {
  void running.stop().then(() => process.exit(0));
});
