/** Goal: one node that lies, refuses or is late does not decide what becomes of a file of payments. Method: a network in memory. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { create } from "@bufbuild/protobuf";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  SubmitTransactionsResponseSchema,
  SubmittedRefusalSchema,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import { EXIT } from "../../src/cli/command.ts";
import type { Member } from "../../src/cli/network-access.ts";
import { ProgressLine } from "../../src/cli/progress.ts";
import type { Terminal } from "../../src/cli/terminal.ts";
import { payFile } from "../../src/cli/transfer-file.ts";
import { WalletNames } from "../../src/cli/wallet-names.ts";
import { Wallet } from "../../src/client/wallet.ts";
import { entropy, sha256, signingKeyOf } from "../../src/node/base/crypto.ts";
import { amount } from "../../src/primitives/amount.ts";
import { toConnectError, wireRefusalOf } from "../../src/transport/errors.ts";
import { Refusal, type RefusalReason } from "../../src/transport/refusal.ts";
import { type Network, startNetwork } from "../client/network.ts";
import { expectAgreement } from "../node/network.ts";
import { namedSigningKey, randomUuid } from "../support/operations.ts";

type Submit = Member["client"]["calls"]["submitTransactions"];

let network: Network;
let folder: string;
beforeAll(async () => {
  network = await startNetwork();
  folder = mkdtempSync(join(tmpdir(), "countersign-transfer-file-"));
});
afterAll(async () => {
  await network?.cluster.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true });
});

async function fundedWallet(balance: bigint): Promise<Wallet> {
  const { networkId } = network.trust;
  const key = signingKeyOf(entropy(32));
  const made = new Wallet({ networkId, hash: sha256, key, creationId: randomUuid() });
  const terms = { asset: "EUR", validUntil: Date.now() + 60_000, initialBalance: amount(balance) };
  await network.cluster
    .client(1)
    .walletCreation(made.createIssued(terms, namedSigningKey("custody 2")));
  return made;
}

const terminal: Pick<Terminal, "note" | "progress"> = {
  note: () => undefined,
  progress: (what) => new ProgressLine(what, new PassThrough()),
};

/** Pays three payments of 5; the first member takes streams by `first`. */
async function pay(first: Submit) {
  const [wallet, payee] = [await fundedWallet(100n), await fundedWallet(1n)];
  const file = join(folder, `${wallet.id}.csv`);
  writeFileSync(file, `to,amount\n${`${payee.id},5\n`.repeat(3)}`);
  const members = [0, 1, 2, 3].map((i): Member => {
    const calls = network.cluster.client(i) as Member["client"]["calls"];
    const own = i === 0 ? { ...calls, submitTransactions: first } : calls;
    return { id: `node${i}`, address: "", client: { calls: own, close: () => undefined } };
  });
  const { cluster, trust } = network;
  const access = { genesis: cluster.genesis, trust, members, close: () => undefined };
  const answer = await payFile(terminal, {
    ...{ command: "transfer", file, network: access, members, wallet },
    ...{ asset: "EUR", names: new WalletNames(new Map()), until: "final", again: "again" },
  });
  // Another member than the one that answered: it may be behind.
  await expectAgreement(cluster);
  const { wallet: paid } = await cluster.client(2).getWallet({ id: payee.id });
  return { ...answer, balance: paid?.balance };
}

const done = { exitCode: EXIT.ok, value: expect.objectContaining({ applied: 3 }) };

it.each<[string, () => Error]>([
  ["its caller", () => toConnectError(new Refusal("PERMISSION_DENIED", { message: "no" }))],
  ["by a failure", () => toConnectError(new Refusal("INTERNAL", { message: "no" }))],
])("a member that refuses the stream, %s, is followed by the next", async (_, error) => {
  const answer = await pay(async function* () {
    yield* [];
    throw error();
  });
  expect(answer).toMatchObject({ ...done, balance: 16n });
});

it("a member whose answers prove nothing is followed by the next", async () => {
  const answer = await pay(async function* () {
    const refusals = [create(SubmittedRefusalSchema, { number: 77 })];
    yield create(SubmitTransactionsResponseSchema, { refusals });
  });
  expect(answer).toMatchObject({ ...done, balance: 16n });
});

/** Orders each transfer, and says of each that it was refused. */
function lyingThat(reason: RefusalReason): Submit {
  return async function* (requests, options) {
    const calls = network.cluster.client(0);
    for await (const message of calls.submitTransactions(requests, options)) {
      const { detail } = wireRefusalOf(new Refusal(reason, { message: "no" }));
      const refusals = message.results.map(({ number }) =>
        create(SubmittedRefusalSchema, { number, detail }),
      );
      yield create(SubmitTransactionsResponseSchema, { refusals });
    }
  };
}

it.each<RefusalReason>([
  "WINDOW_PAST",
  "SHUTTING_DOWN",
  "CANCELED",
  "DEADLINE_EXCEEDED",
  "INTERNAL",
])(
  "payments that a member ordered and answers with %s are paid once, and shown as paid",
  async (reason) => {
    expect(await pay(lyingThat(reason))).toMatchObject({ ...done, balance: 16n });
  },
);

it("payments that a member ordered and calls refused are not told to be free to pay again", async () => {
  const { exitCode, text, value } = await pay(lyingThat("MALFORMED"));
  expect(exitCode).toBe(EXIT.refused);
  expect(text).toMatch(/Refused is the word of one node\. It may have passed a payment on all the/);
  expect(value).toMatchObject({ refused: 3, continue: "again" });
});
