/** The path of a listener's socket, on a real file system: what is stale goes, what lives or is no socket stays. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listenOnSocket, SOCKET_PATH_BYTES_MAX } from "../../src/transport/unix-socket.ts";

let folder: string;
let path: string;
const servers: Server[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "countersign-socket-"));
  path = join(folder, "operator.sock");
});

afterEach(async () => {
  for (const server of servers.splice(0)) {
    await new Promise((resolve) => server.close(resolve));
  }
  rmSync(folder, { recursive: true, force: true });
});

async function open(at = path): Promise<Server> {
  const server = createServer();
  await listenOnSocket(server, at);
  servers.push(server);
  return server;
}

/** A process that listens there and is killed, so that it removes nothing. */
async function killedListener(): Promise<void> {
  const text = `require("node:net").createServer().listen(${JSON.stringify(path)}, () => console.log("up"))`;
  const child = spawn(process.execPath, ["-e", text], { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((resolve) => child.stdout.once("data", resolve));
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await ended;
}

describe("a listener's socket", () => {
  it("may be opened by its owner alone, with any umask of the process", async () => {
    const mask = process.umask(0);
    try {
      await open();
    } finally {
      expect(process.umask(mask)).toBe(0);
    }
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("is gone when the listener has closed", async () => {
    const server = await open();
    await new Promise((resolve) => server.close(resolve));
    servers.length = 0;
    expect(existsSync(path)).toBe(false);
  });

  it("that a killed process left is replaced", async () => {
    await killedListener();
    expect(existsSync(path)).toBe(true);
    await open();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("at which another process answers is left to it", async () => {
    const first = await open();
    await expect(open()).rejects.toMatchObject({
      name: "SocketProblem",
      isInUse: true,
      message: "is in use: another process answers there; end it, or name another path",
    });
    expect(first.listening).toBe(true);
    expect(existsSync(path)).toBe(true);
  });

  it("replaces no file of another kind", async () => {
    writeFileSync(path, "kept");
    await expect(open()).rejects.toMatchObject({
      isInUse: false,
      message: "is there and is no socket; move it away, or name another path",
    });
    expect(readFileSync(path, "utf8")).toBe("kept");
  });

  it("has a path as long as the system takes, and no longer", async () => {
    const longest = join(folder, "x".repeat(SOCKET_PATH_BYTES_MAX - folder.length - 1));
    await open(longest);
    expect(existsSync(longest)).toBe(true);
    await expect(open(`${longest}y`)).rejects.toMatchObject({
      message: "has 108 bytes, and the path of a socket at most 107; name a shorter one",
    });
  });

  it("needs a folder, and says so", async () => {
    await expect(open(join(folder, "none", "operator.sock"))).rejects.toMatchObject({
      message: expect.stringMatching(
        /^cannot be opened \(E\w+\); name a path in a folder that is there/,
      ),
    });
  });
});
