/**
 * Checks the light package in packages/client: installed from its archive with its own dependencies alone it is small, holds nothing of
 * a node, is bundled for a page, and pays and verifies on Node 22 and 24, also as docs/integrate.md has it, through an outbox.
 */
import { readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bundleFor } from "../../test/browser/bundle.ts";
import { integrateProgram } from "../../test/readme/integrate-program.ts";
import { lightModules } from "../../test/support/light-package.ts";
import { install, must, pack, pay, type RunningNetwork, writeExample } from "./project.ts";
import { capture, ROOT } from "./run.ts";

/** Of everything in node_modules, as it takes room on a disk with blocks of 4 KB. */
const INSTALLED_BYTES_MAX = 15_000_000;
const BLOCK_BYTES = 4_096;
/** Packages of a node, and the modules that only a node has. */
const OF_A_NODE =
  /\/(sodium-native|classic-level|node-linux-[a-z0-9]+|pino|src\/(node|consensus|storage\/level-engine\.js))$/;

/** The key of the second is of small order, so anyone can sign for it; OpenSSL takes that signature before version 3.5. */
const VERDICTS = `import { signingKeyOf, verify } from "@countersign/client/crypto";
const message = new TextEncoder().encode("25 EUR to bob");
const { publicKey, sign } = signingKeyOf(new Uint8Array(32).fill(7));
const small = Uint8Array.from([1, ...new Uint8Array(31)]);
const forged = Buffer.from("edc876d6831fd2105d0b4389ca2e283166469289146e2ce06faefe98b22548df05" + "00".repeat(31), "hex");
console.log(verify({ publicKey, message, signature: sign(message) }));
console.log(verify({ publicKey: small, message, signature: forged }));
`;

/** All that a page may import, by the names of the package. */
const PAGE = [...lightModules("default").keys()]
  .map((name, i) => `export * as m${i} from "@countersign/client${name.slice(1)}";`)
  .join("\n");

/** `nodes`: the programs to run it with. */
export async function checkClientPackage(
  home: string,
  network: RunningNetwork,
  nodes: readonly string[],
): Promise<void> {
  const project = join(home, "light");
  await install(project, [join(home, await pack(home, join(ROOT, "packages", "client")))]);
  const files = await filesIn(join(project, "node_modules"));
  const foreign = files.filter(({ path }) => OF_A_NODE.test(path)).map(({ path }) => path);
  must(foreign.length === 0, `the light package installs ${foreign.join(", ")}`);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  console.log(`the light package takes ${(bytes / 1_000_000).toFixed(1)} MB with its dependencies`);
  must(bytes <= INSTALLED_BYTES_MAX, `the light package takes more than ${INSTALLED_BYTES_MAX}`);
  await writeExample(project, "@countersign/client");
  await writeFile(join(project, "verdicts.mjs"), VERDICTS);
  await writeFile(
    join(project, "integrate.mjs"),
    integrateProgram((name) => `@countersign/client/${name}`),
  );
  await symlink(network.folder, join(project, ".countersign"));
  await checkBundle(project);
  for (const node of nodes) {
    await pay(node, project, network);
    await checkOutbox(node, project);
    const { output } = await capture(node, ["verdicts.mjs"], { cwd: project });
    must(output === "true\nfalse", `crafted signatures on ${node}:\n${output}`);
  }
}

/** The program of docs/integrate.md: a payment of an outbox on this disk, its entry, and a statement that agrees. */
async function checkOutbox(node: string, project: string): Promise<void> {
  await rm(join(project, "payments.outbox"), { force: true });
  const { code, output } = await capture(node, ["integrate.mjs"], { cwd: project });
  const isPaid = output.includes("invoice 2026-117: applied") && output.includes("reconciled: ");
  must(code === 0 && isPaid, `docs/integrate.md on ${node} (exit code ${code}):\n${output}`);
}

/** A bundler follows the conditions of `exports` to modules that need nothing of Node. */
async function checkBundle(project: string): Promise<void> {
  const entry = join(project, "page.mjs");
  await writeFile(entry, PAGE);
  const { code, gzipBytes } = await bundleFor(entry);
  const [needed] = /["'`]node:\w+|__vite-browser-external|sodium/.exec(code) ?? [];
  must(needed === undefined, `a page with the light package needs ${needed}`);
  must(code.includes("countersign/v1/"), "the bundle of the light package is empty");
  console.log(`all of the light package for a page has ${gzipBytes} bytes, compressed by gzip`);
}

interface InstalledFile {
  readonly path: string;
  readonly bytes: number;
}

/** Files and folders below `folder`, each rounded up to whole blocks. */
async function filesIn(folder: string): Promise<readonly InstalledFile[]> {
  const names = await readdir(folder, { recursive: true });
  return await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const { size } = await stat(path);
      return { path, bytes: Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES };
    }),
  );
}
