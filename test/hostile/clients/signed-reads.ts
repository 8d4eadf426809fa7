/** Requests that a wallet's key signs: as its owner signs them, and with one part of each kind wrong. */
import {
  encodeSignedRead,
  formatReadCredential,
  type ReadCredential,
  SIGNED_READ_SCHEME,
  type SignedRead,
} from "../../../src/access/signed-read.ts";
import type { Wallet } from "../../../src/client/wallet.ts";
import { sha256 } from "../../../src/node/base/crypto.ts";
import { amount } from "../../../src/primitives/amount.ts";
import { utf8 } from "../../../src/primitives/bytes.ts";
import type { NetworkId, WalletId } from "../../../src/primitives/ids.ts";
import type { SigningKey } from "../../../src/primitives/signature.ts";
import { namedSigningKey, randomUuid } from "../../support/operations.ts";
import type { AskedRequest, Credential } from "./credentials.ts";

/** The owner of a wallet, and the node that is asked. */
export interface Owner {
  readonly key: SigningKey;
  readonly wallet: Wallet;
  readonly networkId: NetworkId;
  readonly node: string;
}

interface Twist {
  /** Other values than those of the request, which are signed. */
  readonly signed?: Partial<SignedRead>;
  /** Other values than those that were signed, which the header shows. */
  readonly shown?: Partial<ReadCredential>;
  readonly key?: SigningKey;
}

const MINUTE_MS = 60_000;
/** The order of the base point (RFC 8032 section 5.1). */
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

export function signedReadOf(name: string, owner: Owner): Credential {
  const { id } = owner.wallet;
  return { name, scopes: [], reads: id, headers: (asked) => shownAs(headerFor(owner, asked)) };
}

/** `others`: wallets that are not the owner's. */
export function brokenSignedReads(owner: Owner, others: readonly WalletId[]): Credential[] {
  const twisted = (name: string, twist: (asked: AskedRequest) => Twist): Credential => ({
    name: `a signed read ${name}`,
    scopes: [],
    headers: (asked) => shownAs(headerFor(owner, asked, twist(asked))),
  });
  const written = (name: string, write: (header: string) => string): Credential => ({
    name: `a signed read ${name}`,
    scopes: [],
    headers: (asked) => shownAs(write(headerFor(owner, asked))),
  });
  const bytes = (fill: number, length: number) => new Uint8Array(length).fill(fill);
  const elsewhere = Uint8Array.from(owner.networkId, (byte) => byte ^ 1) as NetworkId;
  const stranger = namedSigningKey("a stranger");
  return [
    twisted("by another key", () => ({ key: stranger })),
    twisted("for another node", () => ({ signed: { node: "node2" } })),
    twisted("for another network", () => ({ signed: { networkId: elsewhere } })),
    twisted("for another call", () => ({ signed: { call: "countersign.v1.LedgerService/Get" } })),
    twisted("for another body", () => ({ signed: { bodyDigest: sha256(utf8("{}x")) } })),
    twisted("with another digest than was signed", () => ({
      shown: { bodyDigest: sha256(utf8("{}x")) },
    })),
    twisted("of two minutes ago", () => ({ signed: { signedAt: Date.now() - 2 * MINUTE_MS } })),
    twisted("of two minutes ahead", () => ({ signed: { signedAt: Date.now() + 2 * MINUTE_MS } })),
    twisted("with another time than was signed", () => ({ shown: { signedAt: Date.now() - 10 } })),
    twisted("of a wallet that there is not", () => ({ signed: { wallet: randomUuid() } })),
    ...others.map((wallet) => twisted(`of the wallet ${wallet}`, () => ({ signed: { wallet } }))),
    ...others.map((wallet) => {
      return twisted(`that shows the wallet ${wallet}`, () => ({ shown: { wallet } }));
    }),
    twisted("with a signature of zeros", () => ({ shown: { signature: bytes(0, 64) } })),
    // The neutral point as R and zero as S: it holds for a key of small order.
    twisted("with the signature of a key of small order", () => ({
      shown: { signature: new Uint8Array([1, ...bytes(0, 63)]) },
    })),
    twisted("with a signature in a second form", (asked) => ({
      shown: { signature: moreByTheOrder(signatureFor(owner, asked)) },
    })),
    twisted("with a signature of the body alone", ({ body }) => ({
      shown: { signature: owner.key.sign(body) },
    })),
    twisted("with the signature of an order", () => ({ shown: { signature: orderOf(owner) } })),
    written("in capitals", (header) =>
      header.replace(/[0-9a-f]{64,}/g, (hex) => hex.toUpperCase()),
    ),
    written("without its signature", (header) => header.replace(/, signature=.*/, "")),
    written("without its last digit", (header) => header.slice(0, -1)),
    written("with more behind it", (header) => `${header}, wallet=${others[0]}`),
    written("with another wallet before it", (header) =>
      header.replace(" wallet=", ` wallet=${others[0]}, wallet=`),
    ),
    written("with two spaces", (header) => header.replace(", ", ",  ")),
    written("twice in one header", (header) => `${header}, ${header}`),
    written("of nothing", () => SIGNED_READ_SCHEME),
    written("as a bearer token", (header) => header.replace(SIGNED_READ_SCHEME, "Bearer")),
  ];
}

function shownAs(header: string): readonly (readonly [string, string])[] {
  return [["authorization", header]];
}

function headerFor(owner: Owner, asked: AskedRequest, twist: Twist = {}): string {
  const read = { ...readOf(owner, asked), ...twist.signed };
  const signature = (twist.key ?? owner.key).sign(encodeSignedRead(read));
  return formatReadCredential({ ...read, signature, ...twist.shown });
}

function signatureFor(owner: Owner, asked: AskedRequest): Uint8Array {
  return owner.key.sign(encodeSignedRead(readOf(owner, asked)));
}

function readOf({ networkId, node, wallet }: Owner, { call, body }: AskedRequest): SignedRead {
  return {
    ...{ networkId, node, wallet: wallet.id, signedAt: Date.now(), bodyDigest: sha256(body) },
    call: `${call.parent.typeName}/${call.name}`,
  };
}

/** S and the order of the group: the equation of Ed25519 holds for both, and RFC 8032 section 5.1.7 takes the first alone. */
function moreByTheOrder(signature: Uint8Array): Uint8Array {
  const scalar = BigInt(`0x${Buffer.from(signature.slice(32)).reverse().toString("hex")}`) + ORDER;
  const digits = scalar.toString(16).padStart(64, "0");
  return new Uint8Array([...signature.slice(0, 32), ...Buffer.from(digits, "hex").reverse()]);
}

function orderOf({ wallet }: Owner): Uint8Array {
  const { id } = wallet;
  const terms = {
    id: randomUuid(),
    to: id,
    asset: "EUR",
    amount: amount(1n),
    validUntil: Date.now(),
  };
  return wallet.transfer(terms).signature;
}
