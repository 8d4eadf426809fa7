/** Collects what the checks of `countersign doctor` find, and what they could not look at. */
import { shellWord } from "../../primitives/shell-word.ts";
import type { Severity } from "./finding-kind.ts";
import { type FindingCode, kindOf } from "./findings.ts";

export interface DoctorFinding {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** This case: what is wrong, with its values. May hold text from outside. */
  readonly what: string;
  readonly why: string;
  readonly remedy: string;
  readonly command?: string | undefined;
}

/** A check that was left out. */
export interface LeftOut {
  readonly check: string;
  readonly because: string;
}

export class Examination {
  readonly #configFile: string;
  readonly #findings: DoctorFinding[] = [];
  readonly #leftOut: LeftOut[] = [];
  #checks = 0;

  constructor(configFile: string) {
    this.#configFile = configFile;
  }

  /** Number of checks that were made. */
  get checks(): number {
    return this.#checks;
  }

  /** Faults first, each group in the order of the checks. */
  get findings(): readonly DoctorFinding[] {
    const of = (severity: Severity) => this.#findings.filter((one) => one.severity === severity);
    return [...of("fault"), ...of("warning")];
  }

  get leftOut(): readonly LeftOut[] {
    return this.#leftOut;
  }

  has(code: FindingCode): boolean {
    return this.#findings.some((finding) => finding.code === code);
  }

  /** Counts a check that was made. */
  checked(): void {
    this.#checks += 1;
  }

  /** `file`: the path that the finding is about. */
  found(code: FindingCode, what: string, file?: string): void {
    const { severity, why, remedy, command } = kindOf(code);
    const filled = command
      ?.replace("$CONFIG", () => shellWord(this.#configFile))
      .replace("$FILE", () => shellWord(file ?? "FILE"));
    this.#findings.push({ code, severity, what, why, remedy, command: filled });
  }

  leaveOut(check: string, because: string): void {
    this.#leftOut.push({ check, because });
  }
}
