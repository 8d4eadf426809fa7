// Signed reads to accept and to refuse, made with OpenSSL and the well-known keys of RFC 8032 section 7.1.
import { createHash, createPrivateKey, sign } from "node:crypto";
import { expect } from "vitest";
import {
  encodeSignedRead,
  formatReadCredential,
  type SignedRead,
} from "../../../src/access/signed-read.ts";
import { type Bytes, fromHex, toHex, utf8 } from "../../../src/primitives/bytes.ts";
import { deriveWalletId, parseUuid } from "../../../src/primitives/ids.ts";

/** L of RFC 8032 section 5.1. */
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const BASE_POINT = `58${"66".repeat(31)}`;
const IDENTITY = `01${"00".repeat(31)}`;
export const NOW = 1_790_000_000_000;
export const NODE = "node1";
export const CALL = "countersign.v1.LedgerService/GetWallet";
const STATEMENT = "countersign.v1.LedgerService/ListEntries";
const STREAM = "countersign.v1.LedgerService/Subscribe";

const sha256 = (data: Bytes) => new Uint8Array(createHash("sha256").update(data).digest());

function hex(text: string): Bytes {
  return fromHex(text) ?? expect.fail(`not hexadecimal: ${text}`);
}

function uuid(text: string) {
  return parseUuid(text) ?? expect.fail(`not a UUID: ${text}`);
}

/** RFC 8032 section 7.1, TEST 1 and TEST 2; and a point of small order, for which everyone can sign. */
export const KEYS = {
  alice: {
    secretKey: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    publicKey: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
  },
  bob: {
    secretKey: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    publicKey: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
  },
  smallOrder: { publicKey: IDENTITY },
} as const;
type Signer = "alice" | "bob";

export const networkId = sha256(utf8("the network of docs/signing.md"));
const otherNetworkId = sha256(utf8("another network"));

const walletOf = (publicKey: string, creationId: string) =>
  deriveWalletId(sha256, { networkId, publicKey: hex(publicKey), creationId: uuid(creationId) });

/** The wallets of which the verifier knows the owner's key. */
export const WALLETS = {
  alice: walletOf(KEYS.alice.publicKey, "00000000-0000-4000-8000-00000000000a"),
  bob: walletOf(KEYS.bob.publicKey, "00000000-0000-4000-8000-00000000000b"),
  smallOrder: walletOf(KEYS.smallOrder.publicKey, "00000000-0000-4000-8000-00000000000c"),
} as const;
const ABSENT = walletOf(KEYS.alice.publicKey, "00000000-0000-4000-8000-00000000000d");

const body = JSON.stringify({ id: WALLETS.alice });
const GOOD: SignedRead = {
  networkId,
  node: NODE,
  call: CALL,
  wallet: WALLETS.alice,
  signedAt: NOW,
  bodyDigest: sha256(utf8(body)),
};

/** PKCS #8 around the 32 bytes (RFC 8410 section 7). */
function signWith(signer: Signer, message: Bytes): Bytes {
  const der = Buffer.concat([hex("302e020100300506032b657004220420"), hex(KEYS[signer].secretKey)]);
  return new Uint8Array(
    sign(null, message, createPrivateKey({ key: der, format: "der", type: "pkcs8" })),
  );
}

/** A request as a verifier sees it, and whether it is the owner's. */
export interface ReadVector {
  readonly name: string;
  /** The reason for a refusal: the first check that fails. */
  readonly verdict: "accepted" | "form" | "time" | "signature" | "body";
  /** The verifier's clock. */
  readonly now: number;
  readonly call: string;
  /** The body, as hexadecimal. */
  readonly body: string;
  readonly authorization: string;
  /** The bytes that the signer signed, if the header does not say so itself. */
  readonly signedBytes: string;
}

type Seen = Partial<Pick<ReadVector, "now" | "call" | "body" | "authorization">>;

