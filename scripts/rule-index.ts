/** Part of `npm run generate`: writes docs/rule-index.md, which lists the code and tests of each rule. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ruleIndex } from "./generate/rule-index.ts";

writeFileSync(join(import.meta.dirname, "..", "docs", "rule-index.md"), ruleIndex());
