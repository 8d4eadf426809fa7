/** The report of `countersign doctor`: for people within 100 columns, for programs as one value, and as an exit code. */
import { printable } from "../../primitives/printable.ts";
import { EXIT } from "../command.ts";
import type { Terminal } from "../terminal.ts";
import { wrapped, wrappedCommand } from "../wrapped.ts";
import type { DoctorFinding, Examination } from "./examination.ts";

const INDENT = "  ";
const COLOURS = { fault: "red", warning: "yellow" } as const;

export interface Examined {
  /** The node's id; undefined if its configuration cannot be read. */
  readonly node: string | undefined;
  readonly isRunning: boolean;
}

/** A fault decides over warnings. */
export function exitCodeFor({ findings }: Examination): number {
  if (findings.some(({ severity }) => severity === "fault")) return EXIT.failed;
  return findings.length > 0 ? EXIT.warned : EXIT.ok;
}

export function reportValue({ node, isRunning }: Examined, examination: Examination): object {
  const { checks, findings, leftOut } = examination;
  return {
    healthy: findings.length === 0,
    node: node ?? "",
    running: isRunning,
    checks,
    findings,
    leftOut,
  };
}

export function reportText(
  { node, isRunning }: Examined,
  examination: Examination,
  terminal: Terminal,
): string {
  const { checks, findings, leftOut } = examination;
  const faults = findings.filter(({ severity }) => severity === "fault").length;
  const state = isRunning ? "runs" : "does not run";
  const head = node === undefined ? "" : `${printable(node)} ${state}. `;
  const verdict =
    findings.length === 0
      ? terminal.style("green", "Nothing is wrong")
      : terminal.style(
          faults > 0 ? "red" : "yellow",
          `${counted(faults, "fault")}, ${counted(findings.length - faults, "warning")}`,
        );
  return [
    ...findings.map((finding) => `${findingText(finding, terminal)}\n`),
    ...leftOut.map(({ check, because }) =>
      wrapped(printable(`not checked: ${check}, because ${because}`), INDENT, ""),
    ),
    `${head}${verdict} in ${counted(checks, "check")}.`,
  ].join("\n");
}

function findingText(
  { code, severity, what, why, remedy, command }: DoctorFinding,
  terminal: Terminal,
): string {
  return [
    terminal.style(COLOURS[severity], `${severity} ${code}`),
    wrapped(printable(what), INDENT),
    wrapped(`why     ${why}`, `${INDENT}        `, INDENT),
    wrapped(`remedy  ${remedy}${command === undefined ? "" : ":"}`, `${INDENT}        `, INDENT),
    ...(command === undefined ? [] : [wrappedCommand(command, `${INDENT}        `)]),
  ].join("\n");
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
