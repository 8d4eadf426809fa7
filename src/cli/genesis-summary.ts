/** Summarizes a genesis for the operators who must agree on it. */
import { type Genesis, networkIdOf, type RulesetStart } from "../ledger/genesis.ts";
import { sha256 } from "../node/base/crypto.ts";
import { equalBytes, toHex } from "../primitives/bytes.ts";
import { faultsTolerated, quorumOf } from "../primitives/validators.ts";
import { formatSummary } from "./receipt-summary.ts";
import { formatTable } from "./table.ts";

function describeRulesets(rulesets: readonly RulesetStart[]): string {
  const starts = rulesets.map(({ ruleset, height }) => `ruleset ${ruleset} from height ${height}`);
  return starts.length === 0 ? "ruleset 1, until the members activate another" : starts.join(", ");
}

export function describeGenesis(genesis: Genesis): string {
  const { validators, assets, issuers, limits, timings, rulesets = [] } = genesis;
  const n = validators.length;
  const nameOf = (key: Uint8Array) =>
    validators.find(({ custodyKey }) => equalBytes(custodyKey, key))?.id ?? toHex(key);
  const summary = formatSummary([
    ["network id", toHex(networkIdOf(sha256, genesis))],
    ["created at", new Date(genesis.createdAt).toISOString()],
    ["nodes", `${n}, of which ${faultsTolerated(n)} may fail or lie; a quorum is ${quorumOf(n)}`],
    ["assets", assets.map(({ code, scale }) => `${code} (${scale} decimals)`).join(", ")],
    ["issuers", issuers.map(nameOf).join(", ")],
    ["rules", describeRulesets(rulesets)],
    ...Object.entries({ ...limits, ...timings }).map(
      ([name, value]) => ["", `${name} ${value}`] as const,
    ),
  ]);
  const rows = validators.map(({ id, peerAddress, clientAddress, identityKey }) => [
    id,
    peerAddress,
    clientAddress,
    toHex(identityKey),
  ]);
  return `${summary}\n\n${formatTable(["node", "peers", "clients", "identity key"], rows)}`;
}
