/** Goal: no lie of a node about transfers on a stream passes. Method: the true answers of a network in memory, changed on their way. */
import { once } from "node:events";
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type SubmitTransactionsResponse,
  SubmittedRefusalSchema,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import { ResultStatus } from "../../gen/countersign/v1/types_pb.ts";
import { type StreamedOutcome, submitTransactions } from "../../src/client/submit-transactions.ts";
import { SubmitFault } from "../../src/client/submitted-outcomes.ts";
import { Wallet } from "../../src/client/wallet.ts";
import { entropy, sha256, signingKeyOf } from "../../src/node/base/crypto.ts";
import { amount } from "../../src/primitives/amount.ts";
import type { Bytes } from "../../src/primitives/bytes.ts";
import { toConnectError } from "../../src/transport/errors.ts";
import { Refusal } from "../../src/transport/refusal.ts";
import type { GatewayClient } from "../support/cluster.ts";
import { namedSigningKey, randomUuid } from "../support/operations.ts";
import { type Network, startNetwork } from "./network.ts";

type Calls = Pick<GatewayClient, "submitTransactions">;

let network: Network;
let wallet: Wallet;
let transfers: readonly Bytes[];

beforeAll(async () => {
  network = await startNetwork();
  wallet = await fundedWallet(1_000n);
  const payee = await fundedWallet(1n);
  transfers = [5n, 7n, 11n].map((sum) =>
    wallet.transferBytes({
      id: randomUuid(),
      to: payee.id,
      asset: "EUR",
      amount: amount(sum),
      validUntil: Date.now() + 600_000,
    }),
  );
  await all(network.cluster.client(0));
});

afterAll(() => network.cluster.stop());

async function fundedWallet(balance: bigint): Promise<Wallet> {
  const { networkId } = network.trust;
  const key = signingKeyOf(entropy(32));
  const made = new Wallet({ networkId, hash: sha256, key, creationId: randomUuid() });
  const terms = { asset: "EUR", validUntil: Date.now() + 60_000, initialBalance: amount(balance) };
  const request = made.createIssued(terms, namedSigningKey("custody 2"));
  await network.cluster.client(1).walletCreation(request);
  return made;
}

async function all(calls: Calls, sent: Iterable<Bytes> | AsyncIterable<Bytes> = transfers) {
  const outcomes: StreamedOutcome[] = [];
  for await (const outcome of submitTransactions(calls, network.trust, sent))
    outcomes.push(outcome);
  return outcomes;
}

/** The network, whose answers `change` changes. */
function changed(change: (message: SubmitTransactionsResponse) => void): Calls {
  return {
    async *submitTransactions(requests, options) {
      for await (const message of network.cluster.client(0).submitTransactions(requests, options)) {
        change(message);
        yield message;
      }
    },
  };
}

/** With one bit changed. */
function bent(bytes: Bytes | undefined): Bytes {
  const copy = new Uint8Array(bytes ?? expect.fail("there are bytes to change"));
  copy[20] = (copy[20] ?? 0) ^ 1;
  return copy;
}

