// Stores of earlier versions are opened by this one, upgraded if their layout is older, and complete. Each is the
// data folder of a real node, recorded by fixtures/record.ts before its layout was left.
import { cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createLedgerContext } from "../../src/ledger/context.ts";
import { isValidPoint, sha256 } from "../../src/node/base/crypto.ts";
import { inlineChecker } from "../../src/node/base/signature-checker.ts";
import { loadGenesis } from "../../src/node/files/genesis-file.ts";
import { verifyStore } from "../../src/node/verify/store-verifier.ts";
import { validatorIndex } from "../../src/primitives/numbers.ts";
import { createCeremonyJudge } from "../../src/seal/judge.ts";
import { createSuite } from "../../src/seal/suite.ts";
import { openDataFolder } from "../../src/storage/data-folder.ts";
import { LAYOUTS, presentLayout } from "../../src/storage/layouts.ts";
import { levelEngine } from "../../src/storage/level-engine.ts";
import { openStoreOn } from "../../src/storage/open-store.ts";
import { openStore } from "../../src/storage/store-factory.ts";
import { NEXT_BUT_ONE } from "./migration-steps.ts";

const FIXTURES = join(import.meta.dirname, "fixtures");
const upgrade = { report: () => undefined };

let copy: string;
beforeEach(async () => {
  copy = await mkdtemp(join(tmpdir(), "countersign-fixture-"));
});
afterEach(async () => {
  await rm(copy, { recursive: true, force: true });
});

it("there is a fixture of every layout that is upgraded, and of the present one", async () => {
  const layouts = Array.from(
    { length: LAYOUTS.steps.length + 1 },
    (_, place) => LAYOUTS.oldest + place,
  );
  const names = (await readdir(FIXTURES)).filter((name) => name.startsWith("layout-"));
  expect(names.sort()).toEqual(layouts.map((layout) => `layout-${layout}`).sort());
});

describe.each(Array.from({ length: LAYOUTS.steps.length + 1 }, (_, i) => LAYOUTS.oldest + i))(
  "a store of layout %i",
  (layout) => {
    const fixture = join(FIXTURES, `layout-${layout}`);
    const genesis = loadGenesis(join(fixture, "genesis.json"));
    const judge = createCeremonyJudge(createSuite({ isValidPoint, hash: sha256 }));
    const context = createLedgerContext({ genesis, hash: sha256, isValidPoint, judge });

    beforeEach(() => cp(join(fixture, "data"), copy, { recursive: true }));

    it("is opened, and passes the whole check", async () => {
      const { storePath: location, engine, networkId, nodeId } = await openDataFolder(copy);
      expect(nodeId).toBe("node1");
      const store = await openStore({ engine, location, identity: { networkId } }, { upgrade });
      try {
        const report = await verifyStore({
          context,
          store,
          checker: inlineChecker,
          self: validatorIndex(0),
          onBlock: () => undefined,
        });
        expect(report).toMatchObject({ kind: "sound", wallets: 2, supply: { EUR: 1_005n } });
        expect(await store.evidence.load()).toHaveLength(2);
        expect((await store.registrations.load()).size).toBe(3);
        expect((await store.witnessedVotes.load()).size).toBeGreaterThan(0);
        expect(await store.journalIdentity.load()).toMatchObject({ starts: 1, amnesiac: false });
        const { operations } = report as { operations: number };
        expect(operations).toBeGreaterThan(6);
      } finally {
        await store.close();
      }
    });

    it("is upgraded by the steps of a later version", async () => {
      const { storePath, networkId } = await openDataFolder(copy);
      const states: string[] = [];
      const keyValue = await levelEngine.open(storePath, { openFilesMax: 100 });
      const store = await openStoreOn(keyValue, {
        identity: { networkId },
        create: false,
        place: storePath,
        layouts: NEXT_BUT_ONE,
        space: () => levelEngine.space(storePath),
        upgrade: { report: (one) => states.push(`${one.layout} ${one.state}`) },
      });
      expect((await store.blocks.loadTip())?.height).toBeGreaterThan(5);
      await store.close();
      const present = presentLayout(LAYOUTS);
      expect(states).toContain(`${present + 1} is done`);
      expect(states.at(-1)).toBe(`${present + 2} is done`);
    });
  },
);
