/** A development network for a benchmark: real processes, real TLS, a synced disk, in a folder of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createLedgerClient, type LedgerClient } from "../src/client/ledger-client.ts";

export interface BenchNetwork {
  readonly clients: readonly LedgerClient[];
  stop(): Promise<void>;
}

const READY_MS = 60_000;

export async function startNetwork(nodes: number, port: number): Promise<BenchNetwork> {
  const folder = await mkdtemp(join(tmpdir(), "countersign-bench-"));
  const data = join(folder, "network");
  const main = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url));
  const flags = ["devnet", "--nodes", `${nodes}`, "--port", `${port}`, "--data", data];
  const child = spawn(process.execPath, [main, ...flags], { stdio: ["ignore", "pipe", "inherit"] });
  await ready(child);
  const ca = await readFile(join(data, "ca.pem"), "utf8");
  const clients = Array.from({ length: nodes }, (_, i) =>
    createLedgerClient({ baseUrl: `https://127.0.0.1:${port + i}`, ca }),
  );
  return {
    clients,
    stop: async () => {
      for (const client of clients) client.close();
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGINT");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = "";
    const limit = setTimeout(() => reject(new Error("the network is not ready")), READY_MS);
    child.once("exit", (code) => reject(new Error(`the network ended with exit code ${code}`)));
    child.stdout?.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      if (!text.includes("Ready:")) return;
      clearTimeout(limit);
      resolve();
    });
  });
}
