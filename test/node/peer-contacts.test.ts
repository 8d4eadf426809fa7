/** A node's way to its peers: what it waits for ends when the node does. */
import { expect, it } from "vitest";
import { createLog } from "../../src/node/base/log.ts";
import { realSystem } from "../../src/node/base/system.ts";
import { PeerContacts } from "../../src/node/peers/peer-contacts.ts";
import type { Registry } from "../../src/node/peers/registry.ts";
import { validatorIndex } from "../../src/primitives/numbers.ts";
import { createPeerClient, type PeerClient, PeerFailure } from "../../src/transport/peer-client.ts";
import { createNetwork } from "../ledger/fixture.ts";
import { createPeerDouble, registrationOf, transportTo } from "../transport/peer-double.ts";

it("a peer that never answers a greeting does not hold up a stop", async () => {
  const { validators } = createNetwork().context.genesis;
  const greeted = Promise.withResolvers<void>();
  const silent: PeerClient = {
    ...createPeerClient(transportTo(createPeerDouble(), 0)),
    register: (_, limits) =>
      new Promise((resolve) => {
        greeted.resolve();
        limits?.signal?.addEventListener("abort", () => {
          resolve(new PeerFailure("unreachable", "given up"));
        });
      }),
  };
  const contacts = new PeerContacts({
    validators,
    self: validatorIndex(0),
    clientOf: () => silent,
    registry: { own: registrationOf(0) } as Registry,
    onConnected: () => expect.fail("nobody answered"),
    onDisconnected: () => undefined,
    onOutdated: () => undefined,
    system: realSystem,
    log: createLog("test", "silent"),
    fail: (error) => expect.fail(`${error}`),
  });
  contacts.links.open();
  await greeted.promise;
  await contacts.links.close();
});
