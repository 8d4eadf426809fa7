/** Situations that once stopped a network like this one, each with the rule that starts it again. */
import { describe, expect, it } from "vitest";
import { at, calmWorld, pass, submit } from "./calm-world.ts";
import { unfinished } from "./checkers/progress.ts";
import type { Packet } from "./packet.ts";
import { TIMEOUT_BASE_MS as T } from "./plan.ts";
import { TOY_GRACE_MS } from "./toy-operation.ts";
import type { World } from "./world.ts";

function ids(world: World, node: number): string[] {
  return at(world, node).disk.chain.flatMap(({ block }) =>
    block.operations.map((operation) => world.ledger.idOf(operation)),
  );
}

function viewsOf(world: World): (number | undefined)[] {
  return world.nodes.map((node) => node.core?.status().view);
}

function expectOrdered(world: World, id: string): void {
  expect(unfinished(world)).toBeUndefined();
  for (const node of world.honest) expect(ids(world, node.index)).toContain(id);
}

describe("one operation in a calm network", () => {
  for (const nodes of [2, 3, 4, 7]) {
    it(`is final on all of ${nodes} nodes in one block, without a nullified view or an empty block`, async () => {
      const world = await calmWorld(nodes);
      // Node 1 leads the view in which all nodes wait; it already has the operation.
      const id = submit(world, 1);
      await pass(world, T);
      expectOrdered(world, id);
      for (const node of world.nodes) expect(node.disk.chain).toHaveLength(1);
      expect(new Set(viewsOf(world))).toEqual(new Set([2]));
    });
  }

  it("R3: leaves silence behind: no timer, no message", async () => {
    const world = await calmWorld(4);
    submit(world, 2);
    await pass(world, 5 * T);
    const events = world.traceHash.events;
    expect(world.nodes.map((node) => node.deadline)).toEqual(new Array(4).fill(undefined));
    await pass(world, 600_000);
    expect(world.traceHash.events).toBe(events);
    const id = submit(world, 3);
    await pass(world, T);
    expectOrdered(world, id);
  });
});

describe("R6: an operation that one node alone knows", () => {
  it("is repeated until it is ordered", async () => {
    const world = await calmWorld(4);
    world.network.loses = (from, _to, packet) => from === 3 && packet.kind === "application";
    const id = submit(world, 3);
    world.network.loses = () => false;
    await pass(world, 2 * T);
    expectOrdered(world, id);
  });

  it("is ordered although the next leaders say nothing, and the network was idle", async () => {
    const world = await calmWorld(7);
    // Nodes 1 and 2 lead the first two views.
    at(world, 1).crash();
    at(world, 2).crash();
    world.network.loses = (from, _to, packet) => from === 6 && packet.kind === "application";
    const operations = Array.from({ length: 8 }, () => submit(world, 6));
    world.network.loses = () => false;
    await pass(world, 6 * T);
    for (const node of [0, 3, 4, 5, 6]) {
      expect(ids(world, node)).toEqual(expect.arrayContaining(operations));
    }
  });

  it("goes with others to the leader that comes next; every other member gets one at a time", async () => {
    const world = await calmWorld(7);
    at(world, 1).crash();
    for (let i = 0; i < 4; i++) submit(world, 2);
    await pass(world, T / 4);
    const received = new Map<number, number>();
    world.network.loses = (from, to, packet) => {
      if (from === 3 && packet.kind === "application")
        received.set(to, (received.get(to) ?? 0) + 1);
      return false;
    };
    // Node 3 repeats at T/2 for node 1, and with its nullify for node 2.
    await pass(world, T);
    expect([...received].sort(([left], [right]) => left - right)).toEqual([
      [0, 2],
      [1, 5],
      [2, 5],
      [4, 2],
      [5, 2],
      [6, 2],
    ]);
  });
});

describe("R4, R8: finality that takes longer than the quarter of a timeout for which a leader waits", () => {
  for (const slowness of [0.3, 0.6, 1, 1.7]) {
    it(`of ${slowness} timeouts costs a few empty blocks, then the network is silent`, async () => {
      const world = await calmWorld(4);
      world.network.delays = (packet) => (isFinality(packet) ? slowness * T : 0);
      for (let round = 1; round <= 3; round++) {
        const id = submit(world, round);
        await pass(world, 40 * T);
        expectOrdered(world, id);
        expect(world.nodes.map((node) => node.deadline)).toEqual(new Array(4).fill(undefined));
        expect(at(world, 0).disk.chain.length).toBeLessThan(16 * round);
      }
    });
  }

  /** A finalize vote or a finalization. */
  function isFinality(packet: Packet): boolean {
    if (packet.kind !== "consensus") return false;
    const { message } = packet;
    if (message.kind === "vote") return message.vote.kind === "finalize";
    if (message.kind !== "certificates") return false;
    return message.certificates.some(({ subject }) => subject.kind === "finalize");
  }
});

