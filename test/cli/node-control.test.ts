/** The commands that act on a running node, over a real socket, to an operator's listener that answers what a test knows. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { encodeConfig } from "../../src/node/files/config.ts";
import { operatorBounds } from "../../src/transport/caller-bounds.ts";
import {
  type OperatorListener,
  openOperatorListener,
} from "../../src/transport/operator-listener.ts";
import { Refusal } from "../../src/transport/refusal.ts";
import { createOperatorDouble } from "../transport/operator-double.ts";
import { createTestLog } from "../transport/test-log.ts";
import { countersignHere as countersign } from "./in-process.ts";

const folder = mkdtempSync(join(tmpdir(), "countersign-control-"));
const config = join(folder, "config.json");
const double = createOperatorDouble();
let refusal: Refusal | undefined;
let listener: OperatorListener;

const run = (...args: string[]) => countersign(["node", ...args, "--config", config]);

beforeAll(async () => {
  writeFileSync(config, configWith("unix:control.sock"));
  listener = await openOperatorListener({
    path: join(folder, "control.sock"),
    api: { ...double, reload: (call) => refusal ?? double.reload(call) },
    audit: { called: async () => undefined },
    notReadyBecause: () => undefined,
    bounds: operatorBounds(() => performance.now()),
    log: createTestLog(),
    onFailure: () => undefined,
  });
});

beforeEach(() => {
  refusal = undefined;
  double.asked.length = 0;
});

afterAll(async () => {
  await listener.close(100);
  rmSync(folder, { recursive: true });
});

function configWith(operatorListen: string): string {
  return encodeConfig({
    node: "node1",
    genesis: "genesis.json",
    data: "data",
    passphraseFile: "passphrase",
    clientListen: "127.0.0.1:7001",
    clientCertificate: "certificate.pem",
    clientKey: "key.pem",
    peerListen: "127.0.0.1:7101",
    operatorListen,
    logLevel: "info",
  });
}

describe("the commands on a running node", () => {
  it("status shows it in full", async () => {
    const { code, out } = await run("status");
    expect(code).toBe(0);
    expect(out).toMatch(/^state +ready$/m);
    expect(out).toMatch(/^orders +2 under way$/m);
    expect(out).toMatch(/^certificate +12 days left \(until 2026-/m);
    expect(out).toMatch(/^last reload +2026-09-21T14:13:20\.000Z, done$/m);
    const { out: json } = await run("status", "--json");
    expect(JSON.parse(json)).toMatchObject({ logLevel: "LOG_LEVEL_INFO", ordersUnderWay: 2 });
  });

  it("peers shows them with their details", async () => {
    const { out } = await run("peers");
    expect(out).toMatch(/^node2 +connected +127\.0\.0\.1:7102 +0 s ago +held +-3 ms +4$/m);
    expect(out).toMatch(/^node4 +away +127\.0\.0\.1:7104 +never +held +unknown +4$/m);
  });

  it("reload says what was taken and what was not", async () => {
    const { code, out } = await run("reload");
    expect(code).toBe(0);
    expect(out).toMatch(/^Taken: logLevel\.$/m);
    expect(out).toMatch(/^Read at the next start only: peers\.$/m);
  });

  it("reload hands on a refusal, with the exit code of one", async () => {
    refusal = new Refusal("NOT_RELOADED", { message: "config.json: cannot be read" });
    const { code, error } = await run("reload");
    expect(code).toBe(4);
    expect(error).toMatch(/the node refused: config\.json: cannot be read \[NOT_RELOADED\]\. Mend/);
  });

  it("drain waits as long as it is told, and fails if orders are left", async () => {
    expect(await run("drain")).toMatchObject({
      code: 0,
      out: "Out of service; orders under way: 2.\n",
    });
    expect(await run("drain", "--wait", "2")).toMatchObject({ code: 1 });
    expect(await run("drain", "--resume")).toMatchObject({
      code: 0,
      out: "In service: the node takes orders.\n",
    });
    expect(double.asked).toEqual([
      ["drain", { resume: false, waitMs: 0 }, "socket"],
      ["drain", { resume: false, waitMs: 2000 }, "socket"],
      ["drain", { resume: true, waitMs: 0 }, "socket"],
    ]);
  });

  it("log-level sets one, or shows it", async () => {
    expect(await run("log-level", "debug")).toMatchObject({ out: "The log level is debug.\n" });
    expect(await run("log-level")).toMatchObject({ out: "The log level is info.\n" });
    expect(double.asked).toEqual([["setLogLevel", "debug", "socket"]]);
  });

  it("name a word that is no command, and the one that is meant", async () => {
    const { code, error } = await countersign(["node", "relaod"]);
    expect(code).toBe(2);
    expect(error).toMatch(/unknown command "node relaod"; did you mean "node reload"\?/);
  });

  it("say what is wrong when no node listens, or something else does", async () => {
    const other = join(folder, "other.json");
    writeFileSync(other, configWith("unix:other.sock"));
    const status = () => countersign(["node", "status", "--config", other]);
    expect(await status()).toMatchObject({
      code: 1,
      error: expect.stringMatching(
        /no node listens at .*other\.sock; start it by countersign node/,
      ),
    });
    const server = createServer((socket) => socket.resume().end("no HTTP\n"));
    await new Promise<void>((resolve) => server.listen(join(folder, "other.sock"), resolve));
    try {
      expect(await status()).toMatchObject({
        code: 1,
        error: expect.stringMatching(/the node at .*other\.sock cannot be asked \(/),
      });
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
