/** The demo's network: real processes in their own folder, driven by the commands that a user types. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PEER_PORT_OFFSET } from "../../src/cli/devnet-options.ts";
import { takenPort } from "../../src/cli/taken-port.ts";
import { shellWord } from "../../src/primitives/shell-word.ts";
import type { Story } from "./story.ts";

/** A step of the demo failed; the message is complete. */
export class DemoFailure extends Error {
  override readonly name = "DemoFailure";
}

export interface DemoNode {
  readonly id: string;
  readonly pid: number;
}

interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const COUNTERSIGN = [
  process.execPath,
  "--import",
  join(ROOT, "bin", "require-node.js"),
  join(ROOT, "src", "cli", "main.ts"),
];
const NODES = 4;
const FIRST_PORT = 17_001;
const PORT_STEP = 10;
const LAST_PORT = 17_091;

export class DemoNetwork {
  /** The working directory of every command; its network is in .countersign, where commands look for one. */
  readonly #home = mkdtempSync(join(tmpdir(), "countersign-demo-"));
  readonly #story: Story;
  readonly #told: AbortSignal;
  #devnet: ChildProcess | undefined;
  #ended: Promise<unknown> = Promise.resolve();

  constructor(story: Story, told: AbortSignal) {
    this.#story = story;
    this.#told = told;
  }

  /** Settles when the group key is final and every node takes payments. */
  async start(): Promise<readonly DemoNode[]> {
    const port = await freePort();
    const args = ["devnet", "--port", `${port}`];
    this.#story.command(shown(args));
    const [file = "", ...rest] = [...COUNTERSIGN, ...args, "--json"];
    const devnet = spawn(file, rest, {
      cwd: this.#home,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#devnet = devnet;
    this.#ended = new Promise((resolve) => devnet.once("close", resolve));
    const ready = await this.#untilReady(devnet);
    const { nodes, threshold, groupPublicKey } = ready;
    this.#story.answer(
      `group key ${groupPublicKey}\n${nodes.length} nodes; ${threshold} of them countersign a result`,
    );
    return nodes;
  }

  /** Runs one Countersign command, shows it, and returns its output; it must succeed. */
  async countersign(
    args: readonly string[],
    { quiet = false, into }: { quiet?: boolean; into?: string } = {},
  ): Promise<string> {
    if (!quiet) this.#story.command(`${shown(args)}${into === undefined ? "" : ` > ${into}`}`);
    const run = await this.#run([...COUNTERSIGN, ...args]);
    if (run.code !== 0) throw new DemoFailure(`${shown(args)}: ${run.error}${run.out}`);
    if (into !== undefined) writeFileSync(join(this.#home, into), run.out);
    else if (!quiet) this.#story.answer(run.out);
    return run.out;
  }

  /** The seal is an ordinary Ed25519 signature over the header's bytes, so OpenSSL can check it. */
  async verifySealByOpenSsl(receiptFile: string): Promise<void> {
    const { receipt } = JSON.parse(readFileSync(join(this.#home, receiptFile), "utf8"));
    const said = await this.countersign(["network", "--json"], { quiet: true });
    const network: { groupPublicKeyPem: string } = JSON.parse(said);
    const files = { key: "group.pem", bytes: "bytes.bin", seal: "seal.bin" };
    const place = (name: string) => join(this.#home, name);
    writeFileSync(place(files.key), network.groupPublicKeyPem);
    writeFileSync(place(files.bytes), Buffer.from(receipt.sealedHeader.bytes, "base64"));
    writeFileSync(place(files.seal), Buffer.from(receipt.sealedHeader.seal, "base64"));
    const key = ["-pubin", "-inkey", files.key];
    const message = ["-rawin", "-in", files.bytes, "-sigfile", files.seal];
    const command = ["openssl", "pkeyutl", "-verify", ...key, ...message];
    this.#story.command(command.join(" "));
    const { code, out, error } = await this.#run(command);
    this.#story.answer(out + error);
    this.expect(code === 0, "OpenSSL accepts the seal");
  }

  async kill({ id, pid }: DemoNode): Promise<void> {
    this.#story.command(`kill -9 ${pid}    # ${id}`);
    process.kill(pid, "SIGKILL");
  }

  expect(condition: boolean, what: string): asserts condition {
    if (!condition) throw new DemoFailure(`not true: ${what}`);
    this.#story.held(what);
  }

  /** Ends every process and removes the folder. */
  async end(): Promise<void> {
    // Not SIGINT: Ctrl-C in a terminal has already sent one, and a second one would interrupt the cleanup.
    this.#devnet?.kill("SIGTERM");
    await this.#ended;
    rmSync(this.#home, { recursive: true, force: true });
  }

  async #untilReady(devnet: ChildProcess): Promise<{
    nodes: readonly DemoNode[];
    threshold: number;
    groupPublicKey: string;
  }> {
    let [out, error] = ["", ""];
    return await new Promise((resolve, reject) => {
      devnet.stderr?.setEncoding("utf8").on("data", (text: string) => {
        error += text;
      });
      devnet.stdout?.setEncoding("utf8").on("data", (text: string) => {
        out += text;
        if (out.trimEnd().endsWith("}")) resolve(JSON.parse(out));
      });
      devnet.once("close", () => reject(new DemoFailure(`the network did not start: ${error}`)));
      this.#told.addEventListener("abort", () => reject(this.#told.reason), { once: true });
    });
  }

  async #run([file = "", ...args]: readonly string[]): Promise<Run> {
    this.#told.throwIfAborted();
    return await new Promise((resolve, reject) => {
      const child = spawn(file, args, {
        cwd: this.#home,
        signal: this.#told,
        stdio: ["ignore", "pipe", "pipe"],
      });
      let [out, error] = ["", ""];
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        out += text;
      });
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        error += text;
      });
      child.once("error", (cause) => {
        const reason: unknown = this.#told.reason;
        reject(
          reason instanceof DemoFailure ? reason : new DemoFailure(`${file}: ${cause.message}`),
        );
      });
      child.once("close", (code, signal) => {
        // Ctrl-C reaches the commands as well as this process, which may see their end before its own signal.
        if (signal !== null)
          reject(this.#told.reason ?? new DemoFailure(`told to stop (${signal})`));
        else resolve({ code, out, error });
      });
    });
  }
}

function shown(args: readonly string[]): string {
  return ["countersign", ...args.map(shellWord)].join(" ");
}

async function freePort(): Promise<number> {
  for (let port = FIRST_PORT; port <= LAST_PORT; port += PORT_STEP) {
    const ports = Array.from({ length: NODES }, (_, i) => [port + i, port + PEER_PORT_OFFSET + i]);
    if ((await takenPort(ports.flat())) === undefined) return port;
  }
  throw new DemoFailure(`no free ports on 127.0.0.1 from ${FIRST_PORT} to ${LAST_PORT}`);
}
