// Tests the checker of chaos runs with histories made by hand: it accepts the honest one, and names each lie.
import { describe, expect, it } from "vitest";
import type { ChainBlock, ChainOperation, NodeChain } from "./chain.ts";
import { check } from "./checks.ts";
import type { Call, Question, Reply } from "./history.ts";

const A = "wallet-a";
const B = "wallet-b";

function creation(wallet: string, amount: bigint): ChainOperation {
  const effect = { kind: "creation", wallet, asset: 0, amount } as const;
  return { key: `wallet/${wallet}`, status: "applied", effect };
}

function transfer(id: string, amount: bigint, more: Partial<ChainOperation> = {}): ChainOperation {
  const effect = { kind: "transfer", from: A, to: B, amount } as const;
  return { key: `${A}/${id}`, status: "applied", effect, ...more };
}

function chainOf(bodies: readonly (readonly ChainOperation[])[], node = "node1"): NodeChain {
  const blocks = bodies.map((operations, place): ChainBlock => {
    const height = place + 1;
    return { height, hash: `h${height}`, parentHash: `h${place}`, supply: [100n], operations };
  });
  return { node, blocks };
}

/** A and B are created at height 1; two payments follow, one of them declined. */
const HONEST = [
  [creation(A, 100n), creation(B, 0n)],
  [transfer("one", 60n)],
  [transfer("two", 60n, { status: "insufficientFunds" })],
];
const CHAINS = [chainOf(HONEST), chainOf(HONEST, "node2")];

function call(question: Question, reply: Reply, at: Partial<Call> = {}): Call {
  return { client: 0, gateway: 0, start: 0, end: 1, question, reply, ...at };
}

function pay(id: string): Question {
  return { kind: "transfer", key: `${A}/${id}`, from: A, to: B, amount: "60", wait: "final" };
}

function result(status: string, height: number): Reply {
  return { kind: "result", status, height, answer: "" };
}

const HISTORY: readonly Call[] = [
  call(pay("one"), result("applied", 2), { start: 10, end: 20 }),
  call(pay("two"), { kind: "unknown", why: "Unavailable" }, { start: 21, end: 30 }),
  call(pay("two"), result("insufficientFunds", 3), { start: 31, end: 40, gateway: 1 }),
  call({ kind: "receipt", key: `${A}/one` }, result("applied", 2), { start: 41, end: 42 }),
  call(
    { kind: "wallet", wallet: B, minHeight: 2 },
    { kind: "wallet", balance: "60", entries: 2, height: 2 },
    { start: 43, end: 44 },
  ),
];

describe("a history that the chains bear out", () => {
  it("holds", () => {
    expect(check(HISTORY, CHAINS)).toEqual([]);
  });

  it("holds with an outcome that stayed unknown, ordered or not", () => {
    const unknown = { kind: "unknown", why: "OUTCOME_UNKNOWN" } as const;
    const open = [
      call(pay("never"), unknown, { start: 1, end: 2 }),
      call(pay("one"), unknown, { start: 1, end: 2 }),
    ];
    expect(check([...HISTORY, ...open], CHAINS)).toEqual([]);
  });

  it("holds with a read of an older state when no height was asked for", () => {
    const reply = { kind: "wallet", balance: "0", entries: 1, height: 1 } as const;
    const older = call({ kind: "wallet", wallet: B }, reply, { start: 50, end: 51, gateway: 1 });
    const elsewhere = HISTORY.filter(({ gateway }) => gateway !== 1);
    expect(check([...elsewhere, older], CHAINS)).toEqual([]);
  });
});

