/** A reader of the explorer: opens its views in Chromium, and notes what the browser complains of. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** The rules of WCAG 2.2 up to AA, and those that axe calls best practice. */
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/** A busy machine draws a view late. */
const SEEN_MS = 120_000;

const TELL_POLICY = `document.addEventListener("securitypolicyviolation", (event) => {
  console.error("policy: " + event.violatedDirective + " " + event.blockedURI + " " + event.sample);
});`;
const WIDTH_BEYOND = "document.documentElement.scrollWidth - document.documentElement.clientWidth";

interface AxeAnswer {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}

export const SCREENS = {
  desktop: { width: 1280, height: 900 },
  phone: { width: 360, height: 740 },
} as const;

export interface Look {
  readonly screen: keyof typeof SCREENS;
  readonly scheme: "light" | "dark";
}

export const LOOKS: readonly Look[] = (["desktop", "phone"] as const).flatMap((screen) =>
  (["light", "dark"] as const).map((scheme) => ({ screen, scheme })),
);

export class ExplorerReader {
  readonly page: Page;
  /** Errors and warnings of the browser, broken policies, and requests to any other place. */
  readonly complaints: string[] = [];

  private constructor(page: Page) {
    this.page = page;
  }

  static async open(page: Page, origin: string): Promise<ExplorerReader> {
    const reader = new ExplorerReader(page);
    const { complaints } = reader;
    page.on("pageerror", (error) => complaints.push(`error: ${error.stack ?? error.message}`));
    page.on("console", (message) => {
      const isLost = /Failed to load resource/.test(message.text());
      if (["error", "warning"].includes(message.type()) && !isLost) complaints.push(message.text());
    });
    page.on("request", (request) => {
      const url = request.url();
      if (!url.startsWith(`${origin}/`) && !url.startsWith("blob:")) complaints.push(`asks ${url}`);
    });
    await page.addInitScript({ content: TELL_POLICY });
    await page.goto(`${origin}/`);
    return reader;
  }

  /** By the address behind the #, as a link leads there. */
  async go(place: string): Promise<void> {
    await this.page.evaluate(`location.hash = ${JSON.stringify(place)}`);
  }

  async sees(text: string | RegExp): Promise<void> {
    const found = this.page.locator("main").getByText(text).first();
    await found.waitFor({ timeout: SEEN_MS });
  }

  async set({ screen, scheme }: Look): Promise<void> {
    await this.page.setViewportSize(SCREENS[screen]);
    await this.page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
  }

  /** The breaches of accessibility on the page as it is, and whether it is wider than its screen. */
  async breaches(): Promise<readonly string[]> {
    await this.page.evaluate(AXE);
    const options = { runOnly: { type: "tag", values: TAGS } };
    const { violations } = await this.page.evaluate<AxeAnswer>(
      `axe.run(${JSON.stringify(options)})`,
    );
    const found = violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary = "" }) => `${id}: ${html}: ${failureSummary}`),
    );
    const wider = await this.page.evaluate<number>(WIDTH_BEYOND);
    return wider > 0 ? [...found, `wider than the screen by ${wider} pixels`] : found;
  }
}
