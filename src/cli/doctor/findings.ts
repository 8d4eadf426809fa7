/** All findings of `countersign doctor` by their codes. docs/doctor.md shows them in this order (scripts/generate/doctor-page.ts). */
import type { FindingKind } from "./finding-kind.ts";
import { FINDINGS_OF_FILES } from "./findings-of-files.ts";
import { FINDINGS_OF_NETWORK } from "./findings-of-network.ts";
import { FINDINGS_OF_RUNNING } from "./findings-of-running.ts";

const FINDINGS = { ...FINDINGS_OF_FILES, ...FINDINGS_OF_RUNNING, ...FINDINGS_OF_NETWORK };

export type FindingCode = keyof typeof FINDINGS;

export const FINDING_GROUPS = [
  { title: "Files and machine", findings: FINDINGS_OF_FILES },
  { title: "The running node", findings: FINDINGS_OF_RUNNING },
  { title: "Clocks, ports and peers", findings: FINDINGS_OF_NETWORK },
] as const;

export function kindOf(code: FindingCode): FindingKind {
  return FINDINGS[code];
}