describe("R5: a dead leader", () => {
  it("costs its turn a timeout at first, and nothing once it counts as silent", async () => {
    const world = await calmWorld(4);
    at(world, 1).crash();
    const begun = world.events.now;
    submit(world, 2);
    await pass(world, 3 * T);
    expect(ids(world, 2)).toHaveLength(1);
    expect(world.events.now - begun).toBeGreaterThan(T);
    for (let i = 0; i < 20; i++) {
      submit(world, 2);
      await pass(world, 2 * T);
    }
    expect(ids(world, 2)).toHaveLength(21);
    // From now on no operation waits for node 1, in any view.
    for (let i = 0; i < 8; i++) {
      submit(world, 2);
      await pass(world, T / 2);
      expect(ids(world, 2)).toHaveLength(22 + i);
    }
    world.start(at(world, 1));
    await pass(world, T);
    expect(ids(world, 1)).toHaveLength(29);
  });
});

describe("R16, R17, R20: a finalization that was lost", () => {
  it("comes from a node that holds it, as an answer to a repeated vote", async () => {
    const world = await calmWorld(4);
    world.network.loses = (_from, to, packet) =>
      to === 3 &&
      packet.kind === "consensus" &&
      packet.message.kind === "vote" &&
      packet.message.vote.kind === "finalize";
    const id = submit(world, 1);
    await pass(world, T / 4);
    expect(at(world, 3).core?.status()).toMatchObject({ finalHeight: 0, hasUnfinal: true });
    world.network.loses = () => false;
    await pass(world, T);
    expectOrdered(world, id);
    expect(viewsOf(world)).toEqual([2, 2, 2, 2]);
  });
});

describe("R8, R10: a node that hears of no finalization unless it asks", () => {
  it("holds up no operation, however many come one after another", async () => {
    const world = await calmWorld(4);
    at(world, 3).crash();
    let answers = 0;
    world.network.loses = (from, to, packet) => {
      if (packet.kind !== "consensus") return false;
      const { message } = packet;
      if (from === 2 && message.kind === "question") answers += 1;
      const finalizes =
        (message.kind === "vote" && message.vote.kind === "finalize") ||
        (message.kind === "certificates" &&
          message.certificates.some(({ subject }) => subject.kind === "finalize"));
      if (to !== 2 || !finalizes) return false;
      if (message.kind === "vote" || answers === 0) return true;
      answers -= 1;
      return false;
    };
    const submitted: string[] = [];
    for (let i = 0; i < 40; i++) {
      submitted.push(submit(world, i % 3));
      await pass(world, 2 * T);
    }
    for (const node of [0, 1, 2]) expect(ids(world, node).length).toBeGreaterThan(30);
    expect(ids(world, 0)).toEqual(submitted);
  });
});

describe("R15: a view that was given up and notarized", () => {
  it("is made final by an empty block on top of it", async () => {
    const world = await calmWorld(4);
    // All nodes vote, but no vote arrives before all nodes have nullified the view.
    world.network.loses = (_from, _to, packet) =>
      packet.kind === "consensus" && packet.message.kind === "vote";
    const id = submit(world, 1);
    await pass(world, T);
    world.network.loses = () => false;
    await pass(world, 4 * T);
    expectOrdered(world, id);
  });

  it("stays notarized for a node that learns it late, and is built upon", async () => {
    const world = await calmWorld(4);
    // Only node 0 sees the quorum; the others time out.
    world.network.loses = (from, to, packet) =>
      packet.kind === "consensus" && (from === 0 || (to !== 0 && packet.message.kind === "vote"));
    const id = submit(world, 1);
    await pass(world, T + T / 2);
    expect(at(world, 0).core?.status().hasUnfinal).toBe(true);
    world.network.loses = () => false;
    await pass(world, 6 * T);
    expectOrdered(world, id);
  });
});

describe("R25: a body that a node never received", () => {
  it("is fetched from those who voted", async () => {
    const world = await calmWorld(4);
    world.network.loses = (_from, to, packet) =>
      to === 3 && packet.kind === "consensus" && packet.message.kind === "proposal";
    const id = submit(world, 1);
    await pass(world, T);
    expectOrdered(world, id);
  });
});

describe("R10: operations that a node does not hold", () => {
  it("are fetched by hash from the leader, and the proposal waits", async () => {
    const world = await calmWorld(4);
    let lost = 0;
    world.network.loses = (_from, to, packet) => {
      if (to === 1 || packet.kind !== "application") return false;
      lost += 1;
      return lost <= 3;
    };
    const id = submit(world, 1);
    await pass(world, T);
    expect(lost).toBeGreaterThan(3);
    expectOrdered(world, id);
    expect(viewsOf(world)).toEqual([2, 2, 2, 2]);
  });
});

