import { create } from "@bufbuild/protobuf";
import { createClient, createContextValues, createRouterTransport } from "@connectrpc/connect";
import { expect, it } from "vitest";
import { LedgerService } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { CALL_SCOPES } from "../../src/access/call-scopes.ts";
import { OPEN_CALLER } from "../../src/access/principal.ts";
import { fromCaller } from "../../src/transport/call-gate.ts";
import type { CallContext, LedgerApi } from "../../src/transport/ledger-api.ts";
import { createLedgerService, createLedgerStreams } from "../../src/transport/ledger-service.ts";
import { Refusal } from "../../src/transport/refusal.ts";
import { throwingStreams } from "../../src/transport/stream-service.ts";
import { createSubmitService } from "../../src/transport/submit-service.ts";
import { throwing } from "../../src/transport/unary-service.ts";
import { createLedgerDouble, transferId, walletA, walletB } from "./ledger-double.ts";

/** The double, and the callers of its methods by name. */
function watchedLedger() {
  const double = createLedgerDouble();
  const callers = new Map<string, string>();
  const note = <T>(name: string, call: CallContext, answer: T): T => {
    callers.set(name, call.caller.principal);
    return answer;
  };
  const api: LedgerApi = {
    createWallet: (command, call) => note("createWallet", call, double.createWallet(command, call)),
    transfer: (command, call) => note("transfer", call, double.transfer(command, call)),
    submitTransfer: (command, call) =>
      note("submitTransfer", call, double.submitTransfer(command, call)),
    cancel: (command, call) => note("cancel", call, double.cancel(command, call)),
    getWallet: (query, call) => note("getWallet", call, double.getWallet(query, call)),
    getReceipt: (query, call) => note("getReceipt", call, double.getReceipt(query, call)),
    listEntries: (query, call) => note("listEntries", call, double.listEntries(query, call)),
    listBlocks: (query, call) => note("listBlocks", call, double.listBlocks(query, call)),
    getBlock: (query, call) => note("getBlock", call, double.getBlock(query, call)),
    listTransactions: (query, call) =>
      note("listTransactions", call, double.listTransactions(query, call)),
    listWallets: (query, call) => note("listWallets", call, double.listWallets(query, call)),
    subscribe: (query, call) => note("subscribe", call, double.subscribe(query, call)),
    listPeers: (call) => note("listPeers", call, double.listPeers(call)),
    getNetwork: (call) => note("getNetwork", call, double.getNetwork(call)),
    getStatus: (call) => note("getStatus", call, double.getStatus(call)),
    // A part of GetStatus.
    throughput: (call) => double.throughput(call),
  };
  return { api, callers };
}

it("tells every call of the ledger who calls", async () => {
  const { api, callers } = watchedLedger();
  const alice = { ...OPEN_CALLER, principal: "token:alice" };
  const transport = createRouterTransport(
    (router) => {
      router.service(LedgerService, {
        ...throwing(createLedgerService(api)),
        ...throwingStreams(createLedgerStreams(api)),
        ...createSubmitService({ api }),
      });
    },
    { router: { interceptors: [fromCaller(alice)] } },
  );
  const client = createClient(LedgerService, transport);
  await client.walletCreation({});
  await client.transaction({ transaction: { from: walletA, to: walletB, amount: 1n } });
  const submission = { transfers: [{ number: 1, operation: new Uint8Array(9) }] };
  for await (const _ of client.submitTransactions(only(submission))) break;
  await client.cancelTransaction({
    cancellation: { from: walletA, id: transferId, validUntil: 9n },
    signature: new Uint8Array(64),
  });
  await client.getWallet({ id: walletA });
  await client.getReceipt({ from: walletA, id: transferId });
  await client.listEntries({ walletId: walletA });
  await client.listBlocks({});
  await client.getBlock({ height: 7n });
  await client.listTransactions({});
  await client.listWallets({});
  for await (const _ of client.subscribe({})) break;
  await client.listPeers({});
  await client.getNetwork({});
  await client.getStatus({});
  const methods = Object.keys(LedgerService.method).length;
  expect([...callers.values()]).toEqual(new Array(methods).fill("token:alice"));
});

it("answers GetStatus with peers and throughput if they are asked for, each alone", async () => {
  const { api } = watchedLedger();
  const transport = createRouterTransport(
    (router) => router.service(LedgerService, throwing(createLedgerService(api))),
    { router: { interceptors: [fromCaller(OPEN_CALLER)] } },
  );
  const { getStatus, listPeers } = createClient(LedgerService, transport);
  const bare = await getStatus({});
  expect(bare.peers).toEqual([]);
  expect(bare.throughput).toBeUndefined();
  const withPeers = await getStatus({ withPeers: true });
  expect(withPeers.peers).toEqual((await listPeers({})).peers);
  expect(withPeers.throughput).toBeUndefined();
  const { peers, throughput } = await getStatus({ withThroughput: true });
  expect(peers).toEqual([]);
  expect(throughput?.operations).toHaveLength(60);
  expect(throughput?.blockMsMedian).toBe(120);
});

it("takes the scopes of ListPeers for GetStatus, which can show the peers too", () => {
  const { getStatus, listPeers } = CALL_SCOPES["countersign.v1.LedgerService"];
  expect(getStatus).toEqual(listPeers);
});

async function* only<T>(message: T): AsyncGenerator<T> {
  yield message;
}

it("answers a refusal as a value, which has no stack", async () => {
  const { api } = watchedLedger();
  const service = createLedgerService(api);
  const context = {
    service: LedgerService,
    method: LedgerService.method.getWallet,
    values: createContextValues(),
    signal: new AbortController().signal,
    timeoutMs: () => undefined,
  };
  const question = create(LedgerService.method.getWallet.input, { id: "no id" });
  const refused = await service.getWallet(question, context);
  expect(refused).toBeInstanceOf(Refusal);
  expect(refused).not.toBeInstanceOf(Error);
});
