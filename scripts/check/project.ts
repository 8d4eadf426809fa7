// An empty project with packages installed from archives and from the npm registry, and the example that pays in it.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { capture, ROOT } from "./run.ts";

const EXPECTED = [
  /^applied; height \d+ is sealed by the group$/m,
  /^sent again: applied, and paid once$/m,
  /^bob holds 25$/m,
  /^refused: INSUFFICIENT_FUNDS$/m,
];

/** The file name of the archive of the package in `folder`. */
export async function pack(into: string, folder = ROOT): Promise<string> {
  const packed = await capture("npm", ["pack", "--silent", "--pack-destination", into], {
    cwd: folder,
  });
  const name = packed.output.split("\n").at(-1) ?? "";
  if (packed.code !== 0 || !name.endsWith(".tgz")) throw new Error(`npm pack:\n${packed.output}`);
  return name;
}

export async function install(folder: string, packages: readonly string[]): Promise<void> {
  await mkdir(folder);
  await writeFile(join(folder, "package.json"), '{ "type": "module", "private": true }\n');
  const quiet = ["--silent", "--no-audit", "--no-fund"];
  const installed = await capture("npm", ["install", ...quiet, ...packages], { cwd: folder });
  if (installed.code === 0) return;
  throw new Error(
    `npm install of ${packages.join(", ")} failed; is the npm registry reachable?\n${installed.output}`,
  );
}

/** Writes the example into `project`, for the package of that name. */
export async function writeExample(project: string, packageName: string): Promise<void> {
  const example = await readFile(join(ROOT, "examples", "node", "pay.mjs"), "utf8");
  const text = example.replaceAll('from "countersign/', `from "${packageName}/`);
  await writeFile(join(project, "pay.mjs"), text);
}

export interface RunningNetwork {
  readonly port: number;
  /** With `ca.pem` and `genesis.json`. */
  readonly folder: string;
}

/** Runs the example in `project` with the program `node`. */
export async function pay(node: string, project: string, network: RunningNetwork): Promise<void> {
  const files = [join(network.folder, "ca.pem"), join(network.folder, "genesis.json")];
  const args = ["pay.mjs", `https://127.0.0.1:${network.port}`, ...files];
  const { code, output } = await capture(node, args, { cwd: project });
  const version = await capture(node, ["--version"]);
  const missing = EXPECTED.filter((line) => !line.test(output));
  must(
    code === 0 && missing.length === 0,
    `the example on Node ${version.output} (exit code ${code}):\n${output}`,
  );
  console.log(`an empty project pays and verifies on Node ${version.output}`);
}

export function must(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}
