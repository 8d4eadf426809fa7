// Wallets, payments and receipts on four real processes, through every way in which a client may call: by other programs at
// every node in a whole sweep, at one node each in a share of it.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fromJsonString } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import {
  GetReceiptResponseSchema,
  type TransactionResponse,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import { ResultStatus } from "../../gen/countersign/v1/types_pb.ts";
import { trustGenesis } from "../../src/client/receipt-verifier.ts";
import { submitTransactions } from "../../src/client/submit-transactions.ts";
import { Wallet } from "../../src/client/wallet.ts";
import { entropy, isValidPoint, sha256, signingKeyOf, verify } from "../../src/node/base/crypto.ts";
import { loadGenesis } from "../../src/node/files/genesis-file.ts";
import { amount } from "../../src/primitives/amount.ts";
import { parseUuid } from "../../src/primitives/ids.ts";
import { readRefusal } from "../../src/transport/errors.ts";
import { Devnet, type DevnetPlace, leavePlace, newPlace } from "../support/devnet.ts";
import { ROOT, run } from "../support/guarded-process.ts";
import { randomUuid } from "../support/operations.ts";
import { sweep } from "../support/sweep.ts";
import { compareNodes, untilSameHeight } from "./agreement.ts";
import { curl, type LedgerCalls, rpcPath, WAYS } from "./ways.ts";

let place: DevnetPlace;
let devnet: Devnet;
/** Every wallet that any test created. */
const walletIds: string[] = [];

beforeAll(async () => {
  place = await newPlace();
  devnet = await Devnet.start(place);
  await devnet.untilLinked();
});

afterAll(async () => {
  await devnet?.stop();
  await leavePlace(place);
});

const NODES = [0, 1, 2, 3];
const next = (node: number) => (node + 1) % NODES.length;

async function createWallet(calls: LedgerCalls, balance: bigint, asset = ""): Promise<string> {
  const { wallet, result } = await calls.walletCreation({ initialBalance: balance, asset });
  expect(result?.status).toBe(ResultStatus.APPLIED);
  expect(wallet?.balance).toBe(balance);
  const id = wallet?.id ?? "";
  walletIds.push(id);
  return id;
}

function expectSealed({ result, receipt }: TransactionResponse): void {
  expect(result?.status).toBe(ResultStatus.APPLIED);
  expect(receipt?.sealPending).toBe(false);
  expect(receipt?.sealedHeader?.seal).toHaveLength(64);
}

/** As node 1 reports it, from a state of at least this height. */
async function balances(ids: readonly string[], minHeight = 0n): Promise<(bigint | undefined)[]> {
  const answers = await Promise.all(ids.map((id) => devnet.calls(0).getWallet({ id, minHeight })));
  return answers.map(({ wallet }) => wallet?.balance);
}

describe("wallets are created and paid on every node", () => {
  it.for(WAYS)("by $name", async (way) => {
    const { calls, byProgram } = way;
    const one = [WAYS.indexOf(way) % NODES.length];
    for (const node of byProgram ? sweep({ whole: NODES, share: one }) : NODES) {
      const [own, other] = [calls(devnet, node), calls(devnet, next(node))];
      const [from, to] = [await createWallet(own, 1000n), await createWallet(other, 0n)];
      const paid = await own.transaction({ transaction: { from, to, amount: 25n } });
      expectSealed(paid);
      // The asked node may be a block behind, so the call names the height of the payment.
      const minHeight = paid.receipt?.sealedHeader?.header?.height ?? 0n;
      const { wallet } = await other.getWallet({ id: to, minHeight });
      expect(wallet?.balance).toBe(25n);
    }
  });
});

