/** A command loads only the modules that it runs. The test counts files and not time, which depends on the machine. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const RECORDER = `
import { appendFileSync } from "node:fs";
import { registerHooks } from "node:module";
registerHooks({
  load: (url, context, next) => {
    if (url.startsWith("file:")) appendFileSync(process.env.LOADED, url + "\\n");
    return next(url, context);
  },
});
`;

let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "countersign-loading-"));
  await writeFile(join(home, "recorder.mjs"), RECORDER);
});

afterAll(() => rm(home, { recursive: true, force: true }));

/** Paths of the files that one call loads. */
async function loadedBy(line: string): Promise<string[]> {
  const list = join(home, "loaded");
  await writeFile(list, "");
  const args = ["--import", join(home, "recorder.mjs"), join(ROOT, "src/cli/main.ts")];
  await new Promise<void>((resolve) => {
    const env = { ...process.env, LOADED: list };
    execFile(process.execPath, [...args, ...line.split(" ")], { env, cwd: home }, () => resolve());
  });
  const urls = (await readFile(list, "utf8")).trimEnd().split("\n");
  return urls.map((url) => relative(ROOT, fileURLToPath(url)));
}

it("helps, gives its version, and finds a command that was meant, with the files of the command line alone", async () => {
  for (const line of ["help", "-v", "wallet --help", "trnsfer", "completion --values wallets"]) {
    const loaded = await loadedBy(line);
    expect(loaded, line).toContain("src/cli/command-line.ts");
    // One small file each: hexadecimal of src/primitives/bytes.ts, tokens that no message shows, and bounded reading of
    // completion values.
    const own =
      /^src\/(cli|primitives)\/|^src\/access\/token\.ts$|^src\/storage\/bounded-file\.ts$|^node_modules\/@noble\/hashes\/utils\.js$/;
    expect(loaded.filter((file) => !own.test(file))).toEqual([]);
  }
});

it("asks a network without what only a node or an authority needs", async () => {
  for (const line of ["status", "transfer", "receipt get"]) {
    const loaded = await loadedBy(line);
    expect(loaded, line).toContain("src/cli/network-access.ts");
    const foreign =
      /^src\/node\/(?!base|files)|level-engine|classic-level|pino|x509|src\/cli\/(devnet|node)\.ts/;
    expect(loaded.filter((file) => foreign.test(file))).toEqual([]);
  }
});

it("runs a node without a line of what only sinks and traces need", async () => {
  const loaded = await loadedBy("node --config none.json");
  expect(loaded).toContain("src/node/node-process.ts");
  const foreign =
    /^src\/node\/traces\/|@opentelemetry\/(?!api\/)|^node_modules\/(pg|@nats-io)\/|(nats|postgres)-sink/;
  expect(loaded.filter((file) => foreign.test(file))).toEqual([]);
});
