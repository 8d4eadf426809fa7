/**
 * Goal: `countersign doctor` names each of many planted faults, and that fault alone, with its remedy, and finds nothing on a
 * healthy network. Method: a network of four processes; the faults are real files, processes and limits, but for those of the
 * machine that take root (docs/doctor.md says which).
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Examination } from "../../src/cli/doctor/examination.ts";
import { examine } from "../../src/cli/doctor/examine.ts";
import { type Machine, realMachine } from "../../src/cli/doctor/machine.ts";
import { countersign } from "../cli/countersign.ts";
import { Devnet, type DevnetPlace, leavePlace, newPlace } from "../support/devnet.ts";
import { FAULTS_OF_FILES, type StoppedNode } from "./planted-faults.ts";

let place: DevnetPlace;
let net: Devnet;

beforeAll(async () => {
  place = await newPlace();
  net = await Devnet.start(place);
  await net.untilLinked();
});

afterAll(async () => {
  await net.stop();
  await leavePlace(place);
});

async function codesOf(configFile: string, machine: Machine = realMachine) {
  const { examination } = await examine(configFile, machine);
  return { codes: examination.findings.map(({ code }) => code), text: textOf(examination) };
}

/** With the permissions of files and folders. */
function copy(from: string, to: string): void {
  execFileSync("cp", ["-a", from, to]);
}

/** The part of the findings that an operator acts on. */
function textOf({ findings }: Examination): string {
  return findings.map(({ what, remedy, command }) => [what, remedy, command].join("\n")).join("\n");
}

describe("a healthy network", () => {
  it("gives no finding, on any node, and exit code 0", async () => {
    for (const { configFile } of net.nodes) {
      const { code, out, error } = await countersign(["doctor", "--config", configFile]);
      expect({ code, error }, out).toEqual({ code: 0, error: "" });
      expect(out).toMatch(/^node\d runs\. Nothing is wrong in \d+ checks\.\n$/);
    }
  });
});

describe("a stopped node", () => {
  let node: StoppedNode;
  let template: string;

  beforeAll(async () => {
    const { folder } = net.node(0);
    await net.kill(0);
    rmSync(join(folder, "operator.sock"));
    template = join(place.home, "template");
    copy(folder, template);
    node = { folder, other: net.node(1).folder, beside: join(place.home, "beside") };
  });

  const restore = () => {
    rmSync(node.folder, { recursive: true });
    copy(template, node.folder);
    rmSync(node.beside, { recursive: true, force: true });
    mkdirSync(node.beside);
  };

  it("gives no finding before its start", async () => {
    restore();
    expect(await codesOf(net.node(0).configFile)).toEqual({ codes: [], text: "" });
  });

  it.each(FAULTS_OF_FILES)("is found at fault: $fault", async ({ code, says, plant, machine }) => {
    restore();
    await plant?.(node);
    const { codes, text } = await codesOf(net.node(0).configFile, { ...realMachine, ...machine });
    expect(codes, text).toEqual([code]);
    expect(text).toMatch(says);
  });
});
