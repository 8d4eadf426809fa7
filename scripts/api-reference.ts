/** Part of `npm run generate`: writes docs/api.md, the reference of all services, from the comments in proto/. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { apiReference } from "./generate/api-reference.ts";

const FILE = join(import.meta.dirname, "..", "docs", "api.md");

writeFileSync(FILE, await apiReference());
