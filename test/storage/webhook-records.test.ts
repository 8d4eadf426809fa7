import { describe, expect, it } from "vitest";
import { parseUuid } from "../../src/primitives/ids.ts";
import { height } from "../../src/primitives/numbers.ts";
import type { DeadLetter, StoredWebhook } from "../../src/storage/contracts.ts";
import { PLACES, storeUnderTest } from "./store-places.ts";

const place = (at: number, index = 0) => ({ height: height(at), index });

const endpoint = (name: string): StoredWebhook => ({
  name,
  url: `https://${name}.example.org/`,
  isPrivate: false,
  createdAt: 1_790_000_000_000,
});

const letter = (at: number, index = 0): DeadLetter => ({
  behind: place(at - 1, 9_999),
  end: place(at, index),
  at: 1_790_000_000_000 + at,
  problem: "the answer has the status 500",
});

describe.each(PLACES)("webhooks of a %s", (_name, makePlace) => {
  const tested = storeUnderTest(makePlace);

  it("are given back as they were added, by name, with their places, after a new start", async () => {
    const { webhooks } = tested.store;
    const whole = {
      ...endpoint("whole"),
      walletId: parseUuid("7d3b9f10-64c2-8e5a-a1b7-2f9c8d0e6b43"),
      authority: "-----BEGIN CERTIFICATE-----",
      isPrivate: true,
    };
    await webhooks.add(whole, { place: place(7, 3), failingSince: 1_790_000_000_001 });
    await webhooks.add(endpoint("shop"), { place: place(0) });
    await webhooks.saveProgress("shop", { place: place(2 ** 40, 5) });
    await tested.reopen();
    expect(await tested.store.webhooks.load()).toEqual([
      { ...endpoint("shop"), progress: { place: place(2 ** 40, 5) } },
      { ...whole, progress: { place: place(7, 3), failingSince: 1_790_000_000_001 } },
    ]);
  });

  it("have dead letters in the order of the chain, and move on behind each in the same batch", async () => {
    const { webhooks } = tested.store;
    // One name is the beginning of the other.
    for (const name of ["shop", "shop-2"]) await webhooks.add(endpoint(name), { place: place(0) });
    const letters = [letter(2), letter(2, 7), letter(300), letter(2 ** 33)];
    for (const one of [...letters].reverse()) await webhooks.bury("shop", one);
    await webhooks.bury("shop-2", letter(4));
    await tested.reopen();
    const again = tested.store.webhooks;
    expect(await again.deadLetters("shop")).toEqual(letters);
    expect((await again.load()).map(({ progress }) => progress.place)).toEqual([
      place(2),
      place(4),
    ]);
    await again.forgetLetter("shop", letter(300));
    expect(await again.deadLetters("shop")).toEqual(
      letters.filter((one) => one.end.height !== 300),
    );
  });

  it("are removed with their places and dead letters, and no others are", async () => {
    const { webhooks } = tested.store;
    for (const name of ["shop", "shop-2"]) {
      await webhooks.add(endpoint(name), { place: place(0) });
      await webhooks.bury(name, letter(4));
    }
    const before = (await tested.store.readAll()).all;
    await webhooks.remove("shop");
    // The endpoint, its place and its dead letter; each write counts its batch.
    expect((await tested.store.readAll()).all).toBeLessThanOrEqual(before - 2);
    await tested.reopen();
    const again = tested.store.webhooks;
    expect((await again.load()).map(({ name }) => name)).toEqual(["shop-2"]);
    expect(await again.deadLetters("shop")).toEqual([]);
    expect(await again.deadLetters("shop-2")).toEqual([letter(4)]);
    await again.add(endpoint("shop"), { place: place(9) });
    expect(await again.deadLetters("shop")).toEqual([]);
  });
});
