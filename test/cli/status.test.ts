/** `countersign status` counts the nodes whose votes can form a quorum. */
import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { GetStatusResponseSchema, SealShare } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { EXIT } from "../../src/cli/command.ts";
import { exitCodeOf, reportOf } from "../../src/cli/status.ts";
import { describeSoftware } from "../../src/cli/status-software.ts";
import { statusTable } from "../../src/cli/status-table.ts";
import { assess, describeTolerance, isWhole, stateOf } from "../../src/cli/tolerance.ts";
import { wrappedLine } from "../../src/cli/wrapped.ts";
import { createGatewayClient } from "../../src/client/gateway-client.ts";
import { Refusal } from "../../src/transport/refusal.ts";
import { openGateway } from "../transport/gateway.ts";

describe("the state of a node", () => {
  it.each([
    { node: { ready: true, view: 19n, firstView: 19n }, state: "ready" },
    { node: { ready: true, view: 5n, firstView: 1n }, state: "ready" },
    // An older node does not send this field.
    { node: { ready: true, view: 5n }, state: "ready" },
    {
      node: { ready: true, view: 18n, firstView: 19n },
      state: "rejoined: no vote before view 19",
    },
    {
      node: { ready: false, notReadyBecause: "it is behind", view: 18n, firstView: 19n },
      state: "it is behind",
    },
  ])("is $state for $node", ({ node, state }) => {
    expect(stateOf(create(GetStatusResponseSchema, node))).toBe(state);
  });
});

describe("what is said of software", () => {
  const present = { ruleset: 2, rulesetMax: 2, protocolMin: 1, protocolMax: 2 };
  const said = (...changes: Partial<typeof present>[]) =>
    describeSoftware(
      changes.map((change, i) => ({
        id: `node${i + 1}`,
        status: create(GetStatusResponseSchema, { ...present, ...change }),
      })),
    );

  it("is nothing where all nodes have the same, and all rules that they know are in force", () => {
    expect(said({}, {}, {})).toEqual([]);
    expect(describeSoftware([{ id: "node1", status: undefined }])).toEqual([]);
  });

  it("is which rules wait for the members' approval", () => {
    expect(said({ ruleset: 1 }, { ruleset: 1 })).toEqual([
      "rulesets: 1 is in force, and all nodes know 2; countersign upgrade show says who has approved it",
    ]);
  });

  it("is which nodes know which rules and protocols, also of a node older than these fields", () => {
    const older = { ruleset: 0, rulesetMax: 0, protocolMin: 0, protocolMax: 0 };
    expect(said({ ruleset: 1 }, older, { ruleset: 1 })).toEqual([
      "rulesets: 1 is in force, and nodes know up to 2 (node1, node3), 1 (node2)",
      "peer protocol: 1 to 2 (node1, node3), 1 (node2)",
    ]);
  });
});

describe("a network of which no node answers", () => {
  it("has no quorum, by the genesis, and nothing is said of its seals", () => {
    const ids = ["node1", "node2", "node3", "node4"];
    const found = assess(ids.map((id) => ({ id, status: undefined, problem: "refused" })));
    expect(found).toMatchObject({ heard: 0, promised: 1, votes: { present: 0, tolerates: -3 } });
    expect(isWhole(found)).toBe(false);
    expect(describeTolerance(found)).toContain("seals: unknown, because no node answers");
    expect(found.reasons).toContain("node3 gives no answer (refused)");
  });
});

describe("what a node says of the failures that are borne", () => {
  it("stands once, with who says it, and steers no terminal", () => {
    const ready = { ready: true, view: 5n, sealHolders: 900, connectedPeers: 3 };
    const status = (...reducedBecause: string[]) =>
      create(GetStatusResponseSchema, { ...ready, reducedBecause });
    const { reasons, seals } = assess([
      { id: "node1", status: status("all say so", "node4 is away"), problem: "" },
      { id: "node2", status: status("all say so", "node2 has rejoined"), problem: "" },
      { id: "node3", status: status("all say so", "\u001b[2J"), problem: "" },
    ]);
    expect(reasons).toEqual([
      "all say so",
      "node4 is away (node1)",
      "node2 has rejoined",
      "\\u{1b}[2J (node3)",
    ]);
    expect(seals?.holders).toBe(3);
  });
});

