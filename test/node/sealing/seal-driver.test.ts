/**
 * R31: the seal driver of a node that started from a snapshot tells its engine only the headers that the node may
 * countersign.
 */
import { expect, it } from "vitest";
import { genesisHeader } from "../../../src/ledger/header.ts";
import { createLog } from "../../../src/node/base/log.ts";
import { realSystem } from "../../../src/node/base/system.ts";
import { CeremonyKeys } from "../../../src/node/sealing/ceremony-keys.ts";
import { EngineSlot } from "../../../src/node/sealing/engine-slot.ts";
import { SealDriver } from "../../../src/node/sealing/seal-driver.ts";
import type { ToEngine } from "../../../src/node/sealing/seal-engine.ts";
import { SealKeeper } from "../../../src/node/sealing/seal-keeper.ts";
import { SealSchedule } from "../../../src/node/sealing/seal-schedule.ts";
import { height } from "../../../src/primitives/numbers.ts";
import { openMemoryStore } from "../../../src/storage/memory-store.ts";
import { createNetwork, start } from "../../ledger/fixture.ts";
import { sharesOf } from "../../seal/seal-world.ts";
import { bytesNamed, sampleBlock, sampleCommit } from "../../storage/sample-chain.ts";

const SNAPSHOT = 66;
const TIP = 70;

it("R31: a node never countersigns at or below its snapshot, though it holds the blocks there", async () => {
  const network = createNetwork();
  const { networkId } = network.context;
  const store = await openMemoryStore({ identity: { networkId } });
  const { wallets } = sampleCommit(1, SNAPSHOT);
  await store.chain.startFrom({ ...sampleCommit(SNAPSHOT), wallets });
  await store.chain.commit(sampleCommit(SNAPSHOT + 1, TIP));
  await store.chain.fill({
    blocks: Array.from({ length: SNAPSHOT - 1 }, (_, i) => sampleBlock(SNAPSHOT - 1 - i)),
    finalizations: [{ height: height(SNAPSHOT - 1), certificate: bytesNamed("final", 250) }],
    seals: [],
  });
  expect(await store.blocks.loadHeader(height(64))).toBeDefined();

  const posted: ToEngine[] = [];
  const [share = expect.fail("a share")] = sharesOf(4);
  const header = genesisHeader(network.context);
  const state = { ...start(network), height: height(TIP) };
  const committed = { state, header, hash: sampleBlock(TIP).hash };
  const self = share.member;
  const links = { isConnected: () => true, send: () => undefined };
  const engine = new EngineSlot(() => ({
    post: (message) => posted.push(message),
    close: () => Promise.resolve(),
  }));
  const schedule = new SealSchedule({ self, validators: 4, sealTimeoutMs: 1_000, links });
  const waiters = { sealed: () => undefined };
  const driver = new SealDriver({
    self,
    run: 1,
    sealTimeoutMs: 1_000,
    engine,
    schedule,
    keeper: new SealKeeper({ engine, schedule, store, waiters, links, system: realSystem }),
    shares: { ask: () => Promise.resolve(undefined) },
    finalizer: { committed },
    store,
    system: realSystem,
    log: createLog("test", "silent"),
    fail: (error) => expect.fail(String(error)),
  });
  const ring = {
    has: () => Promise.resolve(false),
    load: () => expect.fail("no key"),
    save: () => expect.fail("no key"),
    destroy: () => expect.fail("no key"),
  };
  await driver.open(share.key, new CeremonyKeys(ring));
  const headers = posted.flatMap((message) => (message.kind === "header" ? [message.height] : []));
  expect(headers).toEqual([67, 68, 69, 70]);
  await driver.close();
});
