/** Which nodes `countersign status` counts: those whose votes a quorum can be made of. */
import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { GetStatusResponseSchema } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { stateOf } from "../../src/cli/tolerance.ts";

describe("the state of a node", () => {
  it.each([
    { node: { ready: true, view: 19n, firstView: 19n }, state: "ready" },
    { node: { ready: true, view: 5n, firstView: 1n }, state: "ready" },
    // Before the field there was none.
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
