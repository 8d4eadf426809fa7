/**
 * Goal: four operators who follow docs/operations.md on four machines with addresses of all families, one of them behind a
 * port mapping, get one network with authorisation on, and a client on a fifth machine pays through it.
 * walk-through.test.ts runs the same blocks on one machine. `npm test` leaves both to CI, unless they are named.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isRunning, processesNaming, ROOT } from "../support/guarded-process.ts";
import { WALK_MS } from "./operators-walk.ts";

const NAMESPACES = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
/** Everything that the program does to the network, in small. */
const TRIAL =
  'ip link set lo up && ip link add trial0 type bridge && touch "$1/net" && unshare --net="$1/net" true && ' +
  'ip link add trial1 type veth peer name eth0 netns "$1/net" && touch "$1/hosts" && mount --bind "$1/hosts" /etc/hosts';

const home = mkdtempSync(join(tmpdir(), "countersign-machines-"));
const world = findWorld();
if (world === undefined) {
  console.warn(
    "this user may make no network namespaces here: the walk on four machines is skipped",
  );
}
let output = "";
let code: number | null = null;

/** The command that makes namespaces; undefined where none may be made. */
function findWorld(): string[] | undefined {
  const trial = mkdtempSync(join(tmpdir(), "countersign-trial-"));
  try {
    return [[], ["--map-root-user"]]
      .map((more) => ["unshare", ...more, ...NAMESPACES])
      .find(([file = "", ...args]) => {
        return (
          spawnSync(file, [...args, "sh", "-c", TRIAL, "sh", trial], { stdio: "ignore" }).status ===
          0
        );
      });
  } finally {
    rmSync(trial, { recursive: true, force: true });
  }
}

beforeAll(async () => {
  if (world === undefined) return;
  const [file = "", ...args] = world;
  const program = [process.execPath, `${ROOT}test/e2e/four-machines.ts`, home];
  const child = spawn(file, [...args, ...program], { stdio: ["ignore", "pipe", "pipe"] });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
    });
  }
  const late = setTimeout(() => child.kill("SIGKILL"), WALK_MS + 10_000);
  code = await new Promise((resolve) => child.once("close", resolve));
  clearTimeout(late);
}, WALK_MS + 20_000);

afterAll(() => {
  expect(processesNaming(home).filter(isRunning)).toEqual([]);
  rmSync(home, { recursive: true, force: true });
});

describe.skipIf(world === undefined)("on four machines", () => {
  it("every block runs to its end, and every node ends with 0 when told to", () => {
    expect(code, output).toBe(0);
  });

  it("all operators see one network id", () => {
    const [hash] = /^[0-9a-f]{64}$/m.exec(output) ?? [];
    for (const node of ["alpha", "bravo", "charlie", "delta"]) {
      expect(output).toContain(`${node} is set up for network ${hash}`);
    }
  });

  it("a payment through one machine is seen on the one behind the port mapping", () => {
    expect(output).toMatch(/receipt +valid: applied, sealed/);
    expect(output.match(/"balance":"\d+"/g)).toEqual(['"balance":"25"', '"balance":"25"']);
    expect(output).toMatch(/^4 of 4 nodes are ready/m);
    expect(output).toContain("UNAUTHENTICATED");
  });
});
