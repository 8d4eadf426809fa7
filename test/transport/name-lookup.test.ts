// Names of peers: a resolver that fails, hangs or changes its mind ends no process, and holds up no dial for long.
import type { LookupAddress } from "node:dns";
import { describe, expect, it } from "vitest";
import { NameLookup } from "../../src/transport/name-lookup.ts";

const ONE: LookupAddress = { address: "192.0.2.1", family: 4 };
const SIX: LookupAddress = { address: "2001:db8::1", family: 6 };

function createWorld(waitMs = 30) {
  const asked: string[] = [];
  const world = {
    now: 0,
    asked,
    answer: (): Promise<readonly LookupAddress[]> => Promise.resolve([ONE]),
  };
  const names = new NameLookup({
    now: () => world.now,
    waitMs,
    resolve: (name) => {
      asked.push(name);
      return world.answer();
    },
  });
  return { world, names };
}

const fails = (code: string) => () =>
  Promise.reject<readonly LookupAddress[]>(Object.assign(new Error(code), { code }));

describe("T16: the name of a peer", () => {
  it("is looked up anew at every dial, with one question at a time", async () => {
    const { world, names } = createWorld();
    const both = await Promise.all([names.addresses("alpha"), names.addresses("alpha")]);
    expect(both).toEqual([[ONE], [ONE]]);
    expect(world.asked).toEqual(["alpha"]);
    world.answer = () => Promise.resolve([SIX]);
    expect(await names.addresses("alpha")).toEqual([SIX]);
    await names.addresses("bravo");
    expect(world.asked).toEqual(["alpha", "alpha", "bravo"]);
  });

  it("keeps its last addresses while the resolver fails, and gets the new ones afterwards", async () => {
    const { world, names } = createWorld();
    await names.addresses("alpha");
    world.answer = fails("EAI_AGAIN");
    expect(await names.addresses("alpha")).toEqual([ONE]);
    world.answer = () => Promise.resolve([SIX]);
    world.now += 1_000;
    expect(await names.addresses("alpha")).toEqual([SIX]);
  });

  it("fails with the resolver's reason, which is not asked for again at once", async () => {
    const { world, names } = createWorld();
    world.answer = fails("ENOTFOUND");
    await expect(names.addresses("alpha")).rejects.toThrow("ENOTFOUND");
    await expect(names.addresses("alpha")).rejects.toThrow("ENOTFOUND");
    expect(world.asked).toHaveLength(1);
    world.now += 999;
    await expect(names.addresses("alpha")).rejects.toThrow("ENOTFOUND");
    expect(world.asked).toHaveLength(1);
    world.now += 1;
    await expect(names.addresses("alpha")).rejects.toThrow("ENOTFOUND");
    expect(world.asked).toHaveLength(2);
    world.answer = () => Promise.resolve([]);
    world.now += 1_000;
    await expect(names.addresses("alpha")).rejects.toThrow("the name alpha has no address");
  });

  it("is not waited for longer than a while, nor asked for twice, while the resolver hangs", async () => {
    const { world, names } = createWorld(5);
    await names.addresses("alpha");
    const hangs = Promise.withResolvers<readonly LookupAddress[]>();
    world.answer = () => hangs.promise;
    for (let i = 0; i < 20; i++) {
      expect(await names.addresses("alpha")).toEqual([ONE]);
      await expect(names.addresses("bravo")).rejects.toThrow(
        "the name bravo gets no answer from the resolver",
      );
      world.now += 60_000;
    }
    expect(world.asked).toEqual(["alpha", "alpha", "bravo"]);
    hangs.resolve([SIX]);
    await hangs.promise;
    expect(await names.addresses("alpha")).toEqual([SIX]);
    expect(await names.addresses("bravo")).toEqual([SIX]);
  });

  it("is given to a socket in the form that it asks for", async () => {
    const { world, names } = createWorld();
    world.answer = () => Promise.resolve([SIX, ONE]);
    const ask = (options: { all?: boolean; family?: number }) =>
      new Promise((resolve) => {
        names.lookup("alpha", options, (...answer) => resolve(answer));
      });
    expect(await ask({ all: true })).toEqual([null, [SIX, ONE]]);
    expect(await ask({ family: 4 })).toEqual([null, ONE.address, 4]);
    expect(await ask({})).toEqual([null, SIX.address, 6]);
    world.answer = () => Promise.resolve([SIX]);
    expect(await ask({ family: 4 })).toMatchObject([{ code: "ENOTFOUND" }, []]);
    world.answer = fails("EAI_FAIL");
    world.now += 1_000;
    expect(
      await new NameLookup({ now: () => 0, resolve: fails("EAI_FAIL") })
        .addresses("x")
        .catch(String),
    ).toBe("Error: EAI_FAIL");
  });

  it("that the system does not know is an error like any other", async () => {
    const names = new NameLookup({ now: () => 0 });
    await expect(names.addresses("a name with spaces")).rejects.toThrow();
  });
});
