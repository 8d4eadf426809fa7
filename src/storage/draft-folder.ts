/** Makes a folder that is never seen half-made: under a hidden name beside it, which is renamed when it is complete. */
import { randomBytes } from "node:crypto";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { syncDirectory, TEMPORARY_SUFFIX } from "./atomic-file.ts";
import { makeFolder } from "./make-folder.ts";

/**
 * Makes the folder `path`, an absolute path at which there is nothing, with mode 0700. `fill` syncs what it writes into the
 * draft; an error of it leaves nothing behind. The next call removes what a crash left.
 */
export async function makeFolderWhole(
  path: string,
  fill: (draft: string) => Promise<void>,
): Promise<void> {
  const parent = dirname(path);
  await makeFolder(parent, 0o700);
  await removeDrafts(path);
  const draft = `${draftPrefix(path)}${randomBytes(6).toString("hex")}${TEMPORARY_SUFFIX}`;
  await mkdir(draft, { mode: 0o700 });
  try {
    await fill(draft);
    await syncDirectory(draft);
    await rename(draft, path);
    await syncDirectory(parent);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
}

function draftPrefix(full: string): string {
  return join(dirname(full), `.${basename(full)}.draft-`);
}

async function removeDrafts(full: string): Promise<void> {
  const prefix = basename(draftPrefix(full));
  const siblings = await readdir(dirname(full)).catch(() => []);
  for (const name of siblings) {
    if (!name.startsWith(prefix) || !name.endsWith(TEMPORARY_SUFFIX)) continue;
    await rm(join(dirname(full), name), { recursive: true, force: true });
  }
}
