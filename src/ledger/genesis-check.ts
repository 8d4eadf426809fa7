/** The relations between the parts of a genesis: what has to differ, and which timing bounds which. */
import { toHex } from "../primitives/bytes.ts";
import type { Genesis } from "./genesis.ts";
import { GenesisError } from "./genesis-error.ts";

interface Named {
  readonly field: string;
  readonly value: string;
}

/** Throws a GenesisError unless everything fits. Ranges of single fields were checked before. */
export function checkGenesis(genesis: Genesis): void {
  const { validators, assets, issuers } = genesis;
  const at = (name: string, value: (validator: (typeof validators)[number]) => string): Named[] =>
    validators.map((validator, i) => ({
      field: `validators[${i}].${name}`,
      value: value(validator),
    }));
  const identityKeys = at("identityKey", (validator) => toHex(validator.identityKey));
  const custodyKeys = at("custodyKey", (validator) => toHex(validator.custodyKey));
  const issuerKeys = issuers.map((key, i) => ({ field: `issuers[${i}]`, value: toHex(key) }));
  const addresses = validators.flatMap((validator, i) => [
    { field: `validators[${i}].peerAddress`, value: validator.peerAddress },
    { field: `validators[${i}].clientAddress`, value: validator.clientAddress },
  ]);

  differ(
    at("id", (validator) => validator.id),
    "give every validator a name of its own",
  );
  differ(addresses, "give every listener an address of its own");
  differ([...identityKeys, ...custodyKeys], "give every validator two keys of its own");
  differ(
    assets.map((asset, i) => ({ field: `assets[${i}].code`, value: asset.code })),
    "name every asset once",
  );
  differ(issuerKeys, "name every issuer once");
  differ([...identityKeys, ...issuerKeys], "let another key issue: identity keys never sign money");
  checkTimings(genesis);
  checkRulesets(genesis);
}

function checkRulesets({ rulesets = [] }: Genesis): void {
  for (const [i, { ruleset, height }] of rulesets.entries()) {
    const before = rulesets[i - 1];
    if (before === undefined || (before.ruleset < ruleset && before.height < height)) continue;
    const remedy = "list rulesets in the order in which they begin, each above the one before";
    throw new GenesisError(`rulesets[${i}]`, "does not follow the one before", remedy);
  }
}

function checkTimings({ timings }: Genesis): void {
  if (timings.viewTimeoutMs > timings.viewTimeoutMsMax) {
    const remedy = "make it at most timings.viewTimeoutMsMax";
    throw new GenesisError("timings.viewTimeoutMs", "is above the timeout's cap", remedy);
  }
  // Steps carry their attempt's deadline, which must be inside the window by every clock of the network.
  if (timings.ceremonyTimeoutMs > timings.lifetimeMsMax - 2 * timings.clockSkewMs) {
    const remedy = "make it at most timings.lifetimeMsMax - 2 x timings.clockSkewMs";
    throw new GenesisError(
      "timings.ceremonyTimeoutMs",
      "is longer than its steps may live",
      remedy,
    );
  }
}

function differ(items: readonly Named[], remedy: string): void {
  const fieldOf = new Map<string, string>();
  for (const { field, value } of items) {
    const earlier = fieldOf.get(value);
    if (earlier !== undefined) throw new GenesisError(field, `repeats ${earlier}`, remedy);
    fieldOf.set(value, field);
  }
}
