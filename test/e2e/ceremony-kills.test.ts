/**
 * Goal: the key ceremony completes with each node killed at each of its steps. Method: real processes of the shipped
 * node. Each is ended by SIGKILL as soon as its log or its key folder shows the step, and is started again at once.
 * In one network every node is killed once, each at another step; CRASH_POINTS=all, or a whole sweep, rotates the steps
 * until each node has been killed at each.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { CeremonyStatus } from "../../gen/countersign/v1/ledger_service_pb.ts";
import { configFileOf, type DevnetFolder, openDevnetFolder } from "../../src/cli/devnet-folder.ts";
import { createGatewayClient } from "../../src/client/gateway-client.ts";
import { type DevnetPlace, leavePlace, newPlace } from "../support/devnet.ts";
import { COUNTERSIGN, GuardedProcess, untilGone } from "../support/guarded-process.ts";
import { sweep } from "../support/sweep.ts";

const LIMIT_MS = 120_000;
/** No node is too late for the first attempt, however slowly a busy machine starts it again. */
const TIMINGS = { ceremonyTimeoutMs: 1_800_000 };
const submitted = (step: string) => (node: NodeProcess) => node.says(`"step":"${step}"`);

/** The sign of each step, in the order of the ceremony. */
const STEPS: readonly (readonly [string, (node: NodeProcess) => boolean])[] = [
  ["its secret is stored", (node) => node.holds("ceremony-secret")],
  ["its package is submitted", submitted("ceremonyRound1")],
  ["its shares are submitted", submitted("ceremonyShares")],
  ["its confirmation is submitted", submitted("ceremonyConfirm")],
];
const FIRST = Math.floor(Math.random() * STEPS.length);
const EVERY = STEPS.map((_, i) => i);
const TWO = [FIRST, (FIRST + 1) % STEPS.length];
const ROTATIONS =
  process.env["CRASH_POINTS"] === "all" ? EVERY : sweep({ whole: EVERY, all: TWO, share: [FIRST] });

class NodeProcess {
  readonly name: string;
  readonly #config: string;
  readonly #keys: string;
  #process: GuardedProcess;
  /** The log of the processes before this one. */
  #saidBefore = "";

  constructor(folder: DevnetFolder, name: string) {
    this.name = name;
    this.#config = configFileOf(folder, name);
    this.#keys = join(folder.path, name, "data", "keys");
    this.#process = this.#start();
  }

  says(text: string): boolean {
    return this.#process.stdout.includes(text);
  }

  /** The log of all its processes. */
  get said(): string {
    return this.#saidBefore + this.#process.output;
  }

  holds(key: string): boolean {
    return existsSync(join(this.#keys, `${key}.key.json`));
  }

  /** Sends SIGKILL as soon as the node has come to `step`, and starts it again. */
  async killAt([name, isReached]: (typeof STEPS)[number]): Promise<void> {
    const end = Date.now() + LIMIT_MS;
    while (!isReached(this)) {
      if (Date.now() > end) throw new Error(`${this.name} never came so far that ${name}`);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    process.kill(this.#process.pid, "SIGKILL");
    await untilGone([this.#process.pid], LIMIT_MS);
    this.#saidBefore += this.#process.output;
    this.#process = this.#start();
  }

  destroy(): Promise<unknown> {
    return this.#process.destroy();
  }

  #start(): GuardedProcess {
    return new GuardedProcess([...COUNTERSIGN, "node", "--config", this.#config]);
  }
}

let place: DevnetPlace;
let nodes: NodeProcess[] = [];
afterEach(async () => {
  await Promise.all(nodes.map((node) => node.destroy()));
  await leavePlace(place);
});

it.each(ROTATIONS)(
  "every node killed at another step of the ceremony, rotation %d",
  async (rotation) => {
    place = await newPlace();
    const folder = await openDevnetFolder(
      { ...place, folder: place.data, fresh: false },
      { now: Date.now, timings: TIMINGS },
    );
    const names = folder.validators.map(({ id }) => id);
    for (const name of names) {
      const file = configFileOf(folder, name);
      const config = JSON.parse(readFileSync(file, "utf8"));
      writeFileSync(file, JSON.stringify({ ...config, logLevel: "debug" }));
    }
    nodes = names.map((name) => new NodeProcess(folder, name));
    await Promise.all(
      nodes.map((node, i) => {
        const step = STEPS[(i + rotation) % STEPS.length];
        return step === undefined ? expect.fail("there are steps") : node.killAt(step);
      }),
    );
    const ca = readFileSync(folder.caFile, "utf8");
    for (const { clientAddress } of folder.validators) {
      const { calls, close } = createGatewayClient({ baseUrl: `https://${clientAddress}`, ca });
      const network = await until(async () => {
        const { ceremony } = await calls.getNetwork({});
        return ceremony?.status === CeremonyStatus.COMPLETE && ceremony;
      });
      expect(network).toMatchObject({ attempt: 1, members: names, missing: [], excluded: [] });
      // The key is there before all of its holders are ready for shares.
      await until(async () => {
        const { receipt } = await calls.walletCreation({ initialBalance: 1n });
        return receipt?.sealPending === false;
      });
      close();
    }
    for (const node of nodes) {
      expect(node.said).not.toMatch(/evidence of a fault|cannot go on/);
      await until(async () => node.holds("signing-share") && !node.holds("ceremony-secret"));
    }
  },
);

/** Repeats `look` until it gives a value; a node that is only starting refuses. */
async function until<T>(look: () => Promise<T | false>): Promise<T> {
  const end = Date.now() + LIMIT_MS;
  for (;;) {
    try {
      const found = await look();
      if (found !== false) return found;
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    if (Date.now() > end) throw new Error("waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
