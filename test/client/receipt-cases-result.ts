/** Receipts whose leaf, headers or place in the tree has exactly one defect; the rest is sealed around it. */
import { sha256 } from "../../src/node/base/crypto.ts";
import { amount } from "../../src/primitives/amount.ts";
import { encodeHeader, type Header } from "../../src/primitives/block.ts";
import { type Bytes, concatBytes } from "../../src/primitives/bytes.ts";
import { leafHash, merkleRoot } from "../../src/primitives/merkle-tree.ts";
import { height, view } from "../../src/primitives/numbers.ts";
import type { Transfer } from "../../src/primitives/operations/transfer.ts";
import { DECLINE_REASONS } from "../../src/primitives/result.ts";
import { namedUuid } from "../support/operations.ts";
import type { Broken } from "./receipt-cases-form.ts";
import {
  alone,
  encoded,
  jsonOf,
  longer,
  ownPlace,
  pendingJson,
  put,
  sealedJson,
  splice,
  votes,
} from "./receipt-forge.ts";
import { sealedAlone } from "./whole-receipts.ts";
import { chainOf, childOf, finalize, leafOf, ownHeader, payment, sealed } from "./workshop.ts";

const other = sha256(new Uint8Array());
const leaf = leafOf(payment);
/** The offsets of the leaf's parts: after its tag, the network, the operation hash and the operation's length. */
const NETWORK_AT = 1 + "countersign/v1/result-leaf".length;
const HASH_AT = NETWORK_AT + 32;
const OPERATION_AT = HASH_AT + 32 + 4;
const header = encodeHeader(ownHeader);
const HEADER_NETWORK_AT = 1 + "countersign/v1/header".length + 2;
const VIEW_AT = HEADER_NETWORK_AT + 32 + 16;

const instead = (changes: Partial<Transfer>) => leafOf({ ...payment, ...changes });
const resultByte = (code: number) => splice(leaf, leaf.length - 1, Uint8Array.of(code));
const chain = (...headers: Header[]) => sealedJson(encoded(headers));
const deep = chainOf(66);

export const RESULT_CASES: readonly Broken[] = [
  ["2.1", "whose leaf has another tag", sealedAlone(splice(leaf, 1, Uint8Array.of(0x43)))],
  ["2.1", "whose leaf ends too early", sealedAlone(leaf.slice(0, -1))],
  ["2.1", "whose leaf is an operation", sealedAlone(leaf.slice(OPERATION_AT, -1))],
  ["2.2", "of another network's result", sealedAlone(splice(leaf, NETWORK_AT, other)), "only"],
  ["2.3", "with another operation hash", sealedAlone(splice(leaf, HASH_AT, other)), "only"],
  ["2.4", "of another amount", sealedAlone(instead({ amount: amount(26n) })), "only"],
  ["2.4", "of another asset", sealedAlone(instead({ asset: "BTC" })), "only"],
  ["2.4", "of another payee", sealedAlone(instead({ to: namedUuid("thief") })), "only"],
  ["2.4", "of an empty reference", sealedAlone(instead({ reference: "" })), "only"],
  [
    "2.5",
    "of a result that is not known",
    sealedAlone(resultByte(DECLINE_REASONS.length + 1)),
    "only",
  ],
  ["2.6", "whose leaf goes on", sealedAlone(longer(leaf)), "only"],
  ["3.1", "of no header", pendingJson([], votes(finalize(ownHeader)))],
  ["3.1", "of 66 headers", sealedJson(encoded(deep)), "only"],
  ["3.2", "of a header with another tag", sealedJson([splice(header, 1, Uint8Array.of(0x43))])],
  [
    "3.2",
    "of a header of another version",
    sealedJson([splice(header, HEADER_NETWORK_AT - 2, Uint8Array.of(0, 2))]),
  ],
  ["3.2", "of a header that ends too early", sealedJson([header.slice(0, -1)])],
  ["3.2", "of a header that goes on", sealedJson([longer(header)]), "only"],
  [
    "3.2",
    "of a header whose view is above 53 bits",
    sealedJson([splice(header, VIEW_AT, Uint8Array.of(0, 32, 0, 0, 0, 0, 0, 0))]),
  ],
  [
    "3.2",
    "of a header with more supplies than assets can be",
    sealedJson([encodeHeader({ ...ownHeader, supply: new Array(17).fill(amount(1n)) })]),
  ],
  ["3.3", "of another network's header", chain({ ...ownHeader, networkId: other }), "only"],
  [
    "3.4",
    "whose second header leaves out a height",
    chain(ownHeader, childOf(ownHeader, { height: height(ownHeader.height + 2) })),
    "only",
  ],
  [
    "3.4",
    "whose second header is of the first one's height",
    chain(ownHeader, childOf(ownHeader, { height: ownHeader.height })),
    "only",
  ],
  ["3.5", "of a header that is no child", chain(...chainOf(3, { parentHash: other })), "only"],
  ["3.5", "of a header in between that is no child", chain(...brokenBetween()), "only"],
  ["4.1", "at an index behind the last", behindTheLast(), "only"],
  ["4.2", "with a longer path than its place has", tooLong(), "only"],
  ["4.2", "with a shorter path than its place has", tooShort(), "only"],
  ["4.3", "at another index", put(jsonOf(sealed()), "index", 3), "only"],
  ["4.3", "with other siblings", otherSiblings(), "only"],
];

function brokenBetween(): Header[] {
  const middle = childOf(ownHeader, { parentHash: other });
  return [ownHeader, middle, childOf(middle, { view: view(middle.view + 1) })];
}

/** A block with one leaf, which is the root at every claimed index. */
function behindTheLast() {
  const { place, header: only } = alone(leaf);
  return sealedJson(encoded([only]), { place: { ...place, index: 2 } });
}

/** The header claims one leaf and has the root over two. */
function tooLong() {
  const path = [leafHash(sha256, leafOf({ ...payment, id: namedUuid("second") }))];
  const resultsRoot = merkleRoot(sha256, [...path, leafHash(sha256, leaf)]);
  const place = { leaf, index: 0, path };
  return sealedJson(encoded([{ ...ownHeader, operationCount: 1, resultsRoot }]), { place });
}

/** The header claims five leaves and has the root over four. */
function tooShort() {
  const path = ownPlace.path.slice(0, -1);
  const node = (left: Bytes, right: Bytes) => sha256(concatBytes(Uint8Array.of(1), left, right));
  const [sibling = other, uncle = other] = path;
  const resultsRoot = node(uncle, node(leafHash(sha256, leaf), sibling));
  const place = { ...ownPlace, path };
  return sealedJson(encoded([{ ...ownHeader, resultsRoot }]), { place });
}

function otherSiblings() {
  return sealedJson([header], { place: { ...ownPlace, path: ownPlace.path.toReversed() } });
}
