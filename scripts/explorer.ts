/** Part of `npm run generate`: builds the explorer into gen/explorer. `buf generate` has emptied gen/ before. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { explorerFiles } from "./generate/explorer-files.ts";

const folder = join(import.meta.dirname, "../gen/explorer");
const text = await explorerFiles();
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, "files.ts"), text);
