/** Debian's Chromium for tests, with a profile of its own that is removed afterwards. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";

const PROGRAM = "/usr/bin/chromium";

/** False where Debian's package `chromium` is not installed; its tests are skipped there, and .ci/run installs it. */
export const hasChromium = existsSync(PROGRAM);
if (!hasChromium)
  console.log("no Chromium: the tests in a browser are skipped (apt-get install chromium)");

/** A test's own network has a certificate of its own authority, which no browser knows. */
const FLAGS = [
  ...["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
  ...["--disable-component-update", "--disable-sync", "--ignore-certificate-errors"],
];

/** An origin on loopback that serves an empty page. A page of a public address may call loopback only if a person allows it. */
export async function serveOrigin(): Promise<{
  readonly origin: string;
  readonly close: () => void;
}> {
  const server = createServer((_, response) => {
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end("<!doctype html><title>test</title>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the page has no port");
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { origin: `http://127.0.0.1:${address.port}`, close };
}

export class Browser {
  readonly #context: BrowserContext;
  readonly #profile: string;

  private constructor(context: BrowserContext, profile: string) {
    this.#context = context;
    this.#profile = profile;
  }

  static async start(): Promise<Browser> {
    const profile = mkdtempSync(join(tmpdir(), "countersign-chromium-"));
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: PROGRAM,
      headless: true,
      chromiumSandbox: false,
      args: FLAGS,
    });
    return new Browser(context, profile);
  }

  /** An empty page, in the tab's own storage. */
  newPage(): Promise<Page> {
    return this.#context.newPage();
  }

  /** A page at `origin` in which the module `script` has run. */
  async open(origin: string, script: string): Promise<Page> {
    const page = await this.#context.newPage();
    page.on("console", (message) => console.log(`in the page: ${message.text()}`));
    page.on("pageerror", (error) => console.log(`in the page: ${error.stack ?? error.message}`));
    await page.goto(`${origin}/`);
    const source = `URL.createObjectURL(new Blob([${JSON.stringify(script)}], { type: "text/javascript" }))`;
    // A tag with a module's text is not waited for; an import is.
    await page.evaluate(`import(${source}).then(() => undefined)`);
    return page;
  }

  async close(): Promise<void> {
    await this.#context.close();
    rmSync(this.#profile, { recursive: true, force: true });
  }
}