describe("R18: views that went apart", () => {
  it("come together without new links, by messages alone", async () => {
    const world = await calmWorld(4);
    world.network.partition([0, 0, 0, 1]);
    for (let i = 0; i < 5; i++) {
      submit(world, 0);
      await pass(world, 2 * T);
    }
    expect(at(world, 3).core?.status().view).toBe(1);
    world.network.partition([0, 0, 0, 0]);
    const id = submit(world, 3);
    await pass(world, 4 * T);
    expectOrdered(world, id);
    expect(ids(world, 3)).toHaveLength(6);
  });

  it("a leader that jumped gets the certificates between from others", async () => {
    const world = await calmWorld(4);
    const id = submit(world, 0);
    world.network.partition([0, 0, 0, 1]);
    for (let i = 0; i < 3; i++) {
      submit(world, 0);
      await pass(world, 3 * T);
    }
    at(world, 1).crash();
    world.network.partition([0, 0, 0, 0]);
    submit(world, 3);
    await pass(world, 12 * T);
    expect(ids(world, 3)).toContain(id);
    expect(ids(world, 3)).toEqual(ids(world, 0));
    expect(ids(world, 3)).toHaveLength(5);
  });
});

describe("R19: an idle node that missed everything", () => {
  it("catches up when its link comes up again", async () => {
    const world = await calmWorld(4);
    world.network.partition([0, 0, 0, 1]);
    submit(world, 0);
    await pass(world, 4 * T);
    world.network.partition([0, 0, 0, 0]);
    world.connect(at(world, 3), at(world, 0));
    await pass(world, T);
    expect(unfinished(world)).toBeUndefined();
    expect(ids(world, 3)).toHaveLength(1);
  });
});

describe("R23, R24: crashes", () => {
  it("of one node in the middle of a view cost nothing but time", async () => {
    for (let after = 0; after < 120; after += 7) {
      const world = await calmWorld(4);
      const id = submit(world, 1);
      await pass(world, after);
      at(world, 2).crash();
      await pass(world, 20);
      world.start(at(world, 2));
      await pass(world, 4 * T);
      expectOrdered(world, id);
    }
  });

  it("of all nodes at once lose nothing that was final, and what was notarized becomes final", async () => {
    for (let after = 0; after < 120; after += 5) {
      const world = await calmWorld(4);
      const id = submit(world, 1);
      await pass(world, after);
      const final = world.agreement.length;
      const notarized = world.nodes.some((node) => node.core?.status().hasUnfinal === true);
      for (const node of world.nodes) node.crash();
      for (const node of world.nodes) world.start(node);
      await pass(world, 4 * T);
      expect(unfinished(world)).toBeUndefined();
      expect(world.agreement.length).toBeGreaterThanOrEqual(final);
      if (final > 0 || notarized) expect(ids(world, 0)).toEqual([id]);
    }
  });
});

describe("R11, R27: all clocks ahead together, as behind one time server, and then right again", () => {
  it.each([600_000, 86_400_000])(
    "by %i ms: the chain goes on, and its time stands still",
    async (byMs) => {
      const world = await calmWorld(4);
      for (const node of world.nodes) node.setClock(byMs);
      const last = () => at(world, 0).disk.chain.at(-1)?.block.header.time ?? 0;
      const lasting = () => {
        const operation = world.ledger.makeOperation(world.random, world.events.now);
        new DataView(operation.buffer).setFloat64(8, world.events.now + 2 * byMs);
        at(world, 1).submit(operation);
        return world.ledger.idOf(operation);
      };
      await expectOrderedSoon(world, lasting());
      const ahead = last();
      expect(ahead).toBeGreaterThanOrEqual(world.events.now + byMs - 4 * T);
      for (const node of world.nodes) node.setClockRight();
      await pass(world, 3 * T);
      await expectOrderedSoon(world, lasting());
      expect(last()).toBe(ahead);
    },
  );
});

async function expectOrderedSoon(world: World, id: string): Promise<void> {
  await pass(world, 3 * T);
  expectOrdered(world, id);
}

describe("R8: the end of an operation that was never ordered", () => {
  it("is certified by an empty block, and then the network is silent", async () => {
    const world = await calmWorld(4);
    const operation = world.ledger.makeOperation(world.random, world.events.now);
    new DataView(operation.buffer).setFloat64(8, world.events.now + T);
    world.network.partition([0, 1, 2, 3]);
    at(world, 2).submit(operation);
    await pass(world, T + TOY_GRACE_MS + 1);
    world.network.partition([0, 0, 0, 0]);
    await pass(world, 8 * T);
    expect(unfinished(world)).toBeUndefined();
    const [block] = at(world, 0).disk.chain;
    expect(block?.block.operations).toEqual([]);
    expect(world.ledger.isOpenAt(operation, block?.block.header.time ?? 0)).toBe(false);
    expect(at(world, 0).disk.chain.length).toBeLessThan(4);
    await pass(world, T);
    expect(world.nodes.map((node) => node.deadline)).toEqual(new Array(4).fill(undefined));
  });
});

describe("a network without a quorum", () => {
  it("orders nothing, and goes on when the quorum is back", async () => {
    const world = await calmWorld(7);
    for (const node of [4, 5, 6]) at(world, node).crash();
    const id = submit(world, 0);
    await pass(world, 20 * T);
    expect(world.agreement.length).toBe(0);
    world.start(at(world, 5));
    await pass(world, 8 * T);
    expect(ids(world, 5)).toEqual([id]);
  });
});