it("streams of signed transfers are answered by results that prove themselves", async () => {
  const network = await devnet.calls(0).getNetwork({});
  const key = signingKeyOf(entropy(32));
  const creationId = randomUuid();
  const { networkId } = network;
  const wallet = new Wallet({ networkId, hash: sha256, key, creationId });
  const { publicKey } = key;
  await devnet.calls(0).walletCreation({ initialBalance: 1_000n, publicKey, creationId });
  const to = await createWallet(devnet.calls(1), 0n);
  walletIds.push(wallet.id);
  const transfers = Array.from({ length: 40 }, (_, i) =>
    wallet.transferBytes({
      id: randomUuid(),
      to: parseUuid(to) ?? expect.fail(),
      asset: "EUR",
      amount: amount(BigInt(1 + i)),
      validUntil: Date.now() + 600_000,
    }),
  );
  const genesis = loadGenesis(join(place.data, "genesis.json"));
  const trust = trustGenesis(genesis, { hash: sha256, verify, isValidPoint });
  const sealed: number[] = [];
  for await (const outcome of submitTransactions(devnet.calls(2), trust, transfers)) {
    if (outcome.kind === "refused") expect.fail(outcome.refusal.message);
    expect(outcome.receipt.result.status).toBe("applied");
    expect(outcome.receipt.receipt.proof.kind).toBe("sealed");
    sealed.push(outcome.number);
  }
  expect(sealed.toSorted((a, b) => a - b)).toEqual([...transfers.keys()]);
});

describe("a node", () => {
  it("answers reads by HTTP GET, and tells its peers on the plain path", async () => {
    const query = `encoding=json&message=${encodeURIComponent("{}")}`;
    const status = await curl(devnet, 2, { path: `${rpcPath("GetStatus")}?${query}` });
    expect(status.status).toBe(200);
    expect(JSON.parse(status.body)).toMatchObject({ nodeId: "node3", ready: true });
    const peers = await curl(devnet, 2, { path: "peers" });
    expect(peers.status).toBe(200);
    const told: unknown = JSON.parse(peers.body);
    const named = ["node1", "node2", "node4"].map((nodeId) => ({ nodeId, connected: true }));
    expect(told).toMatchObject({ peers: named });
  });

  it("says by the health protocol that it takes payments", async () => {
    const health = await curl(devnet, 1, { path: "grpc.health.v1.Health/Check", body: "{}" });
    expect(JSON.parse(health.body)).toEqual({ status: "SERVING" });
  });

  it("answers a repeated payment with the first result, through any other node", async () => {
    const from = await createWallet(devnet.calls(0), 1000n);
    const to = await createWallet(devnet.calls(1), 0n);
    const first = await devnet.calls(0).transaction({ transaction: { from, to, amount: 10n } });
    if (first.transaction === undefined) throw new Error("no transaction");
    for (const node of NODES) {
      const again = await devnet.calls(node).transaction({ transaction: first.transaction });
      expect(again.receipt?.leaf).toEqual(first.receipt?.leaf);
    }
    expect(await balances([from, to])).toEqual([990n, 10n]);
  });

  it("sends a client to the node that keeps the key of a custodial wallet", async () => {
    const from = await createWallet(devnet.calls(0), 1000n);
    const to = await createWallet(devnet.calls(0), 0n);
    const transaction = { from, to, amount: 10n };
    await untilSameHeight(devnet);
    const refused = await devnet.calls(1).transaction({ transaction }).catch(readRefusal);
    expect(refused).toMatchObject({ reason: "NOT_CUSTODIAN" });
    expect(JSON.stringify(refused)).toContain(devnet.node(0).url.replace("https://", ""));
  });
});

describe("L14: a second asset", () => {
  it("is paid like the first, and never into a wallet of the first", async () => {
    const calls = devnet.calls(2);
    const [dollars, more] = [
      await createWallet(calls, 500n, "USD"),
      await createWallet(devnet.calls(3), 0n, "USD"),
    ];
    const euros = await createWallet(calls, 0n, "EUR");
    const paid = await calls.transaction({ transaction: { from: dollars, to: more, amount: 5n } });
    expectSealed(paid);
    const transaction = { from: dollars, to: euros, amount: 5n };
    const refused = await calls.transaction({ transaction }).catch(readRefusal);
    expect(refused).toMatchObject({ reason: "ASSET_MISMATCH" });
    const minHeight = paid.receipt?.sealedHeader?.header?.height ?? 0n;
    expect(await balances([dollars, more, euros], minHeight)).toEqual([495n, 5n, 0n]);
  });
});

