/**
 * A member's public file, which an operator hands to the others so that they can compose the genesis. The member's
 * identity key signs it, so a change is noticed. It does not prove whose key it is; operators must tell one another.
 */

import { isValidPoint, type SigningKey, verify } from "../node/base/crypto.ts";
import { type Bytes, toHex } from "../primitives/bytes.ts";
import { Encoder } from "../primitives/encoding.ts";
import { JsonProblem } from "../primitives/json.ts";
import { type JsonField, readFields } from "../primitives/json-fields.ts";
import { LIMITS } from "../primitives/limits.ts";
import { ADDRESS_FORM, isNetworkAddress } from "../primitives/network-address.ts";
import { PUBLIC_KEY_LENGTH, type PublicKey, SIGNATURE_LENGTH } from "../primitives/signature.ts";
import { TAGS } from "../primitives/tags.ts";
import { readTextBounded } from "../storage/bounded-file.ts";
import { CommandError } from "./command.ts";

export interface MemberFile {
  readonly id: string;
  readonly peerAddress: string;
  readonly clientAddress: string;
  readonly identityKey: PublicKey;
  readonly custodyKey: PublicKey;
}

const NAMES = [
  "id",
  "peerAddress",
  "clientAddress",
  "identityKey",
  "custodyKey",
  "signature",
] as const;
/** The message includes the remedy. */
const REMEDY = "ask its operator for the file again";

export function formatMember(member: MemberFile, identity: SigningKey): string {
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
  const read = readFields(readText(path, fail), readSigned);
  if (read instanceof JsonProblem) {
    const { field, message } = read;
    return fail(field === "" ? `the file ${message}` : `"${field}" ${message}`);
  }
  const { member, signature } = read;
  const { identityKey: publicKey } = member;
  if (!verify({ publicKey, message: encodeMember(member), signature })) {
    fail("the signature does not fit: the file was changed");
  }
  return member;
}

function readSigned(root: JsonField): { readonly member: MemberFile; readonly signature: Bytes } {
  const fields = root.record(NAMES);
  const member = {
    id: textOf(fields.id),
    peerAddress: addressOf(fields.peerAddress),
    clientAddress: addressOf(fields.clientAddress),
    identityKey: keyOf(fields.identityKey),
    custodyKey: keyOf(fields.custodyKey),
  };
  return { member, signature: fields.signature.bytes(SIGNATURE_LENGTH) };
}

function textOf(field: JsonField): string {
  return field.string() ?? field.fail("must be a text", REMEDY);
}

function addressOf(field: JsonField): string {
  const value = field.string();
  const isAddress = value !== undefined && isNetworkAddress(value);
  return isAddress ? value : field.fail(`must be ${ADDRESS_FORM}`, REMEDY);
}

function keyOf(field: JsonField): PublicKey {
  const bytes = field.hex();
  const isKey = bytes?.length === PUBLIC_KEY_LENGTH && isValidPoint(bytes);
  return isKey ? bytes : field.fail("is not a public key in hexadecimal", REMEDY);
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

function readText(path: string, fail: (problem: string) => never): string {
  try {
    return readTextBounded(path, LIMITS.files.memberBytesMax);
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}
