// A node that has begun without its store knows from its peers how far the chain has come.
import { expect, it } from "vitest";
import { NodeView } from "../../../src/node/clients/node-view.ts";
import { height } from "../../../src/primitives/numbers.ts";

/** Of a node that lacks nothing else to be ready. */
function viewAt({ executed, known, proved }: Readonly<Record<string, number>>) {
  const parts = {
    self: { index: 0 },
    context: { members: () => [0, 1, 2, 3].map((index) => ({ index })) },
    contacts: { links: { isConnected: () => true } },
    draining: { isOn: false },
    clock: { errorMs: undefined },
    store: { blocks: { history: { from: 1, below: 0 } } },
    consensus: { core: { status: () => ({ knownFinalHeight: height(known ?? 0) }) } },
    finalizer: { committed: { state: { height: height(executed ?? 0) } } },
    check: { missing: 0, finalHeight: height(proved ?? 0) },
  };
  return new NodeView(parts as never);
}

it.each([
  [
    "R29: lags, and is not ready, where its peers proved more blocks to be final",
    { proved: 100 },
    true,
  ],
  [
    "R29: lags, and is not ready, where it knows of more itself",
    { executed: 96, known: 100, proved: 50 },
    true,
  ],
  ["does not once it has executed them", { executed: 97, known: 100, proved: 100 }, false],
  ["does not in a network that begins", {}, false],
])("%s", (_claim, heights, lags) => {
  const view = viewAt(heights);
  expect(view.isLagging).toBe(lags);
  expect(view.isReady).toBe(!lags);
});