describe("a wallet whose key its owner keeps", () => {
  it("pays through any node, and only with its owner's signature", async () => {
    const { networkId } = await devnet.calls(0).getNetwork({});
    const key = signingKeyOf(entropy(32));
    const wallet = new Wallet({ networkId, hash: sha256, key, creationId: randomUuid() });
    const validUntil = Date.now() + 600_000;
    const creation = wallet.create({ asset: "EUR", validUntil });
    const created = await devnet.calls(1).walletCreation(creation);
    expect(created.wallet).toMatchObject({ id: wallet.id, balance: 0n });
    expect(created.wallet?.custodian).toBeUndefined();
    walletIds.push(wallet.id);
    const funder = await createWallet(devnet.calls(0), 1000n);
    const transaction = { from: funder, to: wallet.id, amount: 100n };
    expectSealed(await devnet.calls(0).transaction({ transaction }));

    const to = parseUuid(funder);
    if (to === undefined) throw new Error(`${funder} is no id`);
    const request = wallet.transfer({
      id: randomUuid(),
      to,
      asset: "EUR",
      amount: amount(40n),
      validUntil,
    });
    const forged = { ...request, signature: signingKeyOf(entropy(32)).sign(networkId) };
    const refusal = await devnet.calls(3).transaction(forged).catch(readRefusal);
    expect(refusal).toMatchObject({ reason: "INVALID_SIGNATURE" });
    const unsigned = { transaction: request.transaction ?? {} };
    const unasked = await devnet.calls(3).transaction(unsigned).catch(readRefusal);
    expect(unasked).toMatchObject({ reason: "MISSING_FIELD", field: "signature" });
    expectSealed(await devnet.calls(3).transaction(request));
    // The same signed bytes through another gateway are the same payment.
    expectSealed(await devnet.calls(2).transaction(request));
    const minHeight = (await devnet.calls(2).getStatus({})).height;
    expect(await balances([wallet.id, funder], minHeight)).toEqual([60n, 940n]);

    // L28: the payment is the answer to its cancellation; a payment that is cancelled first is not made. By every way.
    const paid = request.transaction?.id ?? "";
    for (const [place, { calls }] of WAYS.entries()) {
      const node = calls(devnet, place % NODES.length);
      const late = wallet.cancellation({ id: parseUuid(paid) ?? expect.fail(), validUntil });
      expect((await node.cancelTransaction(late)).operation).toMatchObject({
        case: "transaction",
        value: { id: paid, amount: 40n },
      });
    }
    const id = randomUuid();
    const first = await devnet.calls(0).cancelTransaction(wallet.cancellation({ id, validUntil }));
    expect(first).toMatchObject({ operation: { case: "cancellation" }, result: { status: 1 } });
    const never = wallet.transfer({ id, to, asset: "EUR", amount: amount(1n), validUntil });
    const refused = await devnet.calls(1).transaction(never).catch(readRefusal);
    expect(refused).toMatchObject({ reason: "PAYMENT_CANCELLED" });
  });
});

