/** Browsers that show the explorer while a load lasts, each a Chromium of its own, spread over the nodes. */
import { Browser, hasChromium } from "../../test/browser/chromium.ts";
import { ExplorerReader } from "../../test/browser/explorer-reader.ts";
import type { BenchNode } from "./bench-network.ts";

export class Explorers {
  readonly #browsers: readonly Browser[];
  readonly #readers: readonly ExplorerReader[];

  private constructor(browsers: readonly Browser[], readers: readonly ExplorerReader[]) {
    this.#browsers = browsers;
    this.#readers = readers;
  }

  /** Settles when each shows the state of the network. */
  static async open(nodes: readonly BenchNode[], count: number): Promise<Explorers> {
    if (!hasChromium) throw new Error("this comparison needs Debian's package chromium");
    const browsers: Browser[] = [];
    const readers: ExplorerReader[] = [];
    try {
      for (let i = 0; i < count; i++) {
        const browser = await Browser.start();
        browsers.push(browser);
        const url = nodes[i % nodes.length]?.url ?? "";
        const reader = await ExplorerReader.open(await browser.newPage(), url);
        await reader.sees(/Payments settle/);
        readers.push(reader);
      }
    } catch (error) {
      for (const browser of browsers) await browser.close();
      throw error;
    }
    return new Explorers(browsers, readers);
  }

  /** Rejects if one does not show the network any more, or has complained: then nothing was measured. */
  async end(): Promise<void> {
    for (const reader of this.#readers) {
      await reader.sees(/Payments settle/);
      if (reader.complaints.length > 0) throw new Error(reader.complaints.join("\n"));
    }
    await this.close();
  }

  async close(): Promise<void> {
    for (const browser of this.#browsers) await browser.close();
  }
}
