/** Part of `npm run generate`: writes docs/doctor.md, which lists the findings of `countersign doctor`. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { doctorPage } from "./generate/doctor-page.ts";

writeFileSync(join(import.meta.dirname, "..", "docs", "doctor.md"), doctorPage());
