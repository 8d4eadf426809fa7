/** The report of `countersign doctor` reads well on 100 columns, gives commands that a shell takes, and steers no terminal. */
import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { EXIT } from "../../src/cli/command.ts";
import { Examination } from "../../src/cli/doctor/examination.ts";
import { exitCodeFor, reportText, reportValue } from "../../src/cli/doctor/report.ts";
import { createTerminal, openOutputs } from "../../src/cli/terminal.ts";
import { COLUMNS, wrappedCommand } from "../../src/cli/wrapped.ts";
import { shellWord } from "../../src/primitives/shell-word.ts";

const outputs = openOutputs({ stdout: process.stdout, stderr: process.stderr });
const EXAMINED = { node: "node1", isRunning: true };

function textOf(examination: Examination): string {
  return reportText(EXAMINED, examination, createTerminal(true, outputs));
}

describe("a report", () => {
  it("puts faults first, and ends with the code of the worst finding", () => {
    const examination = new Examination("config.json");
    expect(exitCodeFor(examination)).toBe(EXIT.ok);
    examination.found("DISK_SLOW", "slow");
    expect(exitCodeFor(examination)).toBe(EXIT.warned);
    examination.found("DISK_FULL", "full");
    expect(exitCodeFor(examination)).toBe(EXIT.failed);
    expect(examination.findings.map(({ code }) => code)).toEqual(["DISK_FULL", "DISK_SLOW"]);
    expect(reportValue(EXAMINED, examination)).toMatchObject({ healthy: false, running: true });
  });

  it("fits 100 columns, with text from outside that is long or steers a terminal", () => {
    const examination = new Examination("/etc/countersign/alpha/config.json");
    examination.found(
      "NODE_NOT_READY",
      `alpha is not ready: ${"it is behind the network ".repeat(20)}`,
    );
    examination.found("PEER_UNREACHABLE", "not reached: \u001b[2Jbravo");
    examination.leaveOut("peers", "they answer only a node ".repeat(9));
    const text = textOf(examination);
    const lines = text.split("\n");
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(COLUMNS);
    expect(text).not.toContain("\u001b");
    expect(text).toContain("countersign node status --config /etc/countersign/alpha/config.json");
    expect(text).toMatch(/^node1 runs\. 1 fault, 1 warning in 0 checks\.$/m);
  });

  it("quotes a path for the shell that its command is pasted into", () => {
    const examination = new Examination("/srv/$(touch hacked)/my config.json");
    examination.found("CERTIFICATE_EXPIRED", "expired");
    expect(textOf(examination)).toContain("--config '/srv/$(touch hacked)/my config.json'");
  });
});

it("a command that is too long for a line is still one command for a shell", () => {
  const words = Array.from({ length: 40 }, (_, i) => `word-${i}`);
  const command = wrappedCommand(`printf '%s ' ${words.join(" ")}`, "        ");
  expect(command.split("\n").length).toBeGreaterThan(2);
  for (const line of command.split("\n")) expect(line.length).toBeLessThanOrEqual(COLUMNS);
  expect(execFileSync("sh", ["-c", command]).toString().trim()).toBe(words.join(" "));
});

it("no line of a command ends inside a quoted word, however odd the path", () => {
  for (const path of [`/srv/${"my ledger ".repeat(20)}`, `/srv/${"it's $(odd) ".repeat(20)}`]) {
    const command = wrappedCommand(`printf %s ${shellWord(path)}`, "        ");
    expect(execFileSync("sh", ["-c", command]).toString()).toBe(path);
  }
});