/** Signs `claimed`, and lets the verifier see `seen` where that differs. */
function vector(
  name: string,
  verdict: ReadVector["verdict"],
  claimed: Partial<SignedRead> = {},
  { signer = "alice", ...seen }: Seen & { readonly signer?: Signer } = {},
): ReadVector {
  const read = { ...GOOD, ...claimed };
  const signedBytes = encodeSignedRead(read);
  const authorization = formatReadCredential({
    ...read,
    signature: signWith(signer, signedBytes),
  });
  return {
    name,
    verdict,
    now: NOW,
    call: CALL,
    body: toHex(utf8(body)),
    authorization,
    signedBytes: toHex(signedBytes),
    ...seen,
  };
}

/** Changes the header of a good read. */
function header(name: string, change: (header: string) => string, verdict: ReadVector["verdict"]) {
  const { authorization } = vector(name, verdict);
  const changed = change(authorization);
  expect(changed).not.toBe(authorization);
  return vector(name, verdict, {}, { authorization: changed });
}

const form = (name: string, change: (header: string) => string) => header(name, change, "form");

function littleEndian(number: bigint): string {
  const digits = number.toString(16).padStart(64, "0");
  return (digits.match(/../g) ?? []).reverse().join("");
}

function numberOf(littleEndianHex: string): bigint {
  return BigInt(`0x${(littleEndianHex.match(/../g) ?? []).reverse().join("")}`);
}

/** R is the neutral point and S = h·a: the equation of RFC 8032 holds, and R is of small order. */
function smallOrderCommitment(message: Bytes): string {
  const expanded = createHash("sha512").update(hex(KEYS.alice.secretKey)).digest();
  const clamped = Buffer.from(expanded.subarray(0, 32));
  clamped[0] = (clamped[0] ?? 0) & 248;
  clamped[31] = ((clamped[31] ?? 0) & 127) | 64;
  const hashed = createHash("sha512")
    .update(hex(IDENTITY))
    .update(hex(KEYS.alice.publicKey))
    .update(message)
    .digest("hex");
  const scalar = (numberOf(hashed) * numberOf(clamped.toString("hex"))) % ORDER;
  return `${IDENTITY}${littleEndian(scalar)}`;
}

const withSignature = (signature: string) => (text: string) =>
  text.replace(/signature=.*/, `signature=${signature}`);

function tampered(): readonly ReadVector[] {
  const plusOrder = (text: string) => {
    const [, start = "", scalar = ""] = /signature=(.{64})(.{64})/.exec(text) ?? [];
    return withSignature(`${start}${littleEndian(numberOf(scalar) + ORDER)}`)(text);
  };
  const everyones = vector("", "signature", { wallet: WALLETS.smallOrder });
  return [
    vector("signed with another wallet's key", "signature", {}, { signer: "bob" }),
    vector("signed with the right key for a wallet that is not there", "signature", {
      wallet: ABSENT,
    }),
    vector("signed for another network", "signature", { networkId: otherNetworkId }),
    vector("signed for another node", "signature", { node: "node2" }),
    vector("signed for another call", "signature", {}, { call: CALL.replace("Wallet", "Receipt") }),
    vector("signed for a call of another service", "signature", {
      call: "countersign.v1.OperatorService/GetWallet",
    }),
    header(
      "its wallet replaced by that of another owner",
      (text) => text.replace(WALLETS.alice, WALLETS.bob),
      "signature",
    ),
    header(
      "its time moved by a millisecond",
      (text) => text.replace(`time=${NOW}`, `time=${NOW + 1}`),
      "signature",
    ),
    header(
      "its digest replaced, for another body",
      (text) => text.replace(/digest=.{64}/, `digest=${toHex(sha256(utf8("{}")))}`),
      "signature",
    ),
    header("S raised by the group order", plusOrder, "signature"),
    header(
      "R of small order, with an S for which the equation holds",
      withSignature(smallOrderCommitment(encodeSignedRead(GOOD))),
      "signature",
    ),
    {
      ...everyones,
      name: "a key of small order, with a signature for which the equation holds",
      authorization: withSignature(`${BASE_POINT}${littleEndian(1n)}`)(everyones.authorization),
    },
    header("a signature of zeros", withSignature("00".repeat(64)), "signature"),
    vector(
      "the body changed by one character",
      "body",
      {},
      { body: toHex(utf8(body.replace("{", "{ "))) },
    ),
    vector("no body", "body", {}, { body: "" }),
  ];
}

