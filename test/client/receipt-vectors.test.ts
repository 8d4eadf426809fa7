/**
 * Goal: whoever verifies receipts in another language has receipts to accept and to refuse (docs/signing.md). Method: the
 * workshop's receipts, whole and each with one thing wrong, as the API writes them, are judged by this code and compared
 * with test/vectors/receipts.json. To change it on purpose, run with UPDATE_VECTORS=1.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { toJson } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { ReceiptSchema } from "../../gen/countersign/v1/types_pb.ts";
import { verifyReceiptMessage } from "../../src/client/receipt-answer.ts";
import { formatGenesis } from "../../src/ledger/genesis-json.ts";
import { sha256 } from "../../src/node/base/crypto.ts";
import { amount } from "../../src/primitives/amount.ts";
import { type Bytes, toHex } from "../../src/primitives/bytes.ts";
import type { KeyCertificate } from "../../src/primitives/key-certificate.ts";
import { validatorIndex } from "../../src/primitives/numbers.ts";
import { encodeOperation } from "../../src/primitives/operation.ts";
import type { Receipt } from "../../src/primitives/receipt.ts";
import { receiptToMessage } from "../../src/transport/convert-receipt.ts";
import { namedSigner } from "../support/operations.ts";
import {
  certify,
  chainOf,
  genesis,
  leafOf,
  networkId,
  ownHeader,
  payment,
  sealed,
  trust,
} from "./workshop.ts";

const FILE = new URL("../vectors/receipts.json", import.meta.url);
const signers = (...places: number[]) => places.map(validatorIndex);
const other = sha256(new Uint8Array());

const receipt = sealed();
const { sealedHeader } = receipt.proof;
const withSeal = (seal: Bytes): Receipt => {
  return { ...receipt, proof: { ...receipt.proof, sealedHeader: { ...sealedHeader, seal } } };
};
const under = (certificate: KeyCertificate): Receipt => sealed(chainOf(3), certificate);

function declined(): Receipt {
  const leaf = leafOf(payment, { status: "declined", reason: "insufficientFunds" });
  const resultsRoot = sha256(Uint8Array.of(0, ...leaf));
  return {
    ...sealed([{ ...ownHeader, operationCount: 1, resultsRoot }]),
    leaf,
    index: 0,
    path: [],
  };
}

const RECEIPTS: readonly [string, Receipt][] = [
  ["under a header two above its own", receipt],
  ["under its own header", sealed(chainOf(1))],
  ["of a declined operation", declined()],
  ["whose key all members vouch for", under(certify({}, signers(0, 1, 2, 3)))],
  ["of another amount", { ...receipt, leaf: leafOf({ ...payment, amount: amount(26n) }) }],
  ["of another asset", { ...receipt, leaf: leafOf({ ...payment, asset: "BTC" }) }],
  ["at another index", { ...receipt, index: 3 }],
  ["with a longer path", { ...receipt, path: [...receipt.path, other] }],
  ["with a shorter path", { ...receipt, path: receipt.path.slice(0, -1) }],
  ["of a header that is no child", sealed(chainOf(3, { parentHash: other }))],
  ["of another network's header", sealed(chainOf(1, { networkId: other }))],
  ["whose seal is another's", withSeal(namedSigner("other").sign(sealedHeader.bytes))],
  [
    "whose key is not the one that sealed",
    under(certify({ groupKey: namedSigner("other").publicKey })),
  ],
  ["whose key two members vouch for", under(certify({}, signers(0, 1)))],
  ["whose key one member vouches for three times", under(certify({}, signers(0, 0, 0)))],
  ["whose key a stranger vouches for", under(certify({}, signers(0, 1, 4)))],
  ["whose key has another threshold", under(certify({ threshold: 2 }))],
  ["whose key is of another network", under(certify({ networkId: other }))],
  [
    "whose key has signatures that were for another",
    under({
      ...certify({ groupKey: namedSigner("other").publicKey }),
      groupKey: certify().groupKey,
    }),
  ],
];

const found = {
  genesis: JSON.parse(formatGenesis(genesis)),
  networkId: toHex(networkId),
  signedBytes: toHex(encodeOperation(networkId, payment)),
  receipts: RECEIPTS.map(([name, one]) => {
    const message = receiptToMessage(one);
    const judged = verifyReceiptMessage(trust, message);
    // The verifier says what is proved; that it is about something else than what was signed is the caller's to see.
    const isOurs =
      judged.valid &&
      toHex(encodeOperation(networkId, judged.operation)) ===
        toHex(encodeOperation(networkId, payment));
    return {
      name,
      verdict: isOurs ? judged.result.status : "invalid",
      receipt: toJson(ReceiptSchema, message),
    };
  }),
};

if (process.env["UPDATE_VECTORS"] === "1") {
  writeFileSync(FILE, `${JSON.stringify(found, undefined, 2)}\n`);
}

it("are what this code writes, and judges", () => {
  expect(JSON.parse(readFileSync(FILE, "utf8"))).toEqual(JSON.parse(JSON.stringify(found)));
});

it("are accepted when whole, and refused with one thing wrong", () => {
  const verdicts = found.receipts.map(({ verdict }) => verdict);
  expect(verdicts.slice(0, 4)).toEqual(["applied", "applied", "declined", "applied"]);
  expect(new Set(verdicts.slice(4))).toEqual(new Set(["invalid"]));
});