describe("answers that a node has changed", () => {
  it("are believed as they are", async () => {
    const outcomes = await all(changed(() => undefined));
    expect(outcomes.map(({ kind, number }) => `${kind} ${number}`).toSorted()).toEqual([
      "result 0",
      "result 1",
      "result 2",
    ]);
  });

  it.each<[string, (message: SubmitTransactionsResponse) => void, RegExp]>([
    [
      "a seal",
      ({ proof }) =>
        Object.assign(proof?.sealedHeader ?? {}, { seal: bent(proof?.sealedHeader?.seal) }),
      /sealedHeader.seal is not the group key's signature/,
    ],
    [
      "a group key",
      ({ proof }) =>
        Object.assign(proof?.keyCertificate ?? {}, {
          groupPublicKey: bent(proof?.keyCertificate?.groupPublicKey),
        }),
      /keyCertificate/,
    ],
    [
      "a leaf",
      ({ results }) => {
        for (const result of results) result.leaf = bent(result.leaf);
      },
      /a result does not prove itself/,
    ],
    [
      "a place",
      ({ results }) => {
        for (const result of results) result.index += 1;
      },
      /path/,
    ],
    [
      "a status",
      ({ results }) => {
        for (const { result } of results) if (result) result.status = ResultStatus.DECLINED;
      },
      /not what its leaf says/,
    ],
    [
      "the view of a header",
      ({ proof }) => {
        const header = proof?.sealedHeader?.header;
        if (header !== undefined) header.view += 1n;
      },
      /header/,
    ],
    ["a proof left out", (message) => void delete message.proof, /without a proof/],
    [
      "results of one another",
      ({ results }) => {
        for (const result of results) result.number = (result.number + 1) % 3;
      },
      /is of another operation/,
    ],
    [
      "a number that was not sent",
      ({ results }) => {
        for (const result of results) result.number = 9;
      },
      /an outcome came for 9/,
    ],
    ["an outcome twice", ({ results }) => void results.push(...results), /an outcome came for/],
    [
      "a refusal without a reason",
      (message) => {
        const refusal = create(SubmittedRefusalSchema, { number: message.results[0]?.number ?? 0 });
        message.results = [];
        message.refusals = [refusal];
      },
      /has no reason/,
    ],
  ])("are found: %s", async (_, change, problem) => {
    const lie = all(changed(change));
    await expect(lie).rejects.toThrow(problem);
    await expect(lie).rejects.toThrow(SubmitFault);
  });
});

describe("a stream that ends", () => {
  const ending = (error: Error, count: number): Calls & { streams: number } => ({
    streams: 0,
    async *submitTransactions(requests, options) {
      this.streams += 1;
      if (this.streams <= count) throw error;
      yield* network.cluster.client(0).submitTransactions(requests, options);
    },
  });

  it.each([
    ["with its connection", new ConnectError("lost", Code.Unavailable)],
    ["with its node", toConnectError(new Refusal("SHUTTING_DOWN", { message: "closing" }))],
  ])("%s is followed by another one", async (_, error) => {
    const calls = ending(error, 2);
    expect(await all(calls)).toHaveLength(3);
    expect(calls.streams).toBe(3);
  });

  it("again and again is given up", async () => {
    const error = new ConnectError("lost", Code.Unavailable);
    const outcomes = submitTransactions(ending(error, 9), network.trust, transfers, {
      attemptsMax: 2,
    });
    await expect(outcomes.next()).rejects.toThrow("lost");
  });

  it("because its node gives no outcome is followed by another one", async () => {
    let streams = 0;
    const aborted: boolean[] = [];
    const calls: Calls = {
      async *submitTransactions(requests, options) {
        streams += 1;
        if (streams > 1)
          return yield* network.cluster.client(0).submitTransactions(requests, options);
        for await (const _ of requests) {
          // Takes all, and says nothing.
        }
        const { signal } = options ?? {};
        if (signal?.aborted === false) await once(signal, "abort");
        aborted.push(signal?.aborted ?? false);
        throw new ConnectError("aborted", Code.Canceled);
      },
    };
    const outcomes: StreamedOutcome[] = [];
    const options = { silenceMs: 300 };
    for await (const outcome of submitTransactions(calls, network.trust, transfers, options))
      outcomes.push(outcome);
    expect(outcomes).toHaveLength(3);
    expect({ streams, aborted }).toEqual({ streams: 2, aborted: [true] });
  });

  it.each([
    [
      "a refusal of its caller",
      toConnectError(new Refusal("PERMISSION_DENIED", { message: "no" })),
    ],
    ["an unknown call", new ConnectError("unimplemented", Code.Unimplemented)],
  ])("by %s ends everything", async (_, error) => {
    const calls = ending(error, 1);
    await expect(all(calls)).rejects.toThrow(error.message);
    expect(calls.streams).toBe(1);
  });

  it("by the error of its source ends everything", async () => {
    async function* failing() {
      yield transfers[0] ?? expect.fail();
      throw new Error("the file is gone");
    }
    await expect(all(network.cluster.client(0), failing())).rejects.toThrow("the file is gone");
    await expect(all(network.cluster.client(0), [new Uint8Array(9)])).rejects.toThrow(RangeError);
  });
});
