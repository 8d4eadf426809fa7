/**
 * The seal driver on an engine that the test plays: R31, it tells the engine only the headers that the node may countersign;
 * S6, a header that too few members can sign holds up no other.
 */
import { expect, it } from "vitest";
import { FIRST_EPOCH } from "../../../src/ledger/epochs.ts";
import { genesisHeader } from "../../../src/ledger/header.ts";
import { createLog } from "../../../src/node/base/log.ts";
import { realSystem } from "../../../src/node/base/system.ts";
import { CeremonyKeys } from "../../../src/node/sealing/ceremony-keys.ts";
import { EngineSlot } from "../../../src/node/sealing/engine-slot.ts";
import { SealDriver } from "../../../src/node/sealing/seal-driver.ts";
import type { FromEngine, ToEngine } from "../../../src/node/sealing/seal-engine.ts";
import { SealKeeper } from "../../../src/node/sealing/seal-keeper.ts";
import { SealSchedule, TEST_SEAL_HEIGHT } from "../../../src/node/sealing/seal-schedule.ts";
import { height } from "../../../src/primitives/numbers.ts";
import type { SealTarget } from "../../../src/seal/target.ts";
import type { Store } from "../../../src/storage/contracts.ts";
import { openMemoryStore } from "../../../src/storage/memory-store.ts";
import { createNetwork, start } from "../../ledger/fixture.ts";
import { sharesOf } from "../../seal/seal-world.ts";
import { bytesNamed, sampleBlock, sampleCommit } from "../../storage/sample-chain.ts";

const SNAPSHOT = 66;
const TIP = 70;
const network = createNetwork();

const openStore = () => openMemoryStore({ identity: { networkId: network.context.networkId } });

it("R31: a node never countersigns at or below its snapshot, though it holds the blocks there", async () => {
  const store = await openStore();
  const { wallets } = sampleCommit(1, SNAPSHOT);
  await store.chain.startFrom({ ...sampleCommit(SNAPSHOT), wallets });
  await store.chain.commit(sampleCommit(SNAPSHOT + 1, TIP));
  await store.chain.fill({
    blocks: Array.from({ length: SNAPSHOT - 1 }, (_, i) => sampleBlock(SNAPSHOT - 1 - i)),
    finalizations: [{ height: height(SNAPSHOT - 1), certificate: bytesNamed("final", 250) }],
    seals: [],
  });
  expect(await store.blocks.loadHeader(height(64))).toBeDefined();
  const { posted, driver } = await openDriver(store, TIP);
  const headers = posted.flatMap((message) => (message.kind === "header" ? [message.height] : []));
  expect(headers).toEqual([67, 68, 69, 70]);
  await driver.close();
});

it("S6: a header that too few members can sign gives way once a multiple of 64 covers it", async () => {
  const store = await openStore();
  await store.chain.commit(sampleCommit(1, 130));
  await store.seals.save(TEST_SEAL_HEIGHT, bytesNamed("the sealed test message", 64));
  const { posted, say, chain, driver } = await openDriver(store, 130);
  const begun = () =>
    posted.flatMap((message) => {
      if (message.kind !== "coordinate" || message.target.kind === "test") return [];
      return [Number(message.target.height)];
    });
  const lacks = (at: number) => {
    const waiting: SealTarget = { kind: "header", epoch: FIRST_EPOCH, height: height(at) };
    say({ kind: "deadline", at: Number.MAX_SAFE_INTEGER, waiting });
  };
  expect(begun()).toEqual([64]);
  say({ kind: "deadline", at: Number.MAX_SAFE_INTEGER });
  expect(begun()).toEqual([64]);
  lacks(64);
  expect(begun()).toEqual([64, 130]);
  lacks(130);
  expect(begun()).toEqual([64, 130]);
  chain.tip = 192;
  lacks(130);
  expect(begun()).toEqual([64, 130, 128]);
  await driver.close();
});

/** The driver of validator 0, whose key is final and whose links are down, so that it waits for no turn of another. */
async function openDriver(store: Store, tip: number) {
  const posted: ToEngine[] = [];
  const chain = { tip };
  let say = (_: FromEngine): void => undefined;
  const [share = expect.fail("a share")] = sharesOf(4);
  const header = genesisHeader(network.context);
  const finalizer = {
    get committed() {
      const state = { ...start(network), height: height(chain.tip) };
      return { state, header, hash: sampleBlock(chain.tip).hash };
    },
  };
  const self = share.member;
  const links = { isConnected: () => false, send: () => undefined };
  const engine = new EngineSlot((_, { receive }) => {
    say = receive;
    return { post: (message) => posted.push(message), close: () => Promise.resolve() };
  });
  // Time stands still.
  const system = { ...realSystem, monotonic: () => 1_000_000, after: () => () => undefined };
  const schedule = new SealSchedule({ self, validators: 4, sealTimeoutMs: 1_000, links });
  const waiters = { sealed: () => undefined };
  const driver = new SealDriver({
    self,
    run: 1,
    sealTimeoutMs: 1_000,
    engine,
    schedule,
    keeper: new SealKeeper({ engine, schedule, store, waiters, links, system }),
    shares: { ask: () => Promise.resolve(undefined) },
    finalizer,
    store,
    system,
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
  return { posted, chain, driver, say: (message: FromEngine) => say(message) };
}
