import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/primitives/bytes.ts";
import { type SealAnswer, textOf } from "../../src/seal/messages.ts";
import { testMessage } from "../../src/seal/target.ts";
import { index, opensslAccepts } from "./fixture.ts";
import {
  expectSealed,
  type Mischief,
  shareOf,
  silent,
  staleAlways,
  unreachable,
  wrongShare,
} from "./mischief.ts";
import {
  headerAt,
  headerTarget,
  PATIENCE_MS,
  SealWorld,
  sharesOf,
  testTarget,
} from "./seal-world.ts";

describe("a coordinator of four honest nodes", () => {
  it("seals a header in one session of t signers, and in one round trip from the second on", () => {
    const world = new SealWorld(sharesOf(4));
    expectSealed(world, 5);
    expect(world.sessions).toBe(1);
    const before = world.sent.length;
    expectSealed(world, 6);
    expect(world.sent.length - before).toBe(3);
    expect(world.blamed).toEqual([]);
  });

  it("seals the test message under its own tag", () => {
    const world = new SealWorld(sharesOf(4), { isTested: false });
    const made = world.seal(testTarget);
    const [share] = sharesOf(4);
    if (made === undefined || share === undefined) throw new Error("sealed");
    expect(toHex(made.message)).toBe(toHex(testMessage(share.key)));
    expect(opensslAccepts(share.key.groupKey, made.message, made.seal)).toBe(true);
  });

  it("coordinates without being a member of the key", () => {
    const world = new SealWorld(sharesOf(4, [0, 1, 3]), { self: 2 });
    expectSealed(world, 2);
    expect(new Set(world.sent.map(({ to }) => to))).toEqual(new Set([0, 1, 3]));
  });

  it("is silent before it is asked and after it is done", () => {
    const world = new SealWorld(sharesOf(4));
    const nothing = { requests: [], notices: [], blamed: [], deadline: undefined };
    expect(world.step({ kind: "tick" })).toEqual(nothing);
    expectSealed(world, 5);
    expect(world.coordinator.target).toBeUndefined();
    expect(world.step({ kind: "tick" })).toEqual(nothing);
  });

  it("stops when a seal came from elsewhere", () => {
    const world = new SealWorld(sharesOf(4));
    world.mischief.set(1, silent).set(2, silent);
    world.step({ kind: "seal", target: headerTarget(5) });
    expect(world.step({ kind: "stop" }).deadline).toBeUndefined();
    expect(world.coordinator.target).toBeUndefined();
  });
});

describe("S6: a silent signer", () => {
  it("is replaced when patience ends", () => {
    const world = new SealWorld(sharesOf(4));
    expectSealed(world, 4);
    world.mischief.set(1, silent);
    const started = world.now;
    expectSealed(world, 5);
    expect(world.now).toBe(started + PATIENCE_MS);
    expect(world.blamed).toEqual([]);
  });

  it("is replaced at once when the transport says so", () => {
    const world = new SealWorld(sharesOf(4));
    expectSealed(world, 4);
    world.mischief.set(1, unreachable);
    const started = world.now;
    expectSealed(world, 5);
    expect(world.now).toBe(started);
  });

  it("costs the next seal nothing: those that answered are asked first", () => {
    const world = new SealWorld(sharesOf(4));
    world.mischief.set(1, silent);
    expectSealed(world, 5);
    const started = world.now;
    expectSealed(world, 6);
    expect(world.now).toBe(started);
  });

  it("that gives commitments but no shares is asked last from then on", () => {
    const world = new SealWorld(sharesOf(4));
    world.mischief.set(1, (answer) => (answer.kind === "share" ? undefined : answer));
    expectSealed(world, 5);
    world.now += 70_000;
    const started = world.now;
    expectSealed(world, 6);
    expect(world.now).toBe(started);
  });

  it("is asked again, with more patience, when no other signer is left", () => {
    const world = new SealWorld(sharesOf(4));
    world.mischief.set(1, silent).set(2, silent);
    let output = world.step({ kind: "seal", target: headerTarget(5) });
    const waits: number[] = [];
    for (let i = 0; i < 6; i++) {
      if (output.deadline === undefined) throw new Error("it waits");
      waits.push(output.deadline - world.now);
      world.now = output.deadline;
      output = world.step({ kind: "tick" });
    }
    expect(waits.at(-1)).toBeGreaterThan(waits[0] ?? 0);
    world.mischief.clear();
    expect(world.seal(headerTarget(5))).toBeDefined();
  });

  it("whose target gives way to another one is asked for it later with the patience that it had come to", () => {
    const world = new SealWorld(sharesOf(4));
    world.mischief.set(1, silent).set(2, silent);
    const waits: number[] = [];
    for (let i = 0; i < 5; i++) {
      let output = world.step({ kind: "seal", target: headerTarget(5) });
      for (let step = 0; step < 10 && output.waiting === undefined; step++) {
        world.now = output.deadline ?? expect.fail("it has a deadline");
        output = world.step({ kind: "tick" });
      }
      expect(output.waiting).toEqual(headerTarget(5));
      waits.push(((output.deadline ?? 0) - world.now) / PATIENCE_MS);
      world.mischief.clear();
      expectSealed(world, 6 + i);
      world.mischief.set(1, silent).set(2, silent);
    }
    expect(waits).toEqual([1, 2, 4, 8, 8]);
  });

  it("may be any f of them, with any mix of silence and lies, and f + 1 sessions are enough", () => {
    const lies = [silent, unreachable, wrongShare, shareOf(new Uint8Array(3))];
    const faulty = fc.subarray([0, 1, 2, 3, 4, 5, 6], { minLength: 2, maxLength: 2 });
    fc.assert(
      fc.property(faulty, fc.nat(3), fc.nat(3), fc.nat(6), ([a, b], first, second, self) => {
        const world = new SealWorld(sharesOf(7), { self });
        world.mischief.set(a ?? 0, lies[first] ?? silent).set(b ?? 1, lies[second] ?? silent);
        expectSealed(world, 5);
        expect(world.sessions).toBeLessThanOrEqual(3);
        for (const blamed of world.blamed) expect([a, b]).toContain(Number(blamed[0]));
      }),
      { numRuns: 15 },
    );
  });
});

