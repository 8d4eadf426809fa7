// Messages are the same whenever and from wherever they are read, and together they are all events, once and in order.
import { describe, expect, it } from "vitest";
import { MessageReader, type SinkMessage } from "../../../src/node/sinks/message-reader.ts";
import type { WalletId } from "../../../src/primitives/ids.ts";
import { height } from "../../../src/primitives/numbers.ts";
import type { OperationLocation } from "../../../src/storage/contracts.ts";
import { webhookBody } from "../../../src/transport/webhook-body.ts";
import { transfer } from "../../ledger/fixture.ts";
import { Random } from "../../support/world/random.ts";
import { network, WALLETS } from "../clients/list-rig.ts";
import { placeName, READER, SinkRig } from "./sink-rig.ts";

const SEED = Number(process.env["SINK_SEED"] ?? Date.now() % 1_000_000);
const NEVER = new AbortController().signal;
/** Fewer than a block of this chain may have. */
const EVENTS_MAX = 8;

function readerOf(
  { feed }: SinkRig,
  walletId: WalletId | undefined,
  place: OperationLocation = feed.before(height(0)),
): MessageReader {
  return new MessageReader({ feed, walletId, place, reader: READER, eventsMax: EVENTS_MAX });
}

/** All messages up to the last event of the chain. */
async function allOf(rig: SinkRig, walletId: WalletId | undefined): Promise<SinkMessage[]> {
  const reader = readerOf(rig, walletId);
  const left = new Set(eventsOf(rig, walletId));
  const messages: SinkMessage[] = [];
  while (left.size > 0) {
    const message = await taken(reader);
    messages.push(message);
    for (const event of message.events) left.delete(placeName(event));
  }
  return messages;
}

async function taken(reader: MessageReader): Promise<SinkMessage> {
  const message = (await reader.next(NEVER)) ?? expect.fail("it does not end");
  reader.pass(message);
  return message;
}

function eventsOf({ rig }: SinkRig, walletId: WalletId | undefined): string[] {
  if (walletId !== undefined) {
    return (rig.model.get(walletId) ?? []).map(({ height: at, index }) => `${at}.${index}`);
  }
  return rig.chain.executed.flatMap(({ block, operations }) =>
    operations.map((_, index) => `${block.header.height}.${index}`),
  );
}

/** A block of so many payments of one pair. */
function large(payments: number, name: string) {
  return Array.from({ length: payments }, (_, i) => {
    const [from, to] = i % 2 === 0 ? (["alice", "bob"] as const) : (["bob", "alice"] as const);
    return transfer(network, { from, to, asset: "EUR", amount: 1n, id: `${name} ${i}` });
  });
}

describe(`messages (SINK_SEED=${SEED})`, () => {
  it("have the events of one block each, all of them once, as many as fit, with ids of their own", async () => {
    const rig = await SinkRig.start(new Random(SEED));
    await rig.grow(40);
    await rig.commit(large(20, "a"), [], large(8, "b"), large(1, "c"));
    await rig.grow(10);
    for (const walletId of [undefined, ...WALLETS]) {
      const messages = await allOf(rig, walletId);
      expect(messages.flatMap(({ events }) => events.map(placeName))).toEqual(
        eventsOf(rig, walletId),
      );
      expect(new Set(messages.map(({ id }) => id)).size).toBe(messages.length);
      const heights = messages.map(({ events, height: at }) => {
        const own = new Set(events.map((event) => placeName(event).split(".")[0]));
        expect([...own]).toEqual([String(at)]);
        return at;
      });
      const sizes = messages.map(({ events }) => events.length);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(EVENTS_MAX);
      // A block has a second message only if the first is full.
      for (const [i, at] of heights.entries()) {
        if (at === heights[i + 1]) expect(sizes[i]).toBe(EVENTS_MAX);
      }
    }
    const sizes = (await allOf(rig, undefined)).map(({ events }) => events.length);
    expect(sizes.join(" ")).toContain("8 8 4 8 1");
  });

  it("are the same, byte by byte, when they are read while the chain grows, and from where any one ended", async () => {
    const random = new Random(SEED);
    const rig = await SinkRig.start(random);
    const early: SinkMessage[] = [];
    const reader = readerOf(rig, undefined);
    for (let round = 0; round < 30; round++) {
      await (random.chance(0.2)
        ? rig.commit(large(random.between(7, 40), `${round}`))
        : rig.grow(random.between(1, 3)));
      const last = eventsOf(rig, undefined).at(-1);
      while (random.chance(0.9)) {
        const at = early.at(-1)?.events.at(-1);
        if (at !== undefined && placeName(at) === last) break;
        early.push(await taken(reader));
      }
    }
    const late = await allOf(rig, undefined);
    const shown = (message: SinkMessage) => [
      message.id,
      Buffer.from(webhookBody(message)).toString(),
    ];
    expect(early.map(shown)).toEqual(late.slice(0, early.length).map(shown));
    for (let pick = 0; pick < 20; pick++) {
      const i = random.below(late.length);
      const { behind } = late[i] ?? expect.fail();
      expect(shown(await taken(readerOf(rig, undefined, behind)))).toEqual(
        shown(late[i] ?? expect.fail()),
      );
    }
  });

  it("are the same one until it is passed; a wait ends with its signal and leaves no follower", async () => {
    const rig = await SinkRig.start(new Random(SEED));
    const reader = readerOf(rig, undefined);
    const first = await reader.next(NEVER);
    expect(await reader.next(NEVER)).toEqual(first);
    const tip = readerOf(rig, undefined, rig.feed.before(height(rig.feed.tip + 1)));
    const end = new AbortController();
    const waiting = tip.next(end.signal);
    await rig.time.quiet();
    end.abort();
    expect(await waiting).toBeUndefined();
    const again = tip.next(NEVER);
    await rig.commit(large(1, "news"));
    expect((await again)?.height).toBe(rig.feed.tip);
  });
});
