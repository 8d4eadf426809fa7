import { describe, expect, it } from "vitest";
import {
  Board,
  begin,
  contextOf,
  type Disk,
  everyone,
  index,
  refuseEntropy,
  seededEntropy,
  store,
} from "./fixture.ts";

describe("K7: a member that restarts", () => {
  it("sends stored bytes again at every step, with any entropy", () => {
    const context = contextOf(4);
    const { board, disks } = begin(context);
    for (const kind of ["round1", "shares", "confirm"] as const) {
      const steps = context.members.map((member) => {
        const disk = disks[member] ?? {};
        const first = board.due(member, disk, seededEntropy(`first/${member}`));
        expect(first.kind).toBe(kind);
        store(disk, first);
        const again = board.due(member, { ...disk }, seededEntropy(`again/${member}`));
        expect("store" in again).toBe(false);
        const { store: _stored, ...sent } = { store: undefined, ...first };
        expect(again).toEqual(sent);
        return { member, again };
      });
      for (const { member, again } of steps) board.order(member, again);
    }
    for (const member of context.members) {
      expect(board.due(member, disks[member] ?? {}, refuseEntropy).kind).toBe("wait");
    }
  });

  it("asks for its blob to be stored before each step that it could not repeat", () => {
    const { board, disks } = begin(contextOf(4));
    const first = board.due(index(0), {}, seededEntropy("a"));
    if (first.kind !== "round1" || first.store === undefined) throw new Error("round 1 is due");
    expect(first.store.package).toEqual(first.package);
    expect(first.store.ephemeralKey).toEqual(first.ephemeralKey);
    everyone(board, disks, ["round1"]);
    const second = board.due(index(0), disks[0] ?? {}, refuseEntropy);
    if (second.kind !== "shares" || second.store === undefined) throw new Error("shares are due");
    expect(second.store.ciphertexts).toEqual(second.ciphertexts);
  });

  it("draws a fresh polynomial and a fresh ephemeral key for every attempt", () => {
    const disk: Disk = {};
    const steps = [1, 2].map((attempt) => {
      const board = new Board(contextOf(4, { attempt }));
      const step = board.due(index(0), disk, seededEntropy(`draw/${attempt}`));
      store(disk, step);
      if (step.kind !== "round1" || step.store === undefined) throw new Error("drawn anew");
      return step.store;
    });
    expect(steps[0]?.coefficients).not.toEqual(steps[1]?.coefficients);
    expect(steps[0]?.ephemeralSecret).not.toEqual(steps[1]?.ephemeralSecret);
  });

  it("is stuck, and says nothing wrong, when its disk lost the secret of its ordered package", () => {
    const { board, disks } = begin(contextOf(4));
    everyone(board, disks, ["round1"]);
    const stuck = { kind: "stuck", reason: "secretLost" };
    expect(board.due(index(0), {}, refuseEntropy)).toEqual(stuck);
    const other = new Board(board.context).due(index(0), {}, seededEntropy("other"));
    const disk: Disk = {};
    store(disk, other);
    expect(board.due(index(0), disk, refuseEntropy)).toEqual(stuck);
  });

  it("confirms from its stored share when the ceremony secret is destroyed already", () => {
    const { board, disks } = begin(contextOf(4));
    everyone(board, disks, ["round1", "shares"]);
    const disk = disks[0] ?? {};
    store(disk, board.due(index(0), disk, refuseEntropy));
    delete disk.secret;
    expect(board.due(index(0), disk, refuseEntropy).kind).toBe("confirm");
  });
});
