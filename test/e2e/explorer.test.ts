/**
 * Goal: from the page alone a reader finds which member is down, whether payments settle and how many failures are still borne, who paid a
 * wallet and for what, and whether a receipt is good. Method: Chromium on real nodes; the views are judged by axe, and nothing breaks the
 * content-security policy or asks another place.
 */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { toJsonString } from "@bufbuild/protobuf";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { GetReceiptResponseSchema } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { proofToJson } from "../../src/client/proof-file.ts";
import { Browser, hasChromium } from "../browser/chromium.ts";
import { ExplorerReader, LOOKS } from "../browser/explorer-reader.ts";
import { countersign } from "../cli/countersign.ts";
import { Devnet, leavePlace, newPlace } from "../support/devnet.ts";

const PICTURE = new URL("../../docs/explorer.png", import.meta.url).pathname;
const PICTURE_BYTES_MAX = 150_000;
const REFERENCE = "Invoice 2026-118";
const SLOW = { timeout: 120_000 };

describe.skipIf(!hasChromium)("the explorer in Chromium", () => {
  let devnet: Devnet;
  let browser: Browser;
  let reader: ExplorerReader;
  let [alice, bob] = ["", ""];
  let payment = { from: "", id: "" };

  const createWallet = async (initialBalance: bigint) =>
    (await devnet.calls(0).walletCreation({ initialBalance })).wallet?.id ?? "";

  beforeAll(async () => {
    devnet = await Devnet.start(await newPlace());
    [alice, bob] = [await createWallet(1_250_000n), await createWallet(0n)];
    await pay("Rent November", 95_000n);
    payment = await pay(REFERENCE, 12_550n);
    browser = await Browser.start();
    reader = await ExplorerReader.open(await browser.newPage(), devnet.node(0).url);
    await reader.set({ screen: "desktop", scheme: "light" });
  });
  afterAll(async () => {
    await browser?.close();
    await devnet.stop();
    await leavePlace(devnet.place);
  });
  afterEach(() => expect(reader.complaints).toEqual([]));

  async function pay(reference: string, amount: bigint) {
    const { transaction } = await devnet
      .calls(0)
      .transaction({ transaction: { from: alice, to: bob, amount, reference } });
    return { from: alice, id: transaction?.id ?? "" };
  }

  /** The answer to GetReceipt as a client saves it. */
  async function receiptText(): Promise<string> {
    const answer = await devnet.calls(1).getReceipt(payment);
    return toJsonString(GetReceiptResponseSchema, answer);
  }

  const row = (text: string) => reader.page.getByRole("row").filter({ hasText: text });
  const member = (name: string) => {
    const { page } = reader;
    const head = page.getByRole("rowheader", { name: new RegExp(`^${name}`) });
    return page.getByRole("row").filter({ has: head });
  };
  const banner = (name: string) => reader.page.getByRole("status", { name });
  const headline = (text: string | RegExp) =>
    banner("State of the network").getByText(text).waitFor(SLOW);
  const verdict = (text: string | RegExp) => banner("Verdict").getByText(text).waitFor(SLOW);

  it("tells which member is down, whether payments settle, and how many failures are still borne", async () => {
    await headline("All 4 members are up. Payments settle.");
    await reader.sees("1 more member may fail");
    for (const name of ["node1", "node2", "node3", "node4"]) {
      await member(name).getByText("takes part").waitFor(SLOW);
    }

    await devnet.kill(2);
    await headline("node3 is down. Payments settle.");
    await reader.sees("No further member may fail");
    await member("node3").getByText("down", { exact: true }).waitFor(SLOW);
    await member("node3").getByText("cannot now").waitFor(SLOW);
    await pay("with a member down", 1n);
    await reader.page.getByRole("img", { name: /last 60 seconds, at most [1-9]/ }).waitFor(SLOW);

    await devnet.kill(3);
    await headline("node3 and node4 are down. Payments do not settle");
    await reader.sees("Too many members are down.");

    await devnet.restart(2);
    await devnet.restart(3);
    await headline("All 4 members are up. Payments settle.");
  });

  it("finds a wallet, who paid it and for what, and proves it", async () => {
    const { page } = reader;
    await page.getByRole("searchbox").fill(bob);
    await page.getByRole("searchbox").press("Enter");
    const entry = row(REFERENCE);
    await entry.getByText("Received from").waitFor(SLOW);
    expect(await entry.getByRole("link").first().getAttribute("title")).toBe(alice);
    expect(await entry.innerText()).toContain("+125.50 EUR");
    await entry.getByRole("link", { name: /^Receipt/ }).click();
    await verdict("Valid: applied, countersigned");
    await reader.sees("125.50 EUR");
    const steps = await page.getByRole("heading", { level: 3 }).allInnerTexts();
    expect(steps.map((step) => step.replace(/\s*holds$/, ""))).toEqual([
      "The result",
      "Its place in the block",
      "The block's header",
      "The seal",
      "The key certificate",
      "The genesis",
      "The file",
    ]);
    expect(steps.every((step) => step.endsWith("holds"))).toBe(true);
  });

  it("finds a payment by its payer and its id, and says what the field takes", async () => {
    const field = reader.page.getByRole("searchbox");
    await reader.go("#/network");
    await field.fill(`${payment.from} ${payment.id}`);
    await field.press("Enter");
    await verdict("Valid: applied, countersigned");
    await field.fill("rent");
    await field.press("Enter");
    await reader.page.getByText("nor the two ids of a payment").waitFor(SLOW);
    await field.fill("");
  });

  it("takes a receipt by drop, and refuses one that was forged, with the step that fails", async () => {
    const { page } = reader;
    const text = await receiptText();
    const drop = async (name: string, content: string) => {
      const file = JSON.stringify([[content], name]);
      const dataTransfer = await page.evaluateHandle<object>(`(() => {
        const [content, name] = ${file};
        const data = new DataTransfer();
        data.items.add(new File(content, name, { type: "application/json" }));
        return data;
      })()`);
      await page
        .getByRole("region", { name: "A receipt or a proof from a file" })
        .dispatchEvent("drop", { dataTransfer });
    };
    await reader.go("#/receipt");
    await drop("good.json", text);
    await verdict("good.json");
    await verdict("Valid: applied, countersigned");

    // Another amount in the signed bytes, and the same one in the field beside them.
    const answer = JSON.parse(text);
    const leaf = Buffer.from(answer.receipt.leaf, "base64");
    const place = leaf.indexOf(REFERENCE);
    expect(place).toBeGreaterThan(0);
    leaf.write("X", place);
    await drop(
      "forged.json",
      JSON.stringify({ ...answer, receipt: { ...answer.receipt, leaf: leaf.toString("base64") } }),
    );
    await verdict("Refused: this receipt proves nothing");
    await page.getByRole("listitem").filter({ hasText: "The result fails" }).waitFor(SLOW);

    const transaction = { ...answer.transaction, amount: "1" };
    await drop("beside.json", JSON.stringify({ ...answer, transaction }));
    await verdict("is not what the receipt proves");
    await page.getByRole("listitem").filter({ hasText: "The file fails" }).waitFor(SLOW);

    // A wallet's proof, and the same with another balance in its record.
    const { proof } = await devnet.calls(0).getWallet({ id: bob, prove: true });
    await drop("wallet.proof", proofToJson(proof));
    await verdict("Valid: the wallet and what it holds");
    await reader.sees(/in the wallet/);
    const record = Buffer.from(proof);
    const tag = record.indexOf("countersign/v1/wallet-record");
    expect(tag).toBeGreaterThan(0);
    // Behind the tag: network id, wallet id, key, asset; then the balance, of which this is the last byte.
    const last = tag + "countersign/v1/wallet-record".length + 32 + 16 + 32 + 1 + 7;
    record.writeUInt8((record.readUInt8(last) + 1) % 256, last);
    await drop("forged.proof", proofToJson(record));
    await verdict("Refused: this file proves nothing");
    await page
      .getByRole("listitem")
      .filter({ hasText: "Its place in the state fails" })
      .waitFor(SLOW);

    await drop("garbage.json", "not JSON");
    await verdict("Refused: this file proves nothing");

    // The genesis of another network.
    const genesis = JSON.parse(readFileSync(devnet.genesisFile, "utf8"));
    await drop("genesis.json", JSON.stringify({ ...genesis, createdAt: genesis.createdAt + 1 }));
    await reader.sees("your genesis");
    await drop("good.json", text);
    await verdict("Refused: this receipt proves nothing");
    await page.getByRole("button", { name: "Use the node's again" }).click();
    await verdict("Valid: applied, countersigned");
  });

  it("shows a payment as it becomes final, by the stream", async () => {
    await reader.go("#/payments");
    await row(REFERENCE).first().waitFor(SLOW);
    await reader.page.getByText("live", { exact: true }).waitFor(SLOW);
    // A stream begins with what becomes final after it was opened.
    await expect
      .poll(async () => {
        await pay("seen as it happens", 2n);
        return await row("seen as it happens").count();
      }, SLOW)
      .toBeGreaterThan(0);
    await reader.go(`#/wallets/${bob}`);
    await row("seen as it happens").first().waitFor(SLOW);
    await pay("and on its statement", 3n);
    await row("and on its statement").first().waitFor(SLOW);
  });

  it("is used by the keyboard alone", async () => {
    const { page } = reader;
    await reader.go("#/network");
    await page.reload();
    await headline(/Payments/);
    await page.keyboard.press("Tab");
    const focused = () => page.evaluate<string>("document.activeElement.textContent.trim()");
    expect(await focused()).toBe("Skip to the content");
    await page.keyboard.press("Enter");
    expect(await page.evaluate("document.activeElement.id")).toBe("content");
    await page.getByRole("link", { name: "Blocks" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Blocks" }).waitFor(SLOW);
    // The title follows once the view was drawn.
    await page.waitForFunction('document.title === "Blocks · Countersign"', undefined, SLOW);
  });

  it("is accessible by axe in each view, light and dark, on a desktop and on a phone", async () => {
    const { height } = await devnet.calls(0).getStatus({});
    const views: readonly (readonly [place: string, seen: string | RegExp])[] = [
      ["#/network", "Payments settle"],
      ["#/payments", REFERENCE],
      ["#/wallets", alice],
      [`#/wallets/${bob}`, REFERENCE],
      ["#/wallets/00000000-0000-4000-8000-000000000000", "There is none"],
      ["#/blocks", "Final blocks"],
      [`#/blocks/${height}`, "State root"],
      [`#/receipt/${payment.from}/${payment.id}`, "Valid: applied"],
      ["#/receipt", "Drop a receipt or a proof here"],
      ["#/help", "What this page is"],
      ["#/nowhere", "The page has no such place"],
    ];
    const breaches: string[] = [];
    for (const look of LOOKS) {
      await reader.set(look);
      for (const [place, seen] of views) {
        await reader.go(place);
        await reader.sees(seen);
        const found = await reader.breaches();
        breaches.push(...found.map((one) => `${place}, ${look.screen}, ${look.scheme}: ${one}`));
      }
    }
    expect(breaches).toEqual([]);
    await reader.set({ screen: "desktop", scheme: "light" });
  });

  it(`is in README by a picture of at most ${PICTURE_BYTES_MAX} bytes, which UPDATE_PICTURES=1 takes anew`, async () => {
    if (process.env["UPDATE_PICTURES"] === "1") {
      await reader.page.setViewportSize({ width: 1100, height: 720 });
      await reader.go("#/network");
      await headline("All 4 members are up. Payments settle.");
      writeFileSync(PICTURE, await reader.page.screenshot());
    }
    expect(statSync(PICTURE).size).toBeLessThanOrEqual(PICTURE_BYTES_MAX);
    expect(readFileSync(new URL("../../README.md", import.meta.url), "utf8")).toContain(
      "docs/explorer.png",
    );
  });

  it("asks for a token where the node does, keeps it for the tab alone, and shows what its scopes allow", async () => {
    const { configFile, url } = devnet.node(1);
    const config = JSON.parse(readFileSync(configFile, "utf8"));
    writeFileSync(configFile, JSON.stringify({ ...config, access: { tokens: true } }));
    await devnet.kill(1);
    await devnet.restart(1);
    const token = async (name: string, scopes: string) => {
      const options = ["--name", name, "--scopes", scopes, "--json"];
      const made = await countersign(["token", "create", "--config", configFile, ...options]);
      expect(made.code, made.error).toBe(0);
      return JSON.parse(made.out).text as string;
    };
    const page = await browser.newPage();
    const stranger = await ExplorerReader.open(page, url);
    await stranger.sees("This node asks who you are");
    expect(await stranger.breaches()).toEqual([]);
    const enter = async (text: string) => {
      await page.getByRole("button", { name: /^Enter a/ }).click();
      await page.getByLabel("Token", { exact: true }).fill(text);
      await page.getByLabel("Token", { exact: true }).press("Enter");
    };
    await enter(await token("looker", "read"));
    await page.getByText("All 4 members are up. Payments settle.").waitFor(SLOW);
    await stranger.go("#/payments");
    await stranger.sees("It needs the scope read:all");
    await stranger.go(`#/wallets/${bob}`);
    await stranger.sees("There is none");

    await stranger.go("#/payments");
    await enter(await token("auditor", "read,read:all"));
    await page.getByRole("row").filter({ hasText: REFERENCE }).waitFor(SLOW);
    const kept = await page.evaluate(
      "({ local: localStorage.length, session: sessionStorage.length, cookies: document.cookie })",
    );
    expect(kept).toEqual({ local: 0, session: 1, cookies: "" });
    expect(await page.content()).not.toContain("cs_");
    await page.getByRole("button", { name: "Token" }).click();
    await page.getByRole("button", { name: "Forget the token" }).click();
    await stranger.sees("This node asks who you are");
    expect(await page.evaluate("sessionStorage.length")).toBe(0);
    expect(stranger.complaints).toEqual([]);
  });
});
