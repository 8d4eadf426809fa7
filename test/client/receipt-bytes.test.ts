/** The sizes of receipts and statements in their binary form, as docs/proofs.md has them. */
import { expect, it } from "vitest";
import { verifyReceiptBytes } from "../../src/client/proof-file.ts";
import { verifyStatement } from "../../src/client/statement-verifier.ts";
import { sha256 } from "../../src/node/base/crypto.ts";
import { amount } from "../../src/primitives/amount.ts";
import { leafHash, merkleRoot } from "../../src/primitives/merkle-tree.ts";
import { encodeReceipt } from "../../src/primitives/receipt-bytes.ts";
import { inclusionPath } from "../support/inclusion-path.ts";
import { namedUuid } from "../support/operations.ts";
import { longStatement, STATEMENT_ENTRIES } from "./long-statement.ts";
import { leafOf, ownHeader, payment, sealed, trust } from "./workshop.ts";

const RECEIPT_BYTES_MAX = 2_048;

it("a receipt of a block of 1,000 payments, with the longest reference, has at most 2 KB", () => {
  const leaves = Array.from({ length: 1_000 }, (_, i) =>
    leafOf({
      ...payment,
      ...{ id: namedUuid(`payment ${i}`), amount: amount(BigInt(i + 1)) },
      reference: "r".repeat(140),
    }),
  );
  const leafHashes = leaves.map((leaf) => leafHash(sha256, leaf));
  const header = {
    ...ownHeader,
    operationCount: leaves.length,
    resultsRoot: merkleRoot(sha256, leafHashes),
  };
  const { proof } = sealed([header]);
  for (const index of [0, 500, 999]) {
    const path = inclusionPath(sha256, leafHashes, index);
    const bytes = encodeReceipt({ leaf: leaves[index] ?? new Uint8Array(), index, path, proof });
    expect(verifyReceiptBytes(trust, bytes)).toMatchObject({ valid: true });
    expect(bytes.length).toBeLessThanOrEqual(RECEIPT_BYTES_MAX);
    expect(bytes.length).toBeGreaterThan(1_000);
  }
});

it("L16: a statement of 10,000 entries with their operations is proven, in at most 3 MB", () => {
  const { walletId, bytes } = longStatement();
  const verified = verifyStatement(trust, walletId, bytes);
  expect(verified).toMatchObject({ valid: true, wallet: { entries: STATEMENT_ENTRIES } });
  expect(bytes.length).toBeLessThanOrEqual(3_000_000);
});
