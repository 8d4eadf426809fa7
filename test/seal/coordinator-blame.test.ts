import { describe, expect, it } from "vitest";
import { expectSealed, type Mischief, shareOf, wrongShare } from "./mischief.ts";
import { headerTarget, SealWorld, sharesOf } from "./seal-world.ts";

describe("S6: a bad signer", () => {
  const malformed = new Uint8Array(32).fill(0xff);
  const lies: readonly (readonly [string, Mischief, string])[] = [
    ["a wrong share", wrongShare, "wrongShare"],
    ["a share that is too short", shareOf(new Uint8Array(31)), "malformedShare"],
    ["a share at or above the group order", shareOf(malformed), "malformedShare"],
    ["a share of zero", shareOf(new Uint8Array(32)), "wrongShare"],
    [
      "a commitment that is no point",
      (answer) =>
        "next" in answer ? { ...answer, next: { ...answer.next, hiding: malformed } } : answer,
      "malformedCommitment",
    ],
    [
      "a commitment to the identity",
      (answer) =>
        "next" in answer
          ? {
              ...answer,
              next: { ...answer.next, binding: Uint8Array.from([1, ...new Uint8Array(31)]) },
            }
          : answer,
      "malformedCommitment",
    ],
    [
      "a seal that does not hold",
      (answer) =>
        answer.kind === "share"
          ? {
              kind: "seal",
              session: answer.session,
              target: headerTarget(5),
              seal: new Uint8Array(64),
            }
          : answer,
      "wrongSeal",
    ],
    [
      "a seal of another height",
      (answer) =>
        answer.kind === "share"
          ? {
              kind: "seal",
              session: answer.session,
              target: headerTarget(4),
              seal: new Uint8Array(64),
            }
          : answer,
      "wrongSeal",
    ],
  ];

  it.each(lies)("that sends %s is blamed and replaced at once", (_name, lie, reason) => {
    const world = new SealWorld(sharesOf(4));
    world.mischief.set(1, lie);
    const started = world.now;
    expectSealed(world, 5);
    expect(world.blamed).toEqual([`1 ${reason}`]);
    expect(world.now).toBe(started);
  });

  it("is never asked again", () => {
    const world = new SealWorld(sharesOf(4));
    world.mischief.set(1, wrongShare);
    expectSealed(world, 5);
    const before = world.sent.length;
    expectSealed(world, 6);
    expect(world.sent.slice(before).map(({ to }) => to)).not.toContain(1);
    expect(world.blamed).toEqual(["1 wrongShare"]);
  });

  it("is found among several that spoil one session together", () => {
    const world = new SealWorld(sharesOf(7));
    world.mischief.set(1, wrongShare).set(2, wrongShare);
    expectSealed(world, 5);
    expect(world.blamed).toEqual(["1 wrongShare", "2 wrongShare"]);
  });

  it("S7: in a later session is found at its share, before the others answered", () => {
    const world = new SealWorld(sharesOf(7));
    const silentLater: Mischief = (answer, request) =>
      request.kind === "sign" && request.session.number > 1 ? undefined : answer;
    world.mischief.set(1, shareOf(malformed)).set(2, wrongShare).set(3, silentLater);
    world.step({ kind: "seal", target: headerTarget(5) });
    expect(world.blamed).toEqual(["1 malformedShare", "2 wrongShare"]);
  });

  it("cannot be replaced when more than f are bad: no seal, no deadline, no endless loop", () => {
    const world = new SealWorld(sharesOf(4));
    world.mischief.set(1, wrongShare).set(2, wrongShare);
    expect(world.seal(headerTarget(5))).toBeUndefined();
    expect(world.blamed).toEqual(["1 wrongShare", "2 wrongShare"]);
    expect(world.step({ kind: "tick" }).deadline).toBeUndefined();
  });
});
