/** A part of `npm run generate`: docs/api.md, the reference of both services, made of the comments in proto/. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { apiReference } from "./generate/api-reference.ts";

const FILE = join(import.meta.dirname, "..", "docs", "api.md");

writeFileSync(FILE, await apiReference());
