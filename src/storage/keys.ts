/** The key of each record: one letter for its kind, then big-endian numbers of fixed width, or ids. */
import { assert } from "../primitives/assert.ts";
import { type Bytes, toHex } from "../primitives/bytes.ts";
import type { Digest } from "../primitives/hash.ts";
import {
  UUID_LENGTH,
  UUID_TEXT_LENGTH,
  unpackUuid,
  uuidFromBytes,
  type WalletId,
} from "../primitives/ids.ts";
import { LIMITS } from "../primitives/limits.ts";
import type { ValidatorIndex } from "../primitives/numbers.ts";
import { PUBLIC_KEY_LENGTH } from "../primitives/signature.ts";
import { FAULT_KINDS, type Fault } from "./faults.ts";
import { StorageCorruption } from "./storage-errors.ts";

/** Kinds whose records are found by a number. */
const NUMBERED = {
  header: "h",
  body: "b",
  results: "r",
  finalization: "f",
  seal: "s",
  journal: "j",
  batch: "n",
} as const;
export type NumberedKind = keyof typeof NUMBERED;

/** Kinds with a single record. */
const SINGLE = {
  schema: "ms",
  tip: "mt",
  ceremony: "mc",
  journalFloor: "mj",
  journalIdentity: "mi",
  history: "mh",
  migration: "mm",
  bodies: "mp",
} as const;
export type SingleKind = keyof typeof SINGLE;

const NUMBER_LENGTH = 8;
const VALIDATOR_LENGTH = 2;
/** A letter, the wallet, the height and the place in the block. */
const STATEMENT_KEY_LENGTH = 1 + UUID_LENGTH + NUMBER_LENGTH + 4;
const TEXT_LENGTH_MAX = 1024;

export function numberedKey(kind: NumberedKind, number: number): Bytes {
  assert(Number.isSafeInteger(number) && number >= 0, `${kind} number out of range`);
  const key = Buffer.allocUnsafe(1 + NUMBER_LENGTH);
  key.write(NUMBERED[kind], "latin1");
  key.writeUInt32BE(Math.floor(number / 2 ** 32), 1);
  key.writeUInt32BE(number % 2 ** 32, 5);
  return key;
}

/** The number in a key made by `numberedKey`; throws StorageCorruption if no such key can hold it. */
export function numberOfKey(key: Bytes): number {
  const number = key.length === 1 + NUMBER_LENGTH ? numberIn(key) : undefined;
  if (number === undefined || !Number.isSafeInteger(number))
    throw malformed(key, "holds no number");
  return number;
}

function numberIn(key: Bytes): number {
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength);
  return view.getUint32(1) * 2 ** 32 + view.getUint32(5);
}

export function singleKey(kind: SingleKind): Bytes {
  return Buffer.from(SINGLE[kind], "latin1");
}

export function walletKey(id: WalletId): Bytes {
  return uuidKey("w", id);
}

export function walletOfKey(key: Bytes): WalletId {
  return uuidFromBytes(walletBytesOfKey(key));
}

/** The 16 bytes of the id, a view. */
export function walletBytesOfKey(key: Bytes): Bytes {
  if (key.length !== 1 + UUID_LENGTH) throw malformed(key, "names no wallet");
  return key.subarray(1);
}

export function creationKey(wallet: WalletId): Bytes {
  return uuidKey(RECORD_LETTERS.creation, wallet);
}

/** Of an entry of a wallet's statement, or of a payment of the wallet that was declined, by its place in the chain. */
export function statementKey(
  kind: "entry" | "decline",
  wallet: WalletId,
  { height, index }: { readonly height: number; readonly index: number },
): Bytes {
  const key = Buffer.allocUnsafe(STATEMENT_KEY_LENGTH);
  key.write(RECORD_LETTERS[kind], "latin1");
  unpackUuid(key, 1, wallet);
  key.writeUInt32BE(Math.floor(height / 2 ** 32), 1 + UUID_LENGTH);
  key.writeUInt32BE(height % 2 ** 32, 5 + UUID_LENGTH);
  key.writeUInt32BE(index, 1 + UUID_LENGTH + NUMBER_LENGTH);
  return key;
}

/** The place in a key made by `statementKey`. */
export function placeOfKey(key: Bytes): { readonly height: number; readonly index: number } {
  if (key.length !== STATEMENT_KEY_LENGTH) throw malformed(key, "names no place");
  const view = new DataView(key.buffer, key.byteOffset + 1 + UUID_LENGTH, NUMBER_LENGTH + 4);
  return { height: view.getUint32(0) * 2 ** 32 + view.getUint32(4), index: view.getUint32(8) };
}

export function blockHashKey(hash: Digest): Bytes {
  return prefixed(RECORD_LETTERS.blockHash, hash);
}

