/** Nodes whose software speaks different versions of the peer protocol, in one network. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Capabilities, PROTOCOL, UNSTATED } from "../../../src/transport/capabilities.ts";
import { greetingFromMessage, greetingToRequest } from "../../../src/transport/convert-peer.ts";
import { Refusal } from "../../../src/transport/refusal.ts";
import type { Cluster } from "../../support/cluster.ts";
import { registrationOf } from "../../transport/peer-double.ts";
import {
  balanceOf,
  issue,
  running,
  SETUP_MS,
  signedTransfer,
  startNetwork,
  stopNetwork,
  until,
} from "../network.ts";

vi.setConfig({ testTimeout: SETUP_MS + 30_000 });

let cluster: Cluster;
afterEach(() => stopNetwork(cluster));

const speaks = (min: number, max: number) => ({
  protocol: { min, max },
  rulesetMax: UNSTATED.rulesetMax,
});

async function softwareAt(node: number) {
  const { peers } = await cluster.client(node).listPeers({});
  return peers.map(({ software }) => software);
}

/** A payment through one node, seen at all. */
async function pay(through: number): Promise<void> {
  const [alice, bob] = [
    await issue(cluster, through, { balance: 100n }),
    await issue(cluster, through),
  ];
  const order = signedTransfer(cluster, { from: alice, to: bob.id, amount: 40n });
  await cluster.client(through).transaction(order);
  for (const node of running(cluster)) {
    const what = `the payment at node ${node}`;
    await until(what, async () => (await balanceOf(cluster, node, bob.id)) === 41n);
  }
}

describe("T17: nodes of two versions", () => {
  it("link by the highest version that both speak, and pay through each of them", async () => {
    const old = speaks(1, 1);
    cluster = await startNetwork({
      rulesets: [],
      capabilitiesOf: (node) => (node < 2 ? old : undefined),
    });
    await until("all greetings", async () =>
      [...(await softwareAt(0)), ...(await softwareAt(3))].every(
        (software) => software !== undefined,
      ),
    );
    expect(await softwareAt(3)).toMatchObject([
      { protocol: 1, protocolMin: 1, protocolMax: 1, rulesetMax: 1, version: "" },
      { protocol: 1, protocolMin: 1, protocolMax: 1, rulesetMax: 1, version: "" },
      { protocol: PROTOCOL.max, protocolMax: PROTOCOL.max, version: "test" },
    ]);
    expect((await softwareAt(0)).map((software) => software?.protocol)).toEqual([1, 1, 1]);
    await pay(0);
    await pay(3);
  });

  it("have no link if their ranges do not meet; both say why, and the others go on", async () => {
    const only = new Map([
      [0, speaks(1, 1)],
      [3, speaks(2, 2)],
    ]);
    cluster = await startNetwork({
      rulesets: [],
      capabilitiesOf: (node) => only.get(node),
    });
    const reasons = async (node: number) =>
      (await cluster.client(node).getStatus({})).reducedBecause.join();
    await until("both to say why", async () => {
      const [first, last] = [await reasons(0), await reasons(3)];
      return (
        /no link to node4: .* speaks 1, .* speaks 2/.test(first) &&
        /no link to node1: .* speaks 2, .* speaks 1/.test(last)
      );
    });
    const links = async (node: number) => {
      const { peers } = await cluster.client(node).listPeers({});
      return peers.map(({ nodeId, connected, software }) => [
        nodeId,
        connected,
        software?.protocol,
      ]);
    };
    expect(await links(0)).toContainEqual(["node4", false, 0]);
    expect(await links(3)).toContainEqual(["node1", false, 0]);
    await pay(1);
  });
});

describe("T17: capabilities that are no range", () => {
  const good: Capabilities = { protocol: { min: 1, max: 2 }, rulesetMax: 2, version: "1.0" };

  it.each<[string, Partial<Capabilities>, string]>([
    ["begin at 0", { protocol: { min: 0, max: 2 } }, "protocolMin"],
    ["end before they begin", { protocol: { min: 3, max: 2 } }, "protocolMin"],
    ["end above 65535", { protocol: { min: 1, max: 65_536 } }, "protocolMax"],
    ["know no ruleset", { rulesetMax: 0 }, "rulesetMax"],
    ["have a long version", { version: "9".repeat(65) }, "version"],
  ])("are refused by the name of the field if they %s", (_, wrong, field) => {
    const greeting = { ...registrationOf(1), capabilities: { ...good, ...wrong } };
    const read = greetingFromMessage(greetingToRequest(greeting));
    expect(read instanceof Refusal && read.field).toBe(`capabilities.${field}`);
  });
});