describe("what is no fault", () => {
  it("a restarted signer answers STALE_NONCE, with a fresh commitment, and is asked again", () => {
    const world = new SealWorld(sharesOf(4));
    expectSealed(world, 5);
    for (const member of [0, 1, 2, 3]) world.restart(member);
    expectSealed(world, 6);
    expect(world.blamed).toEqual([]);
  });

  it("commitments older than a minute are asked for anew", () => {
    const world = new SealWorld(sharesOf(4));
    expectSealed(world, 5);
    world.now += 70_000;
    const before = world.sent.length;
    expectSealed(world, 6);
    const kinds = world.sent.slice(before).map(({ request }) => request.kind);
    expect(kinds).toContain("commitment");
    expect(world.blamed).toEqual([]);
  });

  it("a signer that answers stale for ever is left out", () => {
    const world = new SealWorld(sharesOf(4));
    world.mischief.set(1, staleAlways);
    expectSealed(world, 5);
    expect(world.sessions).toBeLessThanOrEqual(3);
    expect(world.blamed).toEqual([]);
  });

  it("a signer behind the header is replaced without blame", () => {
    const world = new SealWorld(sharesOf(4));
    world.shelf(1).tip = 4;
    expectSealed(world, 5);
    expect(world.blamed).toEqual([]);
  });

  it("a signer that has not seen the test sealed is told, and signs then", () => {
    const world = new SealWorld(sharesOf(4), { isTested: false });
    const test = world.seal(testTarget);
    if (test === undefined) throw new Error("the test message is sealed");
    world.shelf(0).keep(testTarget, test.seal);
    expectSealed(world, 5);
    expect(world.outputs.some(({ notices }) => notices.length > 0)).toBe(true);
    expect(world.blamed).toEqual([]);
  });

  it("an answer to an earlier target, or one repeated, or from a stranger changes nothing", () => {
    const world = new SealWorld(sharesOf(4));
    const late: SealAnswer[] = [];
    world.mischief.set(1, (answer) => {
      late.push(answer);
      return answer.kind === "share" ? undefined : answer;
    });
    world.step({ kind: "seal", target: headerTarget(5) });
    world.mischief.clear();
    world.step({ kind: "seal", target: headerTarget(6) });
    for (const answer of late) world.step({ kind: "answer", from: index(1), answer });
    for (const answer of late) world.step({ kind: "answer", from: index(1), answer });
    for (const answer of late) world.step({ kind: "answer", from: index(9), answer });
    expectSealed(world, 7);
    expect(world.blamed).toEqual([]);
  });
});

describe("a seal that exists already", () => {
  it("is taken from a signer that holds one from the height up to the next multiple of 64", () => {
    const world = new SealWorld(sharesOf(4));
    const higher = expectSealed(world, 9);
    world.shelf(1).keep(headerTarget(9), higher.seal);
    const made = world.seal(headerTarget(5));
    expect(made?.target).toEqual(headerTarget(9));
    expect(toHex(made?.message ?? new Uint8Array())).toBe(toHex(headerAt(9)));
  });

  it("of a header that is not final here yet is no fault of its holder", () => {
    const world = new SealWorld(sharesOf(4));
    const higher = expectSealed(world, 9);
    world.shelf(1).keep(headerTarget(9), higher.seal);
    world.shelf(0).tip = 5;
    const made = world.seal(headerTarget(5));
    expect(made?.target).toEqual(headerTarget(5));
    expect(world.blamed).toEqual([]);
  });
});

describe("commitments", () => {
  it("are never put into two requests", () => {
    const event = fc.record({
      member: fc.nat(3),
      lie: fc.constantFrom<Mischief | undefined>(undefined, silent, unreachable, staleAlways),
      wait: fc.constantFrom(0, 10, PATIENCE_MS, 65_000),
    });
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 8 }), (events) => {
        const world = new SealWorld(sharesOf(4), { tip: 100 });
        events.forEach(({ member, lie, wait }, i) => {
          if (lie === undefined) world.mischief.delete(member);
          else world.mischief.set(member, lie);
          world.now += wait;
          world.seal(headerTarget(i + 1), 4);
        });
        const owners = new Map<string, string>();
        for (const { request } of world.sent) {
          if (request.kind !== "sign") continue;
          for (const { commitment } of request.commitments) {
            const session = `${request.session.number}`;
            expect(owners.get(textOf(commitment)) ?? session).toBe(session);
            owners.set(textOf(commitment), session);
          }
        }
      }),
      { numRuns: 10 },
    );
  });
});