export function registrationKey(validator: ValidatorIndex): Bytes {
  return Buffer.from(["g".charCodeAt(0), validator >> 8, validator & 0xff]);
}

export function voteKey(validator: ValidatorIndex): Bytes {
  return Buffer.from(["v".charCodeAt(0), validator >> 8, validator & 0xff]);
}

export function approvalKey(validator: ValidatorIndex): Bytes {
  return Buffer.from(["u".charCodeAt(0), validator >> 8, validator & 0xff]);
}

export function evidenceKey({ member, kind }: Fault, index: number): Bytes {
  assert(index < LIMITS.evidencePerFaultMax, "index of an evidence record out of range");
  const fault = [member >> 8, member & 0xff, FAULT_KINDS.indexOf(kind)];
  return Buffer.from(["e".charCodeAt(0), ...fault, index]);
}

/** Names what evidence is about: keys of the same fault differ in their index alone. */
export function faultOfKey(key: Bytes): string {
  return toHex(key.slice(1, -1));
}

export function validatorOfKey(key: Bytes): number {
  if (key.length <= VALIDATOR_LENGTH) throw malformed(key, "names no validator");
  return ((key[1] ?? 0) << 8) | (key[2] ?? 0);
}

/** "wallet id/id" as 32 bytes, "author/id" as 48: the two never meet. */
export function operationLocationKey(key: string): Bytes {
  const scope = key.length - 1 - UUID_TEXT_LENGTH;
  assert(key[scope] === "/", "key of an operation");
  if (scope === UUID_TEXT_LENGTH) {
    const bytes = Buffer.allocUnsafe(1 + 2 * UUID_LENGTH);
    bytes.write(RECORD_LETTERS.operation, "latin1");
    unpackUuid(bytes, 1, key);
    unpackUuid(bytes, 1 + UUID_LENGTH, key, scope + 1);
    return bytes;
  }
  assert(scope === 2 * PUBLIC_KEY_LENGTH, "key of an operation");
  const bytes = Buffer.allocUnsafe(1 + PUBLIC_KEY_LENGTH + UUID_LENGTH);
  bytes.write(RECORD_LETTERS.operation, "latin1");
  const written = bytes.write(key.slice(0, scope), 1, "hex");
  assert(written === PUBLIC_KEY_LENGTH, "key of an operation");
  unpackUuid(bytes, 1 + PUBLIC_KEY_LENGTH, key, scope + 1);
  return bytes;
}

/** The length of the caller's name comes first, so that no two pairs share a key. */
export function custodyKey(caller: string, id: string): Bytes {
  const callerBytes = Buffer.from(caller);
  const idBytes = Buffer.from(id);
  assert(callerBytes.length <= TEXT_LENGTH_MAX, "caller of a custodial operation too long");
  assert(idBytes.length <= TEXT_LENGTH_MAX, "id of a custodial operation too long");
  const length = [callerBytes.length >> 8, callerBytes.length & 0xff];
  return prefixed("k", Buffer.concat([Buffer.from(length), callerBytes, idBytes]));
}

export function tokenKey(hash: Digest): Bytes {
  return prefixed("t", hash);
}

/** All claims of a principal come together: the length of its name comes first. */
export function claimKey(principal: string, wallet: WalletId): Bytes {
  return Buffer.concat([claimsPrefix(principal), uuidKey("q", wallet).subarray(1)]);
}

/** The claims of this principal on wallets from `from` on. */
export function claimsFrom(principal: string, from: WalletId): { from: Bytes; below: Bytes } {
  const end = Buffer.alloc(UUID_LENGTH + 1, 0xff);
  return { from: claimKey(principal, from), below: Buffer.concat([claimsPrefix(principal), end]) };
}

export function walletOfClaim(key: Bytes): WalletId {
  if (key.length < 3 + UUID_LENGTH) throw malformed(key, "names no wallet");
  return uuidFromBytes(key.slice(key.length - UUID_LENGTH));
}

function claimsPrefix(principal: string): Bytes {
  const name = Buffer.from(principal);
  assert(name.length <= TEXT_LENGTH_MAX, "principal of a claim too long");
  return prefixed("q", Buffer.concat([Buffer.from([name.length >> 8, name.length & 0xff]), name]));
}

export function webhookKey(name: string): Bytes {
  return prefixed("y", webhookName(name));
}

export function webhookProgressKey(name: string): Bytes {
  return prefixed("a", webhookName(name));
}