export const VECTORS: readonly ReadVector[] = [
  vector("a wallet", "accepted"),
  vector("signed a minute ago", "accepted", { signedAt: NOW - 60_000 }),
  vector("signed a minute ahead", "accepted", { signedAt: NOW + 60_000 }),
  vector(
    "a receipt, in a body of two bytes",
    "accepted",
    {
      call: CALL.replace("Wallet", "Receipt"),
      bodyDigest: sha256(utf8("{}")),
    },
    { call: CALL.replace("Wallet", "Receipt"), body: toHex(utf8("{}")) },
  ),
  vector("a page of the statement", "accepted", { call: STATEMENT }, { call: STATEMENT }),
  vector("a stream of its entries", "accepted", { call: STREAM }, { call: STREAM }),
  header(
    "the scheme in lower case",
    (text) => text.replace(/^\S+/, (s) => s.toLowerCase()),
    "accepted",
  ),
  vector("signed more than a minute ago", "time", { signedAt: NOW - 60_001 }),
  vector("signed more than a minute ahead", "time", { signedAt: NOW + 60_001 }),
  vector("signed in 1970", "time", { signedAt: 0 }),
  vector("the time in seconds", "time", { signedAt: NOW / 1000 }),
  ...tampered(),
  form("the scheme alone", () => "Countersign-Wallet"),
  form("no parameters", () => "Countersign-Wallet "),
  form("two spaces behind the scheme", (text) => text.replace(" ", "  ")),
  form("no space behind a comma", (text) => text.replace(", time", ",time")),
  form("a tab behind a comma", (text) => text.replace(", time", ",\ttime")),
  form("a space at the end", (text) => `${text} `),
  form("a comma at the end", (text) => `${text},`),
  form("a parameter twice", (text) => `${text}, wallet=${WALLETS.bob}`),
  form("a parameter that is unknown", (text) => `${text}, node=node1`),
  form("a parameter left out", (text) => text.replace(/ time=\d+,/, "")),
  form("parameters in another order", (text) =>
    text.replace(/ (wallet=[^,]*), (time=[^,]*)/, " $2, $1"),
  ),
  form("a value in quotes", (text) => text.replace(/time=(\d+)/, 'time="$1"')),
  form("the wallet in upper case", (text) =>
    text.replace(WALLETS.alice, WALLETS.alice.toUpperCase()),
  ),
  form("the wallet without hyphens", (text) =>
    text.replace(WALLETS.alice, WALLETS.alice.replaceAll("-", "").padEnd(36, "0")),
  ),
  form("a time with a leading zero", (text) => text.replace("time=", "time=0")),
  form("a time with a sign", (text) => text.replace("time=", "time=+")),
  form("a time with a fraction", (text) => text.replace(/time=\d+/, "$&.0")),
  form("a time of 16 digits", (text) => text.replace(/time=\d+/, "$&000")),
  form("the digest in upper case", (text) =>
    text.replace(/digest=\w+/, (found) => found.toUpperCase().replace("DIGEST", "digest")),
  ),
  form("a digest that is too short", (text) => text.replace(/digest=../, "digest=")),
  form("the signature in base64", (text) =>
    text.replace(/signature=(.*)/, (_, digits: string) => {
      return `signature=${Buffer.from(digits, "hex").toString("base64")}`;
    }),
  ),
  form("a signature that is too short", (text) => text.slice(0, -2)),
  form("a signature that is too long", (text) => `${text}00`),
  form("a header of 8 KiB", (text) => text.replace("time=", `time=${"1".repeat(8192)}`)),
];

export const FILE = {
  networkId: toHex(networkId),
  node: NODE,
  keys: KEYS,
  wallets: WALLETS,
  windowMs: 60_000,
  reads: VECTORS,
};
