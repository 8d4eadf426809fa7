/** A node's calls to its peers end when the node does. */
import { describe, expect, it } from "vitest";
import { createLog } from "../../../src/node/base/log.ts";
import { realSystem, type System } from "../../../src/node/base/system.ts";
import { PeerContacts } from "../../../src/node/peers/peer-contacts.ts";
import { PeerSoftware } from "../../../src/node/peers/peer-software.ts";
import type { Registry } from "../../../src/node/peers/registry.ts";
import { validatorIndex } from "../../../src/primitives/numbers.ts";
import { UNSTATED } from "../../../src/transport/capabilities.ts";
import {
  createPeerClient,
  type PeerClient,
  PeerFailure,
} from "../../../src/transport/peer-client.ts";
import { createNetwork } from "../../ledger/fixture.ts";
import { createPeerDouble, registrationOf, transportTo } from "../../transport/peer-double.ts";

describe("when a peer was last heard from", () => {
  const [PEER, OTHER] = [validatorIndex(1), validatorIndex(2)];

  function open(client: Partial<PeerClient> = {}) {
    let now = 5_000;
    let pinged = (): void => undefined;
    const system: System = { ...realSystem, monotonic: () => now };
    const contacts = new PeerContacts({
      validators: createNetwork().context.genesis.validators,
      self: validatorIndex(0),
      clientOf: ({ index }, onAnswer) => {
        if (index === PEER) pinged = onAnswer;
        return { ...createPeerClient(transportTo(createPeerDouble(), 0)), ...client };
      },
      registry: { own: registrationOf(0) } as Registry,
      software: new PeerSoftware(UNSTATED),
      approvals: { own: undefined, receive: async () => undefined },
      system,
      log: createLog("test", "silent"),
      fail: (error) => expect.fail(`${error}`),
    });
    const pass = (ms: number) => {
      now += ms;
    };
    return { contacts, pass, ping: () => pinged() };
  }

  it("is counted from a call of its own, an answer or an answered ping, for each peer", async () => {
    const { contacts, pass, ping } = open();
    expect(contacts.silentMs(PEER)).toBeUndefined();
    const signs = [
      () => contacts.called(PEER),
      () => contacts.fetchOperations(PEER, []),
      () => contacts.recall(PEER),
      ping,
    ];
    for (const sign of signs) {
      pass(700);
      await sign();
      expect(contacts.silentMs(PEER)).toBe(0);
    }
    pass(1_234);
    expect(contacts.silentMs(PEER)).toBe(1_234);
    expect(contacts.silentMs(OTHER)).toBeUndefined();
  });

  it("is not counted from a call without an answer, but from one that was refused", async () => {
    const answers = [new PeerFailure("unreachable", "down"), new PeerFailure("refused", "busy")];
    const { contacts } = open({ recall: async () => answers.shift() ?? expect.fail() });
    await contacts.recall(PEER);
    expect(contacts.silentMs(PEER)).toBeUndefined();
    await contacts.recall(PEER);
    expect(contacts.silentMs(PEER)).toBe(0);
  });
});

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
    software: new PeerSoftware(UNSTATED),
    approvals: { own: undefined, receive: async () => undefined },
    system: realSystem,
    log: createLog("test", "silent"),
    fail: (error) => expect.fail(`${error}`),
  });
  contacts.open([{ connected: () => expect.fail("no peer answered") }]);
  await greeted.promise;
  await contacts.links.close();
});
