// A watch against nodes that die, are busy, refuse or lie.
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import {
  type Entry,
  EntryKind,
  EntrySchema,
  type LedgerService,
  OrderedTransactionSchema,
  type SubscribeRequest,
  SubscribeResponseSchema,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import { ResultStatus } from "../../gen/countersign/v1/types_pb.ts";
import type { GatewayClient } from "../../src/client/gateway-client.ts";
import { ListFault } from "../../src/client/lists.ts";
import { type WatchedEvent, type WatchTerms, watch } from "../../src/client/watch.ts";
import { toConnectError } from "../../src/transport/errors.ts";
import { Refusal, type RefusalReason } from "../../src/transport/refusal.ts";

const WALLET = "00000000-0000-8000-8000-00000000000a";
const OTHER = "00000000-0000-8000-8000-00000000000b";

/** Created with 100, then paid 1 each time. */
const ENTRIES: readonly Entry[] = Array.from({ length: 9 }, (_, place) =>
  create(EntrySchema, {
    number: BigInt(place + 1),
    kind: place === 0 ? EntryKind.CREATED : EntryKind.RECEIVED,
    amount: place === 0 ? 100n : 1n,
    balance: BigInt(100 + place),
    counterparty: place === 0 ? "" : OTHER,
    height: BigInt(5 + place),
    time: BigInt(1_000 + place),
    receipt: place === 0 ? { walletId: WALLET } : { from: OTHER, id: WALLET },
  }),
);

type Message = MessageInitShape<typeof SubscribeResponseSchema>;
type Step = Message | Error;

/** The cursor of an operation at this place, as nodes write it: the place, and a check that no client knows. */
function cursorAt(height: bigint, index = 0): string {
  const bytes = Buffer.alloc(24, 7);
  bytes.writeBigUInt64BE(height);
  bytes.writeUInt32BE(index, 8);
  return bytes.toString("base64url");
}

const refusal = (reason: RefusalReason, metadata = {}) =>
  toConnectError(new Refusal(reason, { message: "no", metadata }));
const lost = () => new ConnectError("gone", Code.Unavailable);

function of(...entries: readonly (Entry | undefined)[]) {
  const events = entries.map((entry) => {
    const { height = 0n } = entry ?? {};
    return {
      cursor: cursorAt(height),
      event: { case: "entry" as const, value: entry ?? create(EntrySchema) },
    };
  });
  return { events, cursor: events.at(-1)?.cursor ?? cursorAt(0n), height: 50n } satisfies Message;
}

/** A node whose calls do these things, one call after the other; the last one waits for its caller to leave. */
function nodeOf(...calls: readonly (readonly Step[])[]) {
  const asked: SubscribeRequest[] = [];
  const left: AbortSignal[] = [];
  const subscribe = async function* (
    question: MessageInitShape<typeof LedgerService.method.subscribe.input>,
    options?: { readonly signal?: AbortSignal },
  ) {
    const steps = calls[asked.length] ?? [];
    asked.push(question as SubscribeRequest);
    if (options?.signal !== undefined) left.push(options.signal);
    for (const step of steps) {
      if (step instanceof Error) throw step;
      yield create(SubscribeResponseSchema, step);
    }
    await new Promise<void>((resolve) => {
      options?.signal?.addEventListener("abort", () => resolve());
      if (options?.signal?.aborted === true) resolve();
    });
    throw new ConnectError("canceled", Code.Canceled);
  };
  return { asked, left, calls: { subscribe } as Pick<GatewayClient["calls"], "subscribe"> };
}

type FakeNode = ReturnType<typeof nodeOf>;

/** The first events of a watch of the wallet. */
async function take(
  count: number,
  nodes: readonly FakeNode[],
  terms: WatchTerms = {},
): Promise<WatchedEvent[]> {
  const found: WatchedEvent[] = [];
  const calls = nodes.map((node) => node.calls);
  for await (const event of watch(calls, { walletId: WALLET, ...terms })) {
    found.push(event);
    if (found.length === count) break;
  }
  return found;
}

const cursors = (events: readonly WatchedEvent[]) => events.map(({ cursor }) => cursor);

describe("a watch", () => {
  it("goes on from the cursor of its last event when its node dies, is cut or stops", async () => {
    const node = nodeOf(
      [of(), of(...ENTRIES.slice(0, 2)), lost()],
      [of(), of(ENTRIES[2]), refusal("SHUTTING_DOWN")],
      [refusal("TOO_MANY_REQUESTS", { retryAfterMs: "1" })],
      [of(), of(...ENTRIES.slice(3))],
    );
    const found = await take(9, [node], { fromHeight: 0n });
    expect(cursors(found)).toEqual(ENTRIES.map(({ height }) => cursorAt(height)));
    expect(node.asked).toMatchObject([
      { walletId: WALLET, fromHeight: 0n },
      { cursor: cursorAt(6n) },
      { cursor: cursorAt(7n) },
      { cursor: cursorAt(7n) },
    ]);
  });

  it("asks the next node when one is lost, from where it began if there was no event", async () => {
    const near = cursorAt(2n);
    const progress: unknown[] = [];
    const losses: number[] = [];
    const first = nodeOf([of(), { ...of(), cursor: cursorAt(40n) }, lost()]);
    const second = nodeOf([of(ENTRIES[0])]);
    await take(1, [first, second], {
      from: near,
      onProgress: ({ cursor, height }) => progress.push({ cursor, height }),
      onLost: (_, attempt) => losses.push(attempt),
    });
    expect(first.asked).toMatchObject([{ cursor: near }]);
    expect(second.asked).toMatchObject([{ cursor: near }]);
    expect(progress).toEqual([
      { cursor: near, height: 50n },
      { cursor: near, height: 50n },
    ]);
    expect(losses).toEqual([1]);
  });

  it("passes over no event because a node says that there was none", async () => {
    const silent = { ...of(), cursor: cursorAt(40n) };
    const first = nodeOf([of(), of(ENTRIES[0]), silent, silent, lost()]);
    const second = nodeOf([of(), of(...ENTRIES.slice(1))]);
    const found = await take(9, [first, second], { fromHeight: 0n });
    expect(cursors(found)).toEqual(ENTRIES.map(({ height }) => cursorAt(height)));
    expect(second.asked).toMatchObject([{ cursor: cursorAt(5n) }]);
  });

  it("begins at every node where it began at the first", async () => {
    const first = nodeOf([of(), { ...of(), cursor: cursorAt(40n) }, lost()]);
    const second = nodeOf([of(ENTRIES[0])]);
    await take(1, [first, second]);
    expect(first.asked[0]?.cursor).toBeUndefined();
    expect(second.asked).toMatchObject([{ cursor: cursorAt(0n) }]);
  });

  it("signs anew when a signature has run out, and ends if a credential is refused at once", async () => {
    const node = nodeOf([of(), refusal("UNAUTHENTICATED")], [refusal("UNAUTHENTICATED")]);
    await expect(take(1, [node])).rejects.toThrow("no");
    expect(node.asked).toHaveLength(2);
  });

  it.each(["UNKNOWN_WALLET", "PERMISSION_DENIED", "MALFORMED"] as const)(
    "ends with %s",
    async (reason) => {
      const node = nodeOf([of(), refusal(reason)]);
      await expect(take(1, [node])).rejects.toThrow("no");
      expect(node.asked).toHaveLength(1);
    },
  );

  it("ends the call when it is left, and when its signal aborts", async () => {
    const node = nodeOf([of(ENTRIES[0])], [of()]);
    await take(1, [node]);
    expect(node.left[0]?.aborted).toBe(true);
    const end = new AbortController();
    const watched = watch(node.calls, { walletId: WALLET }, { signal: end.signal });
    const next = watched.next();
    end.abort(new Error("enough"));
    await expect(next).rejects.toThrow("enough");
  });
});

describe("a node that lies in a stream is caught", () => {
  const changed = (place: number, fields: Partial<Entry>) =>
    ENTRIES.map((entry, i) => (i === place ? { ...entry, ...fields } : entry));

  it.each([
    ["repeats an event", [of(ENTRIES[0], ENTRIES[1], ENTRIES[1])]],
    ["leaves one out", [of(ENTRIES[0], ENTRIES[2])]],
    ["swaps two", [of(ENTRIES[0], ENTRIES[2], ENTRIES[1])]],
    ["changes an amount", [of(...changed(3, { amount: 2n }))]],
    ["changes a balance", [of(...changed(3, { balance: 2n }))]],
    ["shows another wallet's", [of(...changed(3, { receipt: ENTRIES[0]?.receipt ?? fail() }))]],
    ["shows what is not final", [{ ...of(ENTRIES[0]), height: 4n }]],
    ["begins too low", [of({ ...(ENTRIES[0] ?? fail()), height: 1n })]],
  ])("if it %s", async (_, messages) => {
    const node = nodeOf(messages);
    await expect(take(9, [node], { fromHeight: 2n })).rejects.toThrow(ListFault);
    expect(node.asked).toHaveLength(1);
  });

  const led = (place: bigint, index = 0) => {
    const { events, ...rest } = of(ENTRIES[0]);
    return { ...rest, events: events.map((one) => ({ ...one, cursor: cursorAt(place, index) })) };
  };

  it.each([
    ["leads past later blocks with the cursor of an event", [led(40n)], { fromHeight: 0n }],
    ["leads past the rest of the block", [led(5n, 9_999)], { fromHeight: 0n }],
    ["leads back", [led(4n)], { fromHeight: 0n }],
    [
      "begins behind the height that was asked for",
      [{ ...of(), cursor: cursorAt(1n) }],
      { fromHeight: 1n },
    ],
    ["begins above its own height", [{ ...of(), cursor: cursorAt(51n) }], {}],
    ["begins nowhere", [{ ...of(), cursor: "start" }], {}],
    ["repeats what was handled before", [of(ENTRIES[0])], { from: cursorAt(5n) }],
    ["repeats what was final before", [of(), of(ENTRIES[0])], { from: cursorAt(9n) }],
  ])("if it %s", async (_, messages, terms) => {
    await expect(take(9, [nodeOf(messages)], terms)).rejects.toThrow(ListFault);
  });

  it("if it does so after another node was lost", async () => {
    const nodes = [nodeOf([of(ENTRIES[0], ENTRIES[1]), lost()]), nodeOf([of(ENTRIES[1])])];
    await expect(take(9, nodes)).rejects.toThrow(ListFault);
  });

  it("if its transactions are out of order, or of another kind than asked for", async () => {
    const transactionAt = (height: bigint) => ({
      cursor: cursorAt(height),
      event: {
        case: "transaction" as const,
        value: create(OrderedTransactionSchema, {
          height,
          time: height,
          result: { status: ResultStatus.APPLIED },
        }),
      },
    });
    const swapped = { ...of(), events: [transactionAt(3n), transactionAt(2n)] };
    const ledger = { walletId: undefined };
    await expect(take(9, [nodeOf([swapped])], ledger)).rejects.toThrow(ListFault);
    await expect(take(9, [nodeOf([of(ENTRIES[0])])], ledger)).rejects.toThrow(ListFault);
    await expect(take(9, [nodeOf([swapped])])).rejects.toThrow(ListFault);
  });
});

function fail(): never {
  throw new Error("the entry has a query");
}
