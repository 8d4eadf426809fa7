/** Debian's Chromium for tests, with a profile of its own that is removed afterwards. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
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

  /** A page at `origin` that holds nothing but `script`; no request for it leaves the browser. */
  async open(origin: string, script: string): Promise<Page> {
    const page = await this.#context.newPage();
    const html = '<!doctype html><meta charset="utf-8"><title>test</title>';
    await page.route(`${origin}/`, (route) =>
      route.fulfill({ contentType: "text/html", body: html }),
    );
    page.on("pageerror", (error) => console.log(`in the page: ${error.stack ?? error.message}`));
    await page.goto(`${origin}/`);
    await page.addScriptTag({ type: "module", content: script });
    return page;
  }

  async close(): Promise<void> {
    await this.#context.close();
    rmSync(this.#profile, { recursive: true, force: true });
  }
}
