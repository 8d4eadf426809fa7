/**
 * Goal: the explorer shows a chain of any length as quickly as a short one. Method: Chromium on a real listener before a ledger of 100,000 blocks, which
 * are made as they are asked for; what the page asked is counted.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sha256 } from "../../src/node/base/crypto.ts";
import { encodeHeader } from "../../src/primitives/block.ts";
import { type Height, height as heightOf, view } from "../../src/primitives/numbers.ts";
import { explorerPages } from "../../src/transport/explorer-pages.ts";
import type {
  BlockInfo,
  BlockListQuery,
  PageQuery,
  TransactionInfo,
} from "../../src/transport/ledger-lists.ts";
import { type Gateway, openGateway } from "../transport/gateway.ts";
import {
  header,
  transfer,
  transferId,
  validators,
  walletA,
  walletB,
} from "../transport/ledger-double.ts";
import { Browser, hasChromium } from "./chromium.ts";
import { ExplorerReader } from "./explorer-reader.ts";

const HEIGHT = 100_000;
const BLOCK_MS = 100;
const ITEMS_A_PAGE_MAX = 200;
/** Pages of the lists, and what the watch asks while the chain stands still. */
const ITEMS_MAX = 1_000;

function headerAt(height: Height) {
  const time = header.time - (HEIGHT - height) * BLOCK_MS;
  return { ...header, height, view: view(height + 1), time };
}

function blockAt(height: Height): BlockInfo {
  const own = headerAt(height);
  return {
    hash: sha256(encodeHeader(own)),
    header: own,
    finalizationHeight: height,
    sealHeight: height,
  };
}

function transactionAt(height: Height): TransactionInfo {
  return {
    ...{ height, index: 0, time: headerAt(height).time },
    operation: { kind: "transfer", transfer: { ...transfer, reference: `payment ${height}` } },
    result: { status: "applied" },
    receipt: { kind: "transfer", from: walletA, id: transferId },
  };
}

describe.skipIf(!hasChromium)(`the explorer of a chain of ${HEIGHT} blocks, in Chromium`, () => {
  let gateway: Gateway;
  let browser: Browser;
  let reader: ExplorerReader;
  /** The sizes of the pages that were asked for, by call. */
  const asked: { readonly what: string; readonly items: number }[] = [];

  /** Newest first; the cursor is the height at which the next page begins. */
  function pageOf<T>(what: string, { pageSize, cursor }: PageQuery, item: (height: Height) => T) {
    asked.push({ what, items: pageSize });
    const top = cursor === undefined ? HEIGHT : Number(cursor);
    const items = Array.from({ length: Math.min(pageSize, top) }, (_, i) =>
      item(heightOf(top - i)),
    );
    const next = top - items.length;
    return {
      items,
      ...(next === 0 ? {} : { nextCursor: String(next) }),
      ...{
        height: heightOf(HEIGHT),
        blockTime: header.time,
        lagging: false,
        completeFrom: heightOf(1),
      },
    };
  }

  beforeAll(async () => {
    gateway = await openGateway({ pages: explorerPages("{}") });
    const { ledger } = gateway;
    const { getStatus, getNetwork, listPeers, getBlock } = ledger;
    Object.assign(ledger, {
      getStatus: (call) => ({ ...getStatus(call), height: heightOf(HEIGHT), sealedHeight: HEIGHT }),
      getNetwork: (call) => ({
        ...getNetwork(call),
        ceremony: { status: "complete", attempt: 1, members: [], missing: [], excluded: [] },
        sealHolders: validators.map(({ index }) => index),
      }),
      listPeers: (call) =>
        listPeers(call).map((peer) => ({ ...peer, connected: true, lastHeight: HEIGHT })),
      listBlocks: async (query: BlockListQuery) => {
        const { items: blocks, ...page } = pageOf("blocks", query, blockAt);
        return { blocks, ...page };
      },
      listTransactions: async (query) => {
        const { items: transactions, ...page } = pageOf("transactions", query, transactionAt);
        return { transactions, ...page };
      },
      getBlock: async (query, call) => {
        const answer = await getBlock(query, call);
        if (!("block" in answer) || query.block.by !== "height") return answer;
        const { height } = query.block;
        return { ...answer, block: blockAt(height), transactions: [transactionAt(height)] };
      },
      subscribe: async function* (_, { signal }) {
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
      },
    } satisfies Partial<typeof ledger>);
    browser = await Browser.start();
    reader = await ExplorerReader.open(await browser.newPage(), gateway.url);
  });
  afterAll(async () => {
    await browser?.close();
    await gateway.close();
  });

  it("goes through blocks and payments a page at a time, finds any block, and reads no list whole", async () => {
    const { page } = reader;
    const older = page.getByRole("button", { name: "Older" });
    await reader.sees("Payments settle");
    await reader.go("#/blocks");
    await reader.sees("100\u202f000");
    await older.click();
    await reader.sees("Page 2");
    await reader.sees("99\u202f975");
    await reader.go("#/payments");
    await reader.sees("payment 100000");
    await older.click();
    await reader.sees("payment 99975");
    await page.getByRole("searchbox").fill("50 000");
    await page.getByRole("searchbox").press("Enter");
    await reader.sees("payment 50000");
    await page.getByRole("searchbox").fill("1");
    await page.getByRole("searchbox").press("Enter");
    await reader.sees("payment 1");
    expect(await page.getByRole("link", { name: "← 0" }).count()).toBe(0);
    await page.getByRole("searchbox").fill(walletB.slice(1));
    await page.getByRole("searchbox").press("Enter");
    await page.getByText("That is neither").waitFor();

    expect(reader.complaints).toEqual([]);
    expect(Math.max(...asked.map(({ items }) => items))).toBeLessThanOrEqual(ITEMS_A_PAGE_MAX);
    const items = asked.reduce((sum, one) => sum + one.items, 0);
    console.log(`the page asked for ${items} items of ${HEIGHT} blocks in ${asked.length} pages`);
    expect(items).toBeLessThanOrEqual(ITEMS_MAX);
  });
});
