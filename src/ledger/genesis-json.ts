/** The genesis file: JSON that people write and read, checked field by field. Keys are lower-case hexadecimal. */
import { type Bytes, fromHex, toHex } from "../primitives/bytes.ts";
import type { Json } from "../primitives/json.ts";
import { LIMITS } from "../primitives/limits.ts";
import { ADDRESS_FORM, isNetworkAddress } from "../primitives/network-address.ts";
import { validatorIndex } from "../primitives/numbers.ts";
import { type IsValidPoint, PUBLIC_KEY_LENGTH, type PublicKey } from "../primitives/signature.ts";
import type { Validator } from "../primitives/validators.ts";
import {
  ASSET_SCALE_MAX,
  type Asset,
  type Genesis,
  type GenesisLimits,
  type GenesisTimings,
  keysOf,
  LIMIT_BOUNDS,
  TIMING_BOUNDS,
} from "./genesis.ts";
import { checkGenesis } from "./genesis-check.ts";
import { GenesisError } from "./genesis-error.ts";
import {
  parseStrictJson,
  readInteger,
  readList,
  readMatching,
  readRecord,
} from "./genesis-reader.ts";

/** Latest time that JavaScript's Date can show, milliseconds since the epoch. */
const TIME_MS_MAX = 8.64e15;
const NAME = { pattern: /^[a-z0-9][a-z0-9-]{0,62}$/, form: "1 to 63 of a-z, 0-9 and hyphen" };
const CODE = { pattern: /^[A-Z0-9]{1,16}$/, form: "1 to 16 of A-Z and 0-9" };

/** The genesis in `text`, or what is wrong with it first. */
export function parseGenesis(isValidPoint: IsValidPoint, text: string): Genesis | GenesisError {
  try {
    const genesis = readGenesis(isValidPoint, parseStrictJson(text));
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

function readGenesis(isValidPoint: IsValidPoint, value: Json): Genesis {
  const names = ["createdAt", "validators", "assets", "issuers", "limits", "timings"] as const;
  const record = readRecord("", value, names);
  const readKey = (field: string, key: Json) => readPublicKey(isValidPoint, field, key);
  return {
    createdAt: readInteger("createdAt", record.createdAt, { min: 0, max: TIME_MS_MAX }),
    validators: readList(
      "validators",
      record.validators,
      { min: 2, max: LIMITS.validatorsMax },
      (field, item, index) => readValidator(readKey, { field, item, index }),
    ),
    assets: readList("assets", record.assets, { min: 1, max: LIMITS.assetsMax }, readAsset),
    issuers: readList("issuers", record.issuers, { min: 1, max: LIMITS.issuersMax }, readKey),
    limits: readLimits(record.limits),
    timings: readTimings(record.timings),
  };
}

function readValidator(
  readKey: (field: string, key: Json) => PublicKey,
  at: { readonly field: string; readonly item: Json; readonly index: number },
): Validator {
  const { field } = at;
  const names = ["id", "peerAddress", "clientAddress", "identityKey", "custodyKey"] as const;
  const record = readRecord(field, at.item, names);
  return {
    index: validatorIndex(at.index),
    id: readMatching(`${field}.id`, record.id, NAME),
    peerAddress: readAddress(`${field}.peerAddress`, record.peerAddress),
    clientAddress: readAddress(`${field}.clientAddress`, record.clientAddress),
    identityKey: readKey(`${field}.identityKey`, record.identityKey),
    custodyKey: readKey(`${field}.custodyKey`, record.custodyKey),
  };
}

function readAsset(field: string, value: Json): Asset {
  const record = readRecord(field, value, ["code", "scale"]);
  return {
    code: readMatching(`${field}.code`, record.code, CODE),
    scale: readInteger(`${field}.scale`, record.scale, { min: 0, max: ASSET_SCALE_MAX }),
  };
}

function readLimits(value: Json): GenesisLimits {
  const record = readRecord("limits", value, keysOf(LIMIT_BOUNDS));
  const read = (name: keyof GenesisLimits) =>
    readInteger(`limits.${name}`, record[name], LIMIT_BOUNDS[name]);
  return {
    blockOperationsMax: read("blockOperationsMax"),
    blockBytesMax: read("blockBytesMax"),
    sponsoredPerBlockMax: read("sponsoredPerBlockMax"),
    unfundedPerSponsorMax: read("unfundedPerSponsorMax"),
  };
}

function readTimings(value: Json): GenesisTimings {
  const record = readRecord("timings", value, keysOf(TIMING_BOUNDS));
  const read = (name: keyof GenesisTimings) =>
    readInteger(`timings.${name}`, record[name], TIMING_BOUNDS[name]);
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

function readAddress(field: string, value: Json): string {
  if (typeof value === "string" && isNetworkAddress(value)) return value;
  throw new GenesisError(field, "is no network address", `write it as ${ADDRESS_FORM}`);
}

function readPublicKey(isValidPoint: IsValidPoint, field: string, value: Json): PublicKey {
  const form = `${PUBLIC_KEY_LENGTH * 2} lower-case hexadecimal digits`;
  const bytes: Bytes | undefined = typeof value === "string" ? fromHex(value) : undefined;
  if (bytes?.length !== PUBLIC_KEY_LENGTH) {
    throw new GenesisError(field, "is not a public key", `write it as ${form}`);
  }
  if (isValidPoint(bytes)) return bytes;
  const problem = "is not the canonical encoding of a point of prime order";
  throw new GenesisError(field, problem, "generate an Ed25519 key and write its public half");
}
