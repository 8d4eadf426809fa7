/** A part of `npm run generate`: docs/rule-index.md, from each rule to its code and its tests. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ruleIndex } from "./generate/rule-index.ts";

writeFileSync(join(import.meta.dirname, "..", "docs", "rule-index.md"), ruleIndex());
