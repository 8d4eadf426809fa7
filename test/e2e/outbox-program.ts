// A program that pays from an outbox, for outbox.test.ts: it may be killed at any instant and started again. Its only argument is a file in JSON.
import { readFileSync } from "node:fs";
import { createLedgerClient, type GatewayEndpoint } from "../../src/client/node-ledger-client.ts";
import { Outbox } from "../../src/client/outbox.ts";
import { openOutboxFile } from "../../src/client/outbox-file.ts";
import { Wallet } from "../../src/client/wallet.ts";
import { isValidPoint, sha256, signingKeyOf, verify } from "../../src/node/base/crypto.ts";
import { loadGenesis } from "../../src/node/files/genesis-file.ts";
import { fromHex } from "../../src/primitives/bytes.ts";
import type { OperationId } from "../../src/primitives/ids.ts";

export interface OutboxProgram {
  readonly genesisFile: string;
  readonly caFile: string;
  readonly outboxFile: string;
  readonly endpoints: readonly GatewayEndpoint[];
  /** Hexadecimal. */
  readonly seed: string;
  readonly creationId: OperationId;
  readonly payee: string;
  readonly payments: readonly { readonly id: string; readonly lifetimeMs: number }[];
}

const [file = ""] = process.argv.slice(2);
const given: OutboxProgram = JSON.parse(readFileSync(file, "utf8"));
const ledger = createLedgerClient({
  genesis: loadGenesis(given.genesisFile),
  cryptography: { hash: sha256, verify, isValidPoint },
  ca: readFileSync(given.caFile, "utf8"),
  endpoints: given.endpoints,
});
const key = signingKeyOf(fromHex(given.seed) ?? new Uint8Array());
const { networkId } = ledger.trust;
const wallet = new Wallet({ networkId, hash: sha256, key, creationId: given.creationId });
const storage = await openOutboxFile(given.outboxFile, { networkId, walletId: wallet.id });
const outbox = await Outbox.open({ ledger, wallet, storage, silenceMs: 3_000 });

async function payAll(): Promise<void> {
  for (const { id, lifetimeMs } of given.payments) {
    await outbox.pay({ id, to: given.payee, amount: "0.01 EUR", lifetimeMs });
  }
}

const paying = payAll();
let count = 0;
for await (const { id, state } of outbox.settled()) {
  console.log(`settled ${id} ${state}`);
  count += 1;
  if (count === given.payments.length) break;
}
await paying;
await outbox.close();
ledger.close();
console.log("done");
