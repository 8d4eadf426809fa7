import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { describe, expect, test } from "vitest";
import { PeerService } from "../../gen/countersign/v1/peer_service_pb.ts";
import { utf8 } from "../../src/primitives/bytes.ts";
import { parseUuid } from "../../src/primitives/ids.ts";
import { epoch, height, view } from "../../src/primitives/numbers.ts";
import { batchToMessage } from "../../src/transport/convert-peer.ts";
import { readRefusal } from "../../src/transport/errors.ts";
import type { LinkBatch } from "../../src/transport/peer-api.ts";
import { createPeerClient, PeerFailure } from "../../src/transport/peer-client.ts";
import { Refusal } from "../../src/transport/refusal.ts";
import { header } from "./ledger-double.ts";
import {
  createPeerDouble,
  digest,
  recollection,
  registrationOf,
  session,
  signature,
  transportTo,
  verification,
  verificationAnswers,
} from "./peer-double.ts";

const never = new AbortController().signal;
const batch: LinkBatch = {
  operations: [utf8("operation")],
  consensusMessages: [utf8("vote"), utf8("proposal")],
  seals: [
    { kind: "notice", target: { kind: "test", epoch: epoch(1) }, seal: signature },
    {
      kind: "notice",
      target: { kind: "header", epoch: epoch(1), height: height(64) },
      seal: signature,
    },
  ],
};

describe("between nodes, what was said is what is heard:", () => {
  const peer = createPeerDouble();
  const client = createPeerClient(transportTo(peer, 2));

  test("registrations", async () => {
    expect(await client.register(registrationOf(2))).toEqual(registrationOf(0));
    expect(peer.asked.at(-1)).toEqual({
      what: "register",
      query: registrationOf(2),
      caller: 2,
    });
  });

  test("what a peer remembers of the caller", async () => {
    expect(await client.recall()).toEqual(recollection);
    expect(peer.asked.at(-1)).toMatchObject({ what: "recall", caller: 2 });
  });

  test("that it remembers nothing", async () => {
    const nothing = { registration: undefined, vote: undefined, entry: undefined };
    const blank = { ...nothing, view: view(1), finalization: undefined };
    const forgetful = { ...createPeerDouble(), recall: async () => blank };
    expect(await createPeerClient(transportTo(forgetful, 2)).recall()).toEqual(blank);
  });

  test.each([
    ["a share asked for", verification],
    [
      "the test message",
      {
        statement: {
          ...verification.statement,
          computed: undefined,
          request: {
            kind: "sign" as const,
            target: { kind: "test" as const, epoch: epoch(1) },
            session,
            commitments: [],
          },
        },
        signature,
      },
    ],
    [
      "a commitment asked for",
      {
        statement: {
          ...verification.statement,
          computed: undefined,
          request: { kind: "commitment" as const, epoch: epoch(3) },
        },
        signature,
      },
    ],
  ])("verification, %s", async (_name, signed) => {
    await client.verification(signed);
    expect(peer.asked.at(-1)).toEqual({ what: "verification", query: signed, caller: 2 });
  });

  test.each(verificationAnswers)("the answer $kind", async (answer) => {
    peer.verificationAnswer = answer;
    expect(await client.verification(verification)).toEqual(answer);
  });

  test("batches of a link", async () => {
    const failure = await client.link(
      (async function* () {
        yield batchToMessage(batch);
      })(),
      never,
    );
    expect(failure).toMatchObject({ kind: "unreachable", message: "the peer ended the link" });
    expect(peer.batches).toEqual([{ caller: 2, batch }]);
  });

  test("blocks by height and by hash", async () => {
    const byHeight = {
      start: { kind: "height" as const, height: height(3) },
      count: 256,
      headersOnly: true,
    };
    expect(await client.fetchBlocks(byHeight)).toEqual({
      blocks: [{ header: utf8("header"), operations: [utf8("one"), utf8("two")] }],
      finalization: utf8("final"),
      finalHeight: 7,
    });
    expect(peer.asked.at(-1)?.query).toEqual(byHeight);
    const byHash = {
      start: { kind: "hash" as const, hash: digest, above: height(5) },
      count: 1,
      headersOnly: false,
    };
    await client.fetchBlocks(byHash);
    expect(peer.asked.at(-1)?.query).toEqual({ ...byHash, withResults: false });
    await client.fetchBlocks({ ...byHash, withResults: true });
    expect(peer.asked.at(-1)?.query).toEqual({ ...byHash, withResults: true });
  });

  test("blocks with what became of them, and what certifies them", async () => {
    const full = createPeerDouble();
    const certified = {
      results: utf8("00"),
      finalization: utf8("final"),
      seal: new Uint8Array(64),
    };
    const blocks = [{ header: utf8("header"), operations: [], ...certified }];
    full.fetchBlocks = async () => ({ blocks, finalization: undefined, finalHeight: height(7) });
    const start = { kind: "hash", hash: digest, above: height(0) } as const;
    const query = { start, count: 1, headersOnly: false, withResults: true };
    const answer = await createPeerClient(transportTo(full, 1)).fetchBlocks(query);
    expect(answer).toEqual({ blocks, finalization: undefined, finalHeight: 7 });
  });

  test("snapshots, whole and in parts", async () => {
    const parts = { ceremony: utf8("ceremony"), wallets: [utf8("one"), utf8("two")] };
    const answer = { header: utf8("header"), finalization: utf8("final"), ...parts };
    for (const query of [
      { height: undefined, after: undefined },
      { height: height(0), after: undefined },
      { height: height(7), after: parseUuid("01234567-89ab-4def-8123-456789abcdef") },
    ]) {
      expect(await client.fetchSnapshot(query)).toEqual(answer);
      expect(peer.asked.at(-1)).toEqual({ what: "fetchSnapshot", query, caller: 2 });
    }
  });

  test("the time", async () => {
    expect(await client.readClock()).toEqual({ wallClock: header.time, bodiesFrom: 7 });
    expect(peer.asked.at(-1)).toMatchObject({ what: "readClock", caller: 2 });
    for (const [time, kind] of [
      [Number.MAX_SAFE_INTEGER, "object"],
      [Number.MAX_SAFE_INTEGER + 1, "malformed"],
      [2 ** 63, "malformed"],
    ] as const) {
      const odd = { ...createPeerDouble(), readClock: async () => ({ wallClock: time }) };
      const answer = await createPeerClient(transportTo(odd, 2)).readClock();
      expect(answer instanceof PeerFailure ? answer.kind : typeof answer).toBe(kind);
    }
  });

  test("operations and certificates", async () => {
    expect(await client.fetchOperations([digest, digest])).toEqual([utf8("one")]);
    expect(peer.asked.at(-1)?.query).toEqual([digest, digest]);
    const query = { epoch: epoch(1), view: view(4) };
    expect(await client.fetchCertificates(query)).toEqual({
      view: 9,
      certificates: [utf8("entry")],
      finalization: utf8("final"),
    });
    expect(peer.asked.at(-1)?.query).toEqual(query);
  });
});

