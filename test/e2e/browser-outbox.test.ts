/**
 * Goal: a web page's payments end once each, though the page is closed at any instant. Method: Chromium pays without a pause from an outbox in
 * IndexedDB, through two nodes of a real network; the page is closed while payments are on their way, and opened again.
 */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { GatewayEndpoint } from "../../src/client/ledger-client.ts";
import { statement } from "../../src/client/lists.ts";
import { signingKeyOf } from "../../src/node/base/crypto.ts";
import { toHex } from "../../src/primitives/bytes.ts";
import { bundleFor } from "../browser/bundle.ts";
import { Browser, hasChromium, serveOrigin } from "../browser/chromium.ts";
import { openToPages } from "../browser/open-to-pages.ts";
import type { PayerPlace } from "../browser/outbox-page.ts";
import { Devnet, leavePlace, newPlace } from "../support/devnet.ts";
import { randomUuid } from "../support/operations.ts";

const PAGE = new URL("../browser/outbox-page.ts", import.meta.url).pathname;
const CLOSINGS = 3;
const BALANCE = 100_000n;
const LONG = { timeout: 120_000 };

describe.skipIf(!hasChromium)("an outbox in Chromium", () => {
  let devnet: Devnet;
  let browser: Browser;
  let script: string;
  let place: PayerPlace;
  let site: Awaited<ReturnType<typeof serveOrigin>>;

  beforeAll(async () => {
    site = await serveOrigin();
    devnet = await Devnet.start(await newPlace());
    const endpoints: GatewayEndpoint[] = [];
    for (const index of [0, 1]) {
      const token = await openToPages(devnet, index, site.origin);
      const { url, name } = devnet.node(index);
      endpoints.push({ url, node: name, token });
    }
    const seed = crypto.getRandomValues(new Uint8Array(32));
    const { publicKey } = signingKeyOf(seed);
    const creationId = randomUuid();
    const calls = devnet.calls(2);
    await calls.walletCreation({ creationId, publicKey, asset: "EUR", initialBalance: BALANCE });
    const { wallet } = await calls.walletCreation({ asset: "EUR" });
    place = {
      genesisText: readFileSync(devnet.genesisFile, "utf8"),
      ...{ endpoints, seed: toHex(seed), creationId, payee: wallet?.id ?? "" },
    };
    ({ code: script } = await bundleFor(PAGE));
    browser = await Browser.start();
  });
  afterAll(async () => {
    await browser?.close();
    await devnet?.stop();
    if (devnet !== undefined) await leavePlace(devnet.place);
    site?.close();
  });

  /**
   * The browser gives the lock of a closed page back a moment later. `before`: the payments as they were found, before the network
   * can have answered for one.
   */
  async function opened() {
    const page = await browser.open(site.origin, script);
    let before: readonly (readonly [string, string])[] = [];
    const open = async () => {
      const { how, states } = await page.evaluate(async (where) => {
        const how = await globalThis.openPayer(where);
        return { how, states: how === "open" ? globalThis.payer.states() : [] };
      }, place);
      before = states;
      return how;
    };
    await expect.poll(open, LONG).toBe("open");
    return { page, before };
  }

  it("pays each payment once, though its page is closed while payments are on their way", async () => {
    const told = new Map<string, string>();
    for (let closing = 1; closing <= CLOSINGS; closing++) {
      const { page, before } = await opened();
      // Those that were told to be over are over, and more are there without an end.
      for (const [id, state] of told) expect(before).toContainEqual([id, state]);
      if (closing > 1) expect(before.some(([, state]) => state === "open")).toBe(true);
      await page.evaluate(() => void globalThis.payer.payOn());
      const settled = async () => {
        const states = await page.evaluate(() => globalThis.payer.states());
        for (const [id, state] of states) if (state !== "open") told.set(id, state);
        return told.size;
      };
      await expect.poll(settled, LONG).toBeGreaterThan(before.length);
      const second = await browser.open(site.origin, script);
      expect(await second.evaluate((where) => globalThis.openPayer(where), place)).toBe(
        "OUTBOX_LOCKED",
      );
      await second.close();
      await page.close();
    }
    const { page } = await opened();
    const ends = await page.evaluate(() => globalThis.payer.ends());
    await page.evaluate(() => globalThis.payer.close());
    for (const [id, state] of told) expect(ends).toContainEqual([id, state]);
    expect(new Set(ends.map(([, state]) => state))).toEqual(new Set(["applied"]));
    console.log(`${ends.length} payments, ${CLOSINGS} closings of the page`);

    const calls = devnet.calls(2);
    const paid = async () => {
      const ids: string[] = [];
      for await (const { id, counterparty } of statement(calls, { walletId: place.payee })) {
        if (counterparty !== "") ids.push(id);
      }
      return ids.toSorted();
    };
    // The page's nodes have answered, and this is another one.
    await expect.poll(paid, LONG).toEqual(ends.map(([id]) => id).toSorted());
  });
});