describe("a network whose nodes refuse the call", () => {
  const ready = create(GetStatusResponseSchema, {
    ready: true,
    view: 5n,
    sealHolders: 4,
    connectedPeers: 3,
    sealShare: SealShare.HELD,
  });
  const report = (id: string, said: "ready" | "refused" | "silent") => ({
    id,
    status: said === "ready" ? ready : undefined,
    problem: said === "ready" ? "" : "why",
    refused: said === "refused",
  });
  const found = (...said: ("ready" | "refused" | "silent")[]) =>
    assess(said.map((one, i) => report(`node${i + 1}`, one)));

  it.each([
    { said: ["refused", "refused", "refused", "refused"], code: EXIT.refused },
    { said: ["ready", "ready", "ready", "refused"], code: EXIT.refused },
    { said: ["ready", "refused", "refused", "silent"], code: EXIT.refused },
    { said: ["ready", "refused", "silent", "silent"], code: EXIT.failed },
    { said: ["ready", "ready", "ready", "silent"], code: EXIT.reduced },
    { said: ["ready", "ready", "ready", "ready"], code: EXIT.ok },
  ] as const)("ends with $code for $said", ({ said, code }) => {
    expect(exitCodeOf(found(...said))).toBe(code);
  });

  it("is not called dead", () => {
    const tolerance = found("refused", "refused", "refused", "refused");
    expect(describeTolerance(tolerance).join("\n")).not.toMatch(/payments wait|no node answers/);
    expect(tolerance.reasons).toContain("node1 refused: why");
  });

  it.each([
    ["UNAUTHENTICATED", "needs a token (--tokens)"],
    ["PERMISSION_DENIED", "needs a token with the scope read (--tokens)"],
    ["UNKNOWN_HOST", "slower [UNKNOWN_HOST]"],
  ] as const)("on %s says what it takes", async (reason, problem) => {
    const gateway = await openGateway({
      authenticator: {
        authenticate: async () => new Refusal(reason, { message: "slower" }),
      },
    });
    const client = createGatewayClient({ baseUrl: gateway.url, ca: gateway.ca });
    const address = gateway.url;
    expect(await reportOf({ id: "node1", address, client })).toMatchObject({
      problem,
      refused: true,
    });
    client.close();
    await gateway.close();
  });
});

describe("the table of states", () => {
  const status = create(GetStatusResponseSchema, {
    ready: true,
    height: 123_456_789n,
    view: 234_567_890n,
    sealedHeight: 123_456_700n,
    validators: 31,
    connectedPeers: 30,
    pendingOperations: 40_000,
    memoryPercent: 100,
    version: "0.10.12",
  });
  const row = (id: string, address: string, node: typeof status | undefined) => ({
    id,
    address,
    status: node,
    problem: "",
    refused: false,
  });

  it.each([
    ["of a small network", ["node1", "node2"], "127.0.0.1:7001"],
    ["of long names", ["a-member-with-a-very-long-name-1", "b"], "ledger.alpha.example.org:7001"],
  ])("%s fits 100 columns, with a node that is away and one after years", (_, ids, address) => {
    const old = create(GetStatusResponseSchema, { ...status, height: 98_765_432_109n });
    const rows = [...ids.map((id) => row(id, address, status)), row("away", address, undefined)];
    const lines = statusTable([...rows, row("old", address, old)]).split("\n");
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(100);
    expect(lines).toHaveLength(ids.length + 3);
    for (const line of lines.slice(1)) expect(line).toMatch(/ (ready|no answer)/);
    expect(lines.at(-1)).toContain("98765M");
  });

  it("leaves every reason whole, below it, in lines of 100 columns", () => {
    const reason = `- node4 is not ready: ${"it is behind the network and catching up ".repeat(6)}`;
    const lines = wrappedLine(reason.trimEnd()).split("\n");
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(100);
    expect(lines.map((line) => line.trim()).join(" ")).toBe(reason.trimEnd());
  });
});