describe("PeerService", () => {
  test("tells a stranger that it is one, at every call, but accepts its signed messages", async () => {
    const peer = createPeerDouble();
    const stranger = createPeerClient(transportTo(peer, undefined));
    const denied = { kind: "refused", refusal: { reason: "NOT_A_MEMBER" } };
    const start = { kind: "height" as const, height: height(0) };
    expect(await stranger.fetchBlocks({ start, count: 1, headersOnly: true })).toMatchObject(
      denied,
    );
    expect(await stranger.fetchOperations([digest])).toMatchObject(denied);
    expect(await stranger.fetchCertificates({ epoch: epoch(1), view: view(1) })).toMatchObject(
      denied,
    );
    const nothing = (async function* () {
      yield batchToMessage(batch);
    })();
    expect(await stranger.link(nothing, never)).toMatchObject(denied);
    expect(peer.batches).toEqual([]);
    await stranger.register(registrationOf(2));
    expect(peer.asked).toEqual([{ what: "register", query: registrationOf(2), caller: undefined }]);
  });

  test.each<[string, object, string, string]>([
    ["nothing", {}, "MISSING_FIELD", "statement"],
    [
      "a short network id",
      { statement: { networkId: digest.slice(1) } },
      "MALFORMED",
      "statement.networkId",
    ],
    [
      "a sender beyond every network",
      { statement: { networkId: digest, sender: 100 } },
      "LIMIT",
      "statement.sender",
    ],
    [
      "a session without a number",
      {
        statement: {
          networkId: digest,
          request: { case: "share", value: { target: { epoch: 1n } } },
        },
      },
      "MISSING_FIELD",
      "statement.share.session",
    ],
    [
      "a height that JavaScript cannot count",
      {
        statement: {
          networkId: digest,
          request: { case: "share", value: { target: { epoch: 1n, height: 1n << 53n } } },
        },
      },
      "LIMIT",
      "statement.share.target.height",
    ],
    [
      "too many commitments",
      {
        statement: {
          networkId: digest,
          request: {
            case: "share",
            value: { target: { epoch: 1n }, session: {}, commitments: new Array(101).fill({}) },
          },
        },
      },
      "LIMIT",
      "statement.share.commitments",
    ],
    [
      "a short point",
      {
        statement: {
          networkId: digest,
          request: {
            case: "share",
            value: {
              target: { epoch: 1n },
              session: {},
              commitments: [{ commitment: { hiding: digest, binding: digest.slice(1) } }],
            },
          },
        },
      },
      "MALFORMED",
      "statement.share.commitments[0].commitment.binding",
    ],
    ["no signature", { statement: { networkId: digest } }, "MISSING_FIELD", "signature"],
  ])("refuses a verification with %s", async (_name, request, reason, field) => {
    const peer = createPeerDouble();
    const client = createClient(PeerService, transportTo(peer, 1));
    const error = await client.verification(request).catch(ConnectError.from);
    expect(readRefusal(error)).toMatchObject({ reason, field });
    expect(peer.asked).toEqual([]);
  });

  test.each<[string, object, string, string]>([
    ["no start", { count: 1 }, "MISSING_FIELD", "fromHeight"],
    ["no count", { start: { case: "fromHeight", value: 1n } }, "LIMIT", "count"],
    [
      "too large a count",
      { start: { case: "fromHeight", value: 1n }, count: 257 },
      "LIMIT",
      "count",
    ],
    [
      "a short hash",
      { start: { case: "fromHash", value: digest.slice(1) }, count: 1 },
      "MALFORMED",
      "fromHash",
    ],
  ])("refuses to fetch blocks with %s", async (_name, request, reason, field) => {
    const client = createClient(PeerService, transportTo(createPeerDouble(), 1));
    const error = await client.fetchBlocks(request).catch(ConnectError.from);
    expect(readRefusal(error)).toMatchObject({ reason, field });
  });

  test("ends a link with the refusal of a batch", async () => {
    const peer = createPeerDouble();
    peer.onReceive = async () => new Refusal("TOO_MANY_REQUESTS", { message: "slow down" });
    const client = createPeerClient(transportTo(peer, 1));
    const batches = (async function* () {
      for (;;) yield batchToMessage(batch);
    })();
    expect(await client.link(batches, never)).toMatchObject({
      kind: "refused",
      refusal: { reason: "TOO_MANY_REQUESTS" },
    });
    expect(peer.batches.length).toBe(1);
  });

  test("ends a link at an item above its bound", async () => {
    const peer = createPeerDouble();
    const client = createPeerClient(transportTo(peer, 1));
    const batches = (async function* () {
      yield batchToMessage({ ...batch, operations: [new Uint8Array(64 * 1024 + 1)] });
    })();
    expect(await client.link(batches, never)).toMatchObject({
      kind: "refused",
      refusal: { reason: "LIMIT", field: "operations[0]" },
    });
    expect(peer.batches).toEqual([]);
  });

  test("reads the next batch only when the last one was taken", async () => {
    const peer = createPeerDouble();
    let release = (): void => undefined;
    peer.onReceive = () =>
      new Promise((resolve) => {
        release = () => resolve(undefined);
      });
    const client = createPeerClient(transportTo(peer, 1));
    let sent = 0;
    const end = new AbortController();
    const link = client.link(
      (async function* () {
        for (; sent < 1000; sent++) yield batchToMessage(batch);
      })(),
      end.signal,
    );
    await expect.poll(() => peer.batches.length).toBe(1);
    // Some of them are on their way, but by far not all.
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(peer.batches.length).toBe(1);
    expect(sent).toBeLessThan(100);
    release();
    await expect.poll(() => peer.batches.length).toBe(2);
    end.abort();
    await link;
  });

  test("T3: keeps the newest link of a peer and ends the older one", async () => {
    const peer = createPeerDouble();
    const client = createPeerClient(transportTo(peer, 1));
    async function* endless(signal: AbortSignal) {
      yield batchToMessage(batch);
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    }
    const end = new AbortController();
    const older = client.link(endless(end.signal), end.signal);
    await expect.poll(() => peer.batches.length).toBe(1);
    const newer = client.link(endless(end.signal), end.signal);
    expect(await older).toMatchObject({ message: "the peer ended the link" });
    await expect.poll(() => peer.batches.length).toBe(2);
    const other = createPeerClient(transportTo(peer, 2)).link(endless(end.signal), end.signal);
    await expect.poll(() => peer.batches.length).toBe(3);
    const running = await Promise.race([newer, other, Promise.resolve("running")]);
    expect(running).toBe("running");
    end.abort();
    await Promise.all([newer, other]);
  });

  test("calls an answer malformed that breaks the contract", async () => {
    const peer = createPeerDouble();
    const client = createPeerClient(transportTo(peer, 1));
    peer.verificationAnswer = {
      kind: "share",
      session,
      share: digest.slice(1),
      next: { hiding: digest, binding: digest },
    };
    expect(await client.verification(verification)).toMatchObject({
      kind: "malformed",
      message: "share.share: must have 32 bytes, not 31",
    });
  });

  test("gives up in time", async () => {
    const peer = createPeerDouble();
    peer.register = () => new Promise(() => undefined);
    const client = createPeerClient(transportTo(peer, 1));
    expect(await client.register(registrationOf(1), { timeoutMs: 20 })).toMatchObject({
      kind: "unreachable",
    });
  });

  test("an internal failure of the callee is no refusal", async () => {
    const peer = createPeerDouble();
    peer.register = async () => {
      throw new Error("a bug");
    };
    const client = createClient(PeerService, transportTo(peer, 1));
    const error = await client.register({}).catch(ConnectError.from);
    expect(error).toMatchObject({ code: Code.InvalidArgument });
    expect(await createPeerClient(transportTo(peer, 1)).register(registrationOf(1))).toMatchObject({
      kind: "unreachable",
    });
  });
});
