/** A statement of ten thousand entries with their operations, under a seal: a wallet that is paid and pays in turn. */
import {
  appendEntry,
  emptyWallet,
  encodeWalletRecord,
  type StatementEntry,
} from "../../src/ledger/wallet-record.ts";
import { sha256 } from "../../src/node/base/crypto.ts";
import { amount } from "../../src/primitives/amount.ts";
import type { Bytes } from "../../src/primitives/bytes.ts";
import type { WalletId } from "../../src/primitives/ids.ts";
import { height } from "../../src/primitives/numbers.ts";
import { encodeOperation } from "../../src/primitives/operation.ts";
import {
  encodeStatementProof,
  type StatementProofEntry,
} from "../../src/primitives/statement-proof.ts";
import { namedUuid } from "../support/operations.ts";
import { onlyRecord } from "./proof-workshop.ts";
import { networkId, payment } from "./workshop.ts";

export const STATEMENT_ENTRIES = 10_000;

export function longStatement(): { readonly walletId: WalletId; readonly bytes: Bytes } {
  const walletId = payment.to;
  const network = { hash: sha256, networkId };
  let record = emptyWallet({ id: walletId, publicKey: payment.author, asset: 0 });
  const entries: StatementProofEntry[] = [];
  for (let i = 0; i < STATEMENT_ENTRIES; i++) {
    const isPaid = i % 2 === 1;
    const [from, to] = isPaid ? [walletId, payment.from] : [payment.from, walletId];
    const operation = {
      ...payment,
      from,
      to,
      id: namedUuid(`payment ${i}`),
      reference: `invoice ${i}`,
    };
    const bytes = encodeOperation(networkId, { ...operation, amount: amount(25n) });
    const at: StatementEntry = {
      height: height(1 + Math.floor(i / 10)),
      operationHash: sha256(bytes),
      delta: isPaid ? -25n : 25n,
    };
    record = appendEntry(network, record, at);
    entries.push({ height: at.height, delta: at.delta, operation: { kind: "operation", bytes } });
  }
  const closing = onlyRecord(walletId, encodeWalletRecord(networkId, record));
  return { walletId, bytes: encodeStatementProof({ closing, entries }) };
}
