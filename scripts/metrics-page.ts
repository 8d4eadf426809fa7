/** Part of `npm run generate`: writes docs/metrics.md, which lists the metrics of a node. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { metricsPage } from "./generate/metrics-page.ts";

writeFileSync(join(import.meta.dirname, "..", "docs", "metrics.md"), metricsPage());