/** All dead letters of an endpoint come together, in the order of the chain: the length of its name comes first. */
export function deadLetterKey(
  name: string,
  { height, index }: { readonly height: number; readonly index: number },
): Bytes {
  const place = Buffer.allocUnsafe(NUMBER_LENGTH + 4);
  place.writeUInt32BE(Math.floor(height / 2 ** 32));
  place.writeUInt32BE(height % 2 ** 32, 4);
  place.writeUInt32BE(index, NUMBER_LENGTH);
  return Buffer.concat([deadLettersPrefix(name), place]);
}

export function deadLettersOf(name: string): { from: Bytes; below: Bytes } {
  const prefix = deadLettersPrefix(name);
  return {
    from: prefix,
    below: Buffer.concat([prefix, Buffer.alloc(NUMBER_LENGTH + 5, 0xff)]),
  };
}

function deadLettersPrefix(name: string): Bytes {
  const text = webhookName(name);
  return prefixed("z", Buffer.concat([Buffer.from([text.length]), text]));
}

function webhookName(name: string): Buffer {
  assert(/^[a-z0-9.-]{1,64}$/.test(name), "name of a sink");
  return Buffer.from(name, "latin1");
}

export function walletOwnerKey(wallet: WalletId): Bytes {
  return uuidKey("p", wallet);
}

/** All keys of the same kind as `key`. */
export function wholeKind(key: Bytes): { from: Bytes; below: Bytes } {
  const letter = key[0] ?? 0;
  return { from: Buffer.from([letter]), below: Buffer.from([letter + 1]) };
}

export const EVERYTHING = { from: Buffer.from([0]), below: Buffer.from([0xff]) } as const;

/** The first letters of the kinds that the check of a store counts. */
export const RECORD_LETTERS = {
  ...NUMBERED,
  blockHash: "x",
  operation: "o",
  creation: "c",
  entry: "l",
  decline: "d",
} as const;

export function letterOf(key: Bytes): string {
  return String.fromCharCode(key[0] ?? 0);
}

/** The name of each kind, by its letter; `describeKey` appends the id. */
const KIND_NAMES: Readonly<Record<string, string>> = {
  h: "the header of block",
  b: "the body of block",
  r: "the results of block",
  f: "the finalization of block",
  s: "the seal of block",
  j: "journal record",
  e: "evidence against validator",
  n: "batch number",
  m: "the store's own record",
  w: "the record of wallet",
  c: "the creation of wallet",
  g: "the registration of validator",
  v: "the newest vote of validator",
  u: "the approval of validator",
  x: "the height of block",
  o: "the location of operation",
  k: "the custodial operation",
  t: "the token",
  p: "the owner of wallet",
  q: "the claim of a principal",
  l: "the entry of wallet",
  d: "the declined payment of wallet",
  y: "the webhook endpoint",
  a: "the place of webhook endpoint",
  z: "a dead letter of a webhook endpoint",
};

/** A record's description for messages. */
export function describeKey(key: Bytes): string {
  const letter = letterOf(key);
  const kind = KIND_NAMES[letter] ?? `a record of unknown kind ${letter}`;
  const isNumbered = Object.values(NUMBERED).some((prefix) => prefix === letter);
  if (isNumbered && key.length === 1 + NUMBER_LENGTH) return `${kind} ${numberIn(key)}`;
  if ((letter === "w" || letter === "c" || letter === "p") && key.length === 1 + UUID_LENGTH) {
    return `${kind} ${walletOfKey(key)}`;
  }
  if (key.length === STATEMENT_KEY_LENGTH && (letter === "l" || letter === "d")) {
    const { height, index } = placeOfKey(key);
    return `${kind} ${walletOfKey(key.slice(0, 1 + UUID_LENGTH))} at height ${height}, index ${index}`;
  }
  const isOfValidator = letter === "g" || letter === "v" || letter === "e" || letter === "u";
  if (isOfValidator && key.length > VALIDATOR_LENGTH) return `${kind} ${validatorOfKey(key)}`;
  const single = Object.entries(SINGLE).find(([, name]) => name === textOf(key));
  return `${kind} ${single === undefined ? toHex(key.slice(1)) : single[0]}`;
}

function malformed(key: Bytes, what: string): StorageCorruption {
  return new StorageCorruption(`the record under key ${toHex(key)}`, `its key ${what}`);
}

function textOf(key: Bytes): string {
  return Buffer.from(key).toString("latin1");
}

/** Native, as commits make thousands of these. */
function uuidKey(letter: string, id: WalletId): Bytes {
  const bytes = Buffer.allocUnsafe(1 + UUID_LENGTH);
  bytes.write(letter, "latin1");
  unpackUuid(bytes, 1, id);
  return bytes;
}

function prefixed(letter: string, rest: Bytes): Bytes {
  const key = Buffer.allocUnsafe(1 + rest.length);
  key.write(letter, "latin1");
  key.set(rest, 1);
  return key;
}
