/**
 * Checks that the archive of `npm pack` works in an empty project: its client pays and verifies on Node 22 and 24, its types hold, and
 * `npx countersign devnet` starts from it. The light package (client-package.ts) is tried on the same network. The dependencies come
 * from the npm registry.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PEER_PORT_OFFSET } from "../../src/cli/devnet-options.ts";
import { takenPort } from "../../src/cli/taken-port.ts";
import { checkClientPackage } from "./client-package.ts";
import { install, must, pack, pay, writeExample } from "./project.ts";
import { capture } from "./run.ts";

/** The oldest Node that the client supports; the newest tested one comes with the package. */
const OLD_NODE = `node-linux-${process.arch}@22.23.3`;
const READY_MS = 60_000;

export async function checkPackage(): Promise<boolean> {
  const home = await mkdtemp(join(tmpdir(), "countersign-package-"));
  let devnet: ChildProcess | undefined;
  try {
    const [project, tools] = [join(home, "project"), join(home, "tools")];
    await install(project, [join(home, await pack(home))]);
    await install(tools, [OLD_NODE]);
    await writeExample(project, "countersign");
    must(await checkTypes(project), "the package's types do not fit its example");

    const port = await freePort();
    devnet = startDevnet(project, port);
    await untilReady(devnet);
    const network = { port, folder: join(project, ".countersign") };
    const nodes = [tools, project].map((folder) => {
      return join(folder, "node_modules", `node-linux-${process.arch}`, "bin", "node");
    });
    for (const node of nodes) await pay(node, project, network);
    await checkClientPackage(home, network, nodes);
    return true;
  } catch (error) {
    console.log(error instanceof Error ? error.message : String(error));
    return false;
  } finally {
    await end(devnet);
    await rm(home, { recursive: true, force: true });
  }
}

/** Compiles the example as a user's program: strictly, and without this project's settings. */
async function checkTypes(project: string): Promise<boolean> {
  const program = join(project, "types.ts");
  await writeFile(
    program,
    `import { createGatewayClient, type GatewayClient } from "countersign/gateway";
import { Wallet } from "countersign/wallet";
import { trustGenesis, verifyReceipt } from "countersign/receipt-verifier";
import { Wait } from "countersign/gen/countersign/v1/types_pb";
const client: GatewayClient = createGatewayClient({ baseUrl: "https://127.0.0.1:1" });
const balance: Promise<bigint | undefined> = client.calls
  .getWallet({ id: "x" })
  .then(({ wallet }) => wallet?.balance);
export const used = [Wallet, trustGenesis, verifyReceipt, Wait.SEALED, balance];
// @ts-expect-error a wallet's amount is a bigint
client.calls.walletCreation({ initialBalance: 1 });
`,
  );
  const flags = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--target"];
  const { code, output } = await capture("tsc", [...flags, "es2023", program], { cwd: project });
  if (code !== 0) console.log(output);
  return code === 0;
}

function startDevnet(project: string, port: number): ChildProcess {
  const args = ["--no-install", "countersign", "devnet", "--port", `${port}`, "--json"];
  return spawn("npx", args, { cwd: project, stdio: ["ignore", "pipe", "inherit"], detached: true });
}

async function untilReady(devnet: ChildProcess): Promise<void> {
  let out = "";
  const late = AbortSignal.timeout(READY_MS);
  await new Promise<void>((resolve, reject) => {
    devnet.stdout?.setEncoding("utf8").on("data", (text: string) => {
      out += text;
      if (out.includes('"ready":true')) resolve();
    });
    devnet.once("close", () => reject(new Error(`the packed devnet has ended:\n${out}`)));
    late.addEventListener("abort", () => reject(new Error("the packed devnet is not ready")));
  });
}

/** The whole group: npx, the command, and the nodes that it started. */
async function end(devnet: ChildProcess | undefined): Promise<void> {
  if (devnet?.pid === undefined || devnet.exitCode !== null) return;
  const ended = new Promise((resolve) => devnet.once("close", resolve));
  process.kill(-devnet.pid, "SIGINT");
  await ended;
}

async function freePort(): Promise<number> {
  for (let port = 18_001; port < 19_000; port += 10) {
    const ports = [0, 1, 2, 3].flatMap((i) => [port + i, port + PEER_PORT_OFFSET + i]);
    if ((await takenPort(ports)) === undefined) return port;
  }
  throw new Error("no free ports on 127.0.0.1 from 18001 to 19000");
}
