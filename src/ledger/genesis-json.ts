/** The genesis file: JSON that people write and read, checked field by field. Keys are lower-case hexadecimal. */
import { toHex } from "../primitives/bytes.ts";
import { JsonProblem } from "../primitives/json.ts";
import { type JsonField, readFields } from "../primitives/json-fields.ts";
import { LIMITS } from "../primitives/limits.ts";
import { ADDRESS_FORM, isNetworkAddress } from "../primitives/network-address.ts";
import { validatorIndex } from "../primitives/numbers.ts";
import { type IsValidPoint, PUBLIC_KEY_LENGTH, type PublicKey } from "../primitives/signature.ts";
import type { Validator } from "../primitives/validators.ts";
import {
  type Asset,
  CREATED_AT_BOUNDS,
  type Genesis,
  type GenesisLimits,
  type GenesisTimings,
  keysOf,
  LIMIT_BOUNDS,
  type RulesetStart,
  TIMING_BOUNDS,
} from "./genesis.ts";
import { checkGenesis } from "./genesis-check.ts";
import { GenesisError } from "./genesis-error.ts";
import { FIRST_RULESET } from "./rulesets.ts";

const NAME = { pattern: /^[a-z0-9][a-z0-9-]{0,62}$/, form: "1 to 63 of a-z, 0-9 and hyphen" };
const CODE = { pattern: /^[A-Z0-9]{1,16}$/, form: "1 to 16 of A-Z and 0-9" };

/** The genesis in `text`, or the first fault in it. */
export function parseGenesis(isValidPoint: IsValidPoint, text: string): Genesis | GenesisError {
  try {
    const genesis = readFields(text, (root) => readGenesis(isValidPoint, root));
    if (genesis instanceof JsonProblem) {
      return new GenesisError(genesis.field, genesis.message, genesis.remedy);
    }
    checkGenesis(genesis);
    return genesis;
  } catch (error) {
    if (error instanceof GenesisError) return error;
    throw error;
  }
}

/** The file that `parseGenesis` reads back as `genesis`. */
export function formatGenesis(genesis: Genesis): string {
  const validators = genesis.validators.map((validator) => ({
    id: validator.id,
    peerAddress: validator.peerAddress,
    clientAddress: validator.clientAddress,
    identityKey: toHex(validator.identityKey),
    custodyKey: toHex(validator.custodyKey),
  }));
  const issuers = genesis.issuers.map(toHex);
  return `${JSON.stringify({ ...genesis, validators, issuers }, undefined, 2)}\n`;
}

function readGenesis(isValidPoint: IsValidPoint, root: JsonField): Genesis {
  const names = ["createdAt", "validators", "assets", "issuers", "limits", "timings"] as const;
  const genesis = root.record(names, ["rulesets"]);
  const readKey = (key: JsonField) => readPublicKey(isValidPoint, key);
  return {
    createdAt: readCreatedAt(genesis.createdAt),
    validators: genesis.validators
      .list({ min: 2, max: LIMITS.validatorsMax })
      .map((item, index) => readValidator(readKey, { item, index })),
    assets: genesis.assets.list({ min: 1, max: LIMITS.assetsMax }).map(readAsset),
    issuers: genesis.issuers.list({ min: 1, max: LIMITS.issuersMax }).map(readKey),
    limits: readLimits(genesis.limits),
    timings: readTimings(genesis.timings),
    ...(genesis.rulesets === undefined ? {} : { rulesets: readRulesets(genesis.rulesets) }),
  };
}

function readCreatedAt(field: JsonField): number {
  const time = field.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
  const { min, max } = CREATED_AT_BOUNDS;
  if (time >= min && time <= max) return time;
  const remedy = `write milliseconds since 1970, ${min} to ${max}, and not seconds or microseconds`;
  return field.fail(`is ${time}, which is no time of our day in milliseconds`, remedy);
}

function readRulesets(field: JsonField): RulesetStart[] {
  return field.list({ min: 1, max: LIMITS.rulesetStartsMax }).map((item) => {
    const start = item.record(["ruleset", "height"]);
    return {
      ruleset: start.ruleset.integer({ min: FIRST_RULESET + 1, max: LIMITS.rulesetMax }),
      height: start.height.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    };
  });
}

function readValidator(
  readKey: (key: JsonField) => PublicKey,
  at: { readonly item: JsonField; readonly index: number },
): Validator {
  const names = ["id", "peerAddress", "clientAddress", "identityKey", "custodyKey"] as const;
  const validator = at.item.record(names);
  return {
    index: validatorIndex(at.index),
    id: validator.id.matching(NAME),
    peerAddress: readAddress(validator.peerAddress),
    clientAddress: readAddress(validator.clientAddress),
    identityKey: readKey(validator.identityKey),
    custodyKey: readKey(validator.custodyKey),
  };
}

function readAsset(item: JsonField): Asset {
  const asset = item.record(["code", "scale"]);
  return {
    code: asset.code.matching(CODE),
    scale: asset.scale.integer({ min: 0, max: LIMITS.assetScaleMax }),
  };
}

function readLimits(field: JsonField): GenesisLimits {
  const limits = field.record(keysOf(LIMIT_BOUNDS));
  const read = (name: keyof GenesisLimits) => limits[name].integer(LIMIT_BOUNDS[name]);
  return {
    blockOperationsMax: read("blockOperationsMax"),
    blockBytesMax: read("blockBytesMax"),
    sponsoredPerBlockMax: read("sponsoredPerBlockMax"),
    unfundedPerSponsorMax: read("unfundedPerSponsorMax"),
  };
}

function readTimings(field: JsonField): GenesisTimings {
  const timings = field.record(keysOf(TIMING_BOUNDS));
  const read = (name: keyof GenesisTimings) => timings[name].integer(TIMING_BOUNDS[name]);
  return {
    graceMs: read("graceMs"),
    lifetimeMsMax: read("lifetimeMsMax"),
    clockSkewMs: read("clockSkewMs"),
    viewTimeoutMs: read("viewTimeoutMs"),
    viewTimeoutMsMax: read("viewTimeoutMsMax"),
    sealTimeoutMs: read("sealTimeoutMs"),
    ceremonyTimeoutMs: read("ceremonyTimeoutMs"),
  };
}

function readAddress(field: JsonField): string {
  const form = `write it as ${ADDRESS_FORM}`;
  const address = field.string();
  return address !== undefined && isNetworkAddress(address)
    ? address
    : field.fail("is no network address", form);
}

function readPublicKey(isValidPoint: IsValidPoint, field: JsonField): PublicKey {
  const bytes = field.hex();
  if (bytes?.length !== PUBLIC_KEY_LENGTH) {
    const form = `${PUBLIC_KEY_LENGTH * 2} lower-case hexadecimal digits`;
    return field.fail("is not a public key", `write it as ${form}`);
  }
  if (isValidPoint(bytes)) return bytes;
  return field.fail(
    "is not the canonical encoding of a point of prime order",
    "generate an Ed25519 key and write its public half",
  );
}
