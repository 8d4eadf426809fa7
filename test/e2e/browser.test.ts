/**
 * Goal: a web page pays, follows its wallet and verifies, with a key that never leaves it. Method: Chromium runs the bundled client against a node
 * of a real network that names the page's origin.
 */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EntryKind } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { bundleFor } from "../browser/bundle.ts";
import { Browser, hasChromium, serveOrigin } from "../browser/chromium.ts";
import { openToPages } from "../browser/open-to-pages.ts";
import type { Place } from "../browser/wallet-page.ts";
import { Devnet, leavePlace, newPlace } from "../support/devnet.ts";

const PAGE = new URL("../browser/wallet-page.ts", import.meta.url).pathname;

describe.skipIf(!hasChromium)("a page in Chromium", () => {
  let devnet: Devnet;
  let browser: Browser;
  let script: string;
  let place: Place;
  /** Two origins; the node names the first. */
  let sites: Awaited<ReturnType<typeof serveOrigin>>[];
  let allowed: string;

  beforeAll(async () => {
    sites = [await serveOrigin(), await serveOrigin()];
    allowed = sites[0]?.origin ?? "";
    devnet = await Devnet.start(await newPlace());
    const node = devnet.node(0);
    const token = await openToPages(devnet, 0, allowed);
    place = {
      genesisText: readFileSync(devnet.genesisFile, "utf8"),
      baseUrl: node.url,
      token,
      node: node.name,
    };
    ({ code: script } = await bundleFor(PAGE));
    browser = await Browser.start();
  });
  afterAll(async () => {
    await browser?.close();
    await devnet.stop();
    await leavePlace(devnet.place);
    for (const { close } of sites) close();
  });

  it("pays with its own key, proves the payment sealed, and sees it in its statement's stream", async () => {
    const page = await browser.open(allowed, script);
    const opened = await page.evaluate((where) => {
      globalThis.wallet = globalThis.openWallet(where);
      return globalThis.wallet.opened;
    }, place);
    const bob = (await devnet.calls(2).walletCreation({ asset: "EUR" })).wallet?.id ?? "";
    // Another node, which is an issuer, creates the wallet with money; the page's node knows it, and the one before it, a moment
    // later.
    await devnet.calls(1).walletCreation({
      creationId: opened.creationId,
      publicKey: Uint8Array.from(opened.publicKey),
      asset: "EUR",
      initialBalance: 1_000n,
    });
    const balance = () => page.evaluate(() => globalThis.wallet.balance());
    await expect.poll(balance, { timeout: 120_000 }).toBe("1000");

    const paid = await page.evaluate((to) => globalThis.wallet.pay(to), bob);
    expect(paid).toMatchObject({ problem: "", status: "applied", proof: "sealed" });
    expect(await page.evaluate(() => globalThis.wallet.watch(2))).toEqual([
      [EntryKind.CREATED, "1000"],
      [EntryKind.PAID, "975"],
    ]);
    const held = async () => (await devnet.calls(2).getWallet({ id: bob })).wallet?.balance;
    await expect.poll(held, { timeout: 120_000 }).toBe(25n);

    const other = JSON.parse(place.genesisText);
    const text = JSON.stringify({ ...other, createdAt: other.createdAt + 1 });
    const doubted = await page.evaluate(
      ([to, genesisText]) => globalThis.wallet.pay(to, genesisText),
      [bob, text] as const,
    );
    expect(doubted.problem).toMatch(/network/);
  });

  it("of another origin gets no answer, and one with a wrong token a refusal that it can read", async () => {
    const statusAt = async (origin: string, token: string) => {
      const page = await browser.open(origin, script);
      return await page.evaluate((where) => globalThis.openWallet(where).status(), {
        ...place,
        token,
      });
    };
    expect(await statusAt(sites[1]?.origin ?? "", place.token)).toMatch(/not reached/);
    expect(await statusAt(allowed, `${place.token.slice(0, -1)}`)).toBe("UNAUTHENTICATED");
    expect(await statusAt(allowed, place.token)).toBe("answered");
  });
});