describe("what must not happen is found:", () => {
  it.each<[string, readonly Call[], readonly NodeChain[]]>([
    [
      "lost: wallet-a/gone",
      [call(pay("gone"), result("applied", 2), { start: 1, end: 2 })],
      CHAINS,
    ],
    [
      "lost: wallet-a/one, acknowledged by node 0, is not on node2",
      HISTORY,
      [chainOf(HONEST), chainOf([HONEST[0] ?? [], [], HONEST[2] ?? []], "node2")],
    ],
    ["changed: wallet-a/one", [call(pay("one"), result("insufficientFunds", 2))], CHAINS],
    ["changed: wallet-a/one", [call(pay("one"), result("applied", 3))], CHAINS],
    [
      "double spend: wallet-a/two leaves wallet-a with -20",
      [],
      [chainOf([...HONEST.slice(0, 2), [transfer("two", 60n)]])],
    ],
    [
      "wallet-a/one is ordered a second time",
      [],
      [chainOf([...HONEST.slice(0, 2), [transfer("one", 20n)]])],
    ],
    [
      "supply drift: asset 0 is 100, but 101 was issued",
      [],
      [chainOf([...HONEST, [creation("wallet-c", 1n)]])],
    ],
    [
      "moves money of wallet-b, which does not exist",
      [],
      [chainOf([[creation(A, 100n)], [transfer("one", 60n)]])],
    ],
    [
      "fork: node2 and node1 differ at height 3",
      HISTORY,
      [chainOf(HONEST), forked(chainOf(HONEST, "node2"))],
    ],
    ["the nodes end at heights 3, 2", [], [chainOf(HONEST), chainOf(HONEST.slice(0, 2), "node2")]],
    [
      "block 3 is no child",
      [],
      [{ node: "node1", blocks: chainOf(HONEST).blocks.toSpliced(1, 1) }],
    ],
    [
      "ordered though refused: wallet-a/two",
      [call(pay("two"), { kind: "refused", reason: "INSUFFICIENT_FUNDS" })],
      CHAINS,
    ],
    [
      "out of order: wallet-a/one, sent after wallet-a/two was final at height 3",
      [
        call(pay("two"), result("insufficientFunds", 3), { start: 1, end: 2 }),
        call(pay("one"), result("applied", 2), { start: 3, end: 4, gateway: 1 }),
      ],
      CHAINS,
    ],
    [
      "stale read: node 0 gave wallet-b 60 after 2 entries at height 1",
      [readOf(B, { balance: "60", entries: 2, height: 1 })],
      CHAINS,
    ],
    [
      "stale read: node 0 gave wallet-b 0 after 1 entries at height 2",
      [readOf(B, { balance: "0", entries: 1, height: 2 })],
      CHAINS,
    ],
    [
      "though 2 was asked for",
      [readOf(B, { balance: "0", entries: 1, height: 1 }, { minHeight: 2 })],
      CHAINS,
    ],
    [
      "stale read: node 0 answered at height 1 after height 2",
      [
        call(pay("one"), result("applied", 2), { start: 1, end: 2 }),
        readOf(B, { balance: "0", entries: 1, height: 1 }, { start: 3, end: 4 }),
      ],
      CHAINS,
    ],
    [
      "stale read: node 0 does not find wallet-a/one that it answered",
      [
        call(pay("one"), result("applied", 2), { start: 1, end: 2 }),
        call(
          { kind: "receipt", key: `${A}/one` },
          { kind: "refused", reason: "NOT_FOUND" },
          { start: 3, end: 4 },
        ),
      ],
      CHAINS,
    ],
  ])("%s", (problem, history, chains) => {
    expect(check(history, chains).join("\n")).toContain(problem);
  });
});

function readOf(
  wallet: string,
  read: { balance: string; entries: number; height: number },
  { minHeight, ...at }: Partial<Call> & { minHeight?: number } = {},
): Call {
  return call({ kind: "wallet", wallet, minHeight }, { kind: "wallet", ...read }, at);
}

/** Another block at the top. */
function forked({ node, blocks }: NodeChain): NodeChain {
  return { node, blocks: blocks.map((b) => (b.height === 3 ? { ...b, hash: "other" } : b)) };
}
