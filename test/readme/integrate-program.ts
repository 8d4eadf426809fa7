// The program that the blocks of docs/integrate.md are together.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const BLOCK = /<!-- integrate-test: (\w+) -->\n```js\n([\s\S]*?)```/g;

const page = readFileSync(join(import.meta.dirname, "../../docs/integrate.md"), "utf8");

/** Name and text of each block. */
export const BLOCKS = [...page.matchAll(BLOCK)].map(
  ([, name = "", text = ""]) => [name, text] as const,
);

/** One module; `moduleOf` gives the specifier to write for a module of the package, such as "client". */
export function integrateProgram(moduleOf: (name: string) => string): string {
  const text = BLOCKS.map(([, block]) => block).join("\n");
  return text.replace(/"countersign\/([^"]+)"/g, (_, name: string) =>
    JSON.stringify(moduleOf(name)),
  );
}