describe("a receipt", () => {
  /** A file as a user saves it: the output of curl. */
  let receiptFile: string;
  let text: string;

  beforeAll(async () => {
    const from = await createWallet(devnet.calls(0), 1000n);
    const to = await createWallet(devnet.calls(1), 0n);
    const paid = await devnet.calls(0).transaction({ transaction: { from, to, amount: 25n } });
    const body = JSON.stringify({ from, id: paid.transaction?.id });
    // From a node that neither party used. It is not one of those that made the seal, perhaps, and learns of it later.
    const sealed = async () => {
      const found = await devnet.calls(3).getReceipt({ from, id: paid.transaction?.id ?? "" });
      return found.receipt?.sealPending === false;
    };
    await vi.waitUntil(() => sealed().catch(() => false), { timeout: 120_000 });
    const answer = await curl(devnet, 3, { path: rpcPath("GetReceipt"), body });
    text = answer.body;
    receiptFile = join(place.home, "receipt.json");
    writeFileSync(receiptFile, text);
  });

  const verify = (file: string, genesis = devnet.genesisFile) =>
    run([
      process.execPath,
      `${ROOT}bin/countersign.js`,
      "receipt",
      "verify",
      file,
      "--genesis",
      genesis,
    ]);

  /** Changes one character in the middle of the first value of this field. */
  function middleOf(field: string): [string, string] {
    const [value = ""] = new RegExp(`"${field}":"[^"]+"`).exec(text) ?? [];
    const middle = Math.floor((value.length + field.length) / 2);
    const other = value[middle] === "5" ? "6" : "5";
    return [value, value.slice(0, middle) + other + value.slice(middle + 1)];
  }

  it("carries a seal that openssl accepts under the network's key, over its header's bytes alone", async () => {
    const { receipt } = fromJsonString(GetReceiptResponseSchema, text);
    const { groupPublicKeyPem = "" } = await devnet.calls(1).getNetwork({});
    const inHome = (name: string) => join(place.home, name);
    const [key, bytes, seal] = [inHome("group.pem"), inHome("bytes.bin"), inHome("seal.bin")];
    writeFileSync(key, groupPublicKeyPem);
    writeFileSync(bytes, receipt?.sealedHeader?.bytes ?? "");
    writeFileSync(seal, receipt?.sealedHeader?.seal ?? "");
    const openssl = [
      "openssl",
      "pkeyutl",
      "-verify",
      "-pubin",
      "-inkey",
      key,
      "-rawin",
      "-in",
      bytes,
      "-sigfile",
      seal,
    ];
    const accepted = await run(openssl);
    expect(accepted).toMatchObject({ code: 0, stdout: "Signature Verified Successfully\n" });
    writeFileSync(bytes, flipBit(readFileSync(bytes), 100));
    expect((await run(openssl)).code).not.toBe(0);
  });

  it("is accepted by countersign receipt verify against the genesis, with no node asked", async () => {
    const accepted = await verify(receiptFile);
    expect(accepted).toMatchObject({ code: 0, stderr: "" });
  });

  it("is refused by countersign receipt verify after a change of any part, in one line", async () => {
    const changed = join(place.home, "changed.json");
    const changes = [
      ...["leaf", "bytes", "seal", "groupPublicKey", "signature"].map(middleOf),
      ['"amount":"25"', '"amount":"52"'],
      ["RESULT_STATUS_APPLIED", "RESULT_STATUS_DECLINED"],
      ['"sealPending":false', '"sealPending":true'],
    ] as const;
    for (const [before, after] of changes) {
      expect(text).toContain(before);
      writeFileSync(changed, text.replace(before, after));
      const refused = await verify(changed);
      expect(refused, after).toMatchObject({ code: 1, stdout: "" });
      expect(refused.stderr.trim().split("\n")).toHaveLength(1);
    }
  });
});

describe("all nodes", () => {
  it("report the same balances, block hash and state root at the same height", async () => {
    expect(walletIds.length).toBeGreaterThan(40);
    const { tips, wallets } = await compareNodes(devnet, walletIds);
    expect([...tips]).toHaveLength(1);
    expect([...wallets]).toHaveLength(1);
  });
});

function flipBit(bytes: Buffer, bit: number): Buffer {
  const changed = Buffer.from(bytes);
  changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
  return changed;
}
