/**
 * A member's public file: what an operator hands to the others, so that a genesis can be composed. It is signed by the
 * member's identity key: a mix-up or a change on the way is noticed; whose key it is, people must tell one another.
 */

import { readFileSync } from "node:fs";
import { isValidPoint, type Signer, verify } from "../node/base/crypto.ts";
import { type Bytes, fromHex, toHex } from "../primitives/bytes.ts";
import { Encoder } from "../primitives/encoding.ts";
import { fieldPath, isRecord, JsonProblem, type JsonRecord, readJson } from "../primitives/json.ts";
import { ADDRESS_FORM, isNetworkAddress } from "../primitives/network-address.ts";
import { PUBLIC_KEY_LENGTH, type PublicKey } from "../primitives/signature.ts";
import { TAGS } from "../primitives/tags.ts";
import { CommandError } from "./command.ts";

export interface MemberFile {
  readonly id: string;
  readonly peerAddress: string;
  readonly clientAddress: string;
  readonly identityKey: PublicKey;
  readonly custodyKey: PublicKey;
}

const NAMES = ["id", "peerAddress", "clientAddress", "identityKey", "custodyKey", "signature"];
const FILE_BYTES_MAX = 16 * 1024;

export function formatMember(member: MemberFile, identity: Signer): string {
  const file = {
    ...member,
    identityKey: toHex(member.identityKey),
    custodyKey: toHex(member.custodyKey),
    signature: toHex(identity.sign(encodeMember(member))),
  };
  return `${JSON.stringify(file, undefined, 2)}\n`;
}

export function readMember(command: string, path: string): MemberFile {
  const fail = (problem: string): never => {
    throw new CommandError(
      `${command}: ${path}: ${problem}; ask its operator for the member.json that keygen wrote`,
    );
  };
  const record = readObject(path, fail);
  const unknown = Object.keys(record).find((name) => !NAMES.includes(name));
  if (unknown !== undefined) fail(`"${fieldPath("", unknown)}" is unknown`);
  const text = (name: string): string => {
    const value = record[name];
    return typeof value === "string" ? value : fail(`"${name}" must be a text`);
  };
  const key = (name: string): PublicKey => {
    const bytes: Bytes | undefined = fromHex(text(name));
    const isKey = bytes?.length === PUBLIC_KEY_LENGTH && isValidPoint(bytes);
    return isKey ? bytes : fail(`"${name}" is not a public key in hexadecimal`);
  };
  const address = (name: string): string => {
    const value = text(name);
    return isNetworkAddress(value) ? value : fail(`"${name}" must be ${ADDRESS_FORM}`);
  };
  const member: MemberFile = {
    id: text("id"),
    peerAddress: address("peerAddress"),
    clientAddress: address("clientAddress"),
    identityKey: key("identityKey"),
    custodyKey: key("custodyKey"),
  };
  const signature = fromHex(text("signature")) ?? new Uint8Array();
  const { identityKey: publicKey } = member;
  if (!verify({ publicKey, message: encodeMember(member), signature })) {
    fail("the signature does not fit: the file was changed");
  }
  return member;
}

function encodeMember(member: MemberFile): Bytes {
  return new Encoder()
    .tag(TAGS.member)
    .string(member.id)
    .string(member.peerAddress)
    .string(member.clientAddress)
    .fixed(member.identityKey, PUBLIC_KEY_LENGTH)
    .fixed(member.custodyKey, PUBLIC_KEY_LENGTH)
    .finish();
}

function readObject(path: string, fail: (problem: string) => never): JsonRecord {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
  if (text.length > FILE_BYTES_MAX) return fail(`has more than ${FILE_BYTES_MAX} bytes`);
  const parsed = readJson(text);
  if (parsed instanceof JsonProblem) {
    const { field, message } = parsed;
    return fail(field === "" ? message : `"${field}" ${message}`);
  }
  return isRecord(parsed) ? parsed : fail("must hold one JSON object");
}
