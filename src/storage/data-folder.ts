/**
 * The data folder of one node: store/, keys/ and a marker file that names the owner. It is made under a temporary
 * name and renamed when it is complete, so that it is never seen half-made. If the folder exists already, such as a
 * link or the root of a disk, it is filled in place; a marker file is in it until it is complete.
 */
import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { toHex, utf8 } from "../primitives/bytes.ts";
import { errorCode } from "../primitives/error-code.ts";
import { DIGEST_LENGTH } from "../primitives/hash.ts";
import type { NetworkId } from "../primitives/ids.ts";
import { JsonProblem } from "../primitives/json.ts";
import { type JsonField, readFields } from "../primitives/json-fields.ts";
import { LIMITS } from "../primitives/limits.ts";
import { printable } from "../primitives/printable.ts";
import { syncDirectory, writeFileDurably } from "./atomic-file.ts";
import { FileTooLarge, readTextBounded } from "./bounded-file.ts";
import { makeFolderWhole } from "./draft-folder.ts";
import { namesIn } from "./folder-names.ts";
import { StorageError } from "./storage-errors.ts";
import { engineNamed, STORE_ENGINES, type StoreEngineName } from "./store-engine.ts";
import { systemRefusal } from "./system-errors.ts";

const MARKER = "countersign.json";
/** Marks a folder that is being filled in place. */
const UNFINISHED = "countersign.unfinished";
const LAYOUT_VERSION = 1;
const RESTORE = "put this file back from a copy";

/** The node that a data folder belongs to. */
export interface DataFolderOwner {
  readonly networkId: NetworkId;
  /** The validator's id in the genesis. */
  readonly nodeId: string;
  /** The engine of its store. */
  readonly engine: StoreEngineName;
}

export interface DataFolder extends DataFolderOwner {
  readonly path: string;
  /** For store-factory.ts. */
  readonly storePath: string;
  /** For key-ring.ts. */
  readonly keysPath: string;
  /** Folder of the audit log; it is made when the node starts. */
  readonly auditPath: string;
}

/** Makes the store and the keys in a folder, and closes them before it settles. */
type Fill = (folder: DataFolder) => Promise<void>;

/**
 * Makes a data folder at `path`, where there may be nothing, an empty folder, or a link to one. If a crash left it
 * incomplete, the next call starts over.
 */
export async function createDataFolder(
  path: string,
  owner: DataFolderOwner,
  fill: Fill,
): Promise<DataFolder> {
  const full = resolve(path);
  if ((await stateOf(full)) !== "absent") {
    throw new StorageError("exists", `${full} already exists; choose another folder`);
  }
  const names = await namesIn(full);
  const folder = layout(full, owner);
  if (names === undefined) await fillBeside(folder, fill);
  else await fillInPlace(folder, fill);
  return folder;
}

async function fillBeside({ path, ...owner }: DataFolder, fill: Fill): Promise<void> {
  await makeFolderWhole(path, async (draft) => {
    await fill(layout(draft, owner));
    await writeMarker(draft, owner);
  });
}

async function fillInPlace(folder: DataFolder, fill: Fill): Promise<void> {
  const unfinished = join(folder.path, UNFINISHED);
  await removeParts(folder);
  await writeFileDurably(unfinished, utf8("countersign fills this folder; it is not complete\n"));
  try {
    await fill(folder);
    await writeMarker(folder.path, folder);
  } catch (error) {
    await removeParts(folder);
    await rm(unfinished, { force: true });
    throw error;
  }
  await rm(unfinished);
  await syncDirectory(folder.path);
}

async function removeParts({ storePath, keysPath }: DataFolder): Promise<void> {
  for (const part of [storePath, keysPath]) await rm(part, { recursive: true, force: true });
}

async function writeMarker(
  folder: string,
  { networkId, nodeId, engine }: DataFolderOwner,
): Promise<void> {
  const store = { engine };
  const marker = { version: LAYOUT_VERSION, networkId: toHex(networkId), nodeId, store };
  const text = `${JSON.stringify(marker, undefined, 2)}\n`;
  await writeFileDurably(join(folder, MARKER), utf8(text));
}

/** Opens the data folder at `path`. Without a readable marker, the error is one clear line. */
export async function openDataFolder(path: string): Promise<DataFolder> {
  const full = resolve(path);
  const state = await stateOf(full);
  if (state === "absent") {
    throw new StorageError("missing", `${full} holds no data folder; create it first`);
  }
  if (state === "foreign") {
    throw new StorageError(
      "malformed",
      `${full} is half-written or not a data folder of Countersign (it has no ${MARKER}); ` +
        "restore it, or name the node's own data folder in its configuration",
    );
  }
  const marker = join(full, MARKER);
  return layout(full, readMarker(marker, await readMarkerText(marker)));
}

/** "absent": nothing, an empty folder, or a half-filled one. "foreign": anything else that is not a data folder. */
export async function stateOf(path: string): Promise<"complete" | "absent" | "foreign"> {
  try {
    const names = (await namesIn(path)) ?? [];
    if (names.includes(MARKER)) return "complete";
    return names.length === 0 || names.includes(UNFINISHED) ? "absent" : "foreign";
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOTDIR") return "foreign";
    throw systemRefusal(path, error) ?? error;
  }
}

function layout(path: string, owner: DataFolderOwner): DataFolder {
  const { networkId, nodeId, engine } = owner;
  return {
    path,
    networkId,
    nodeId,
    engine,
    storePath: join(path, "store"),
    keysPath: join(path, "keys"),
    auditPath: join(path, "audit"),
  };
}

async function readMarkerText(path: string): Promise<string> {
  try {
    return readTextBounded(path, LIMITS.files.smallBytesMax);
  } catch (error) {
    if (!(error instanceof FileTooLarge)) throw systemRefusal(path, error) ?? error;
    throw new StorageError(
      "malformed",
      `${path} does not name the node of this data folder: ${error.message}; ${RESTORE}`,
    );
  }
}

function readMarker(path: string, text: string): DataFolderOwner {
  const read = readFields(text, (root) => {
    const layout = root.entries("an object")["version"]?.integer({ min: 1, max: 0xffff });
    return layout !== undefined && layout > LAYOUT_VERSION ? layout : readOwner(root);
  });
  if (read instanceof JsonProblem) {
    const { field, message } = read;
    const problem = field === "" ? `it ${message}` : `"${field}" ${message}`;
    throw new StorageError(
      "malformed",
      `${path} does not name the node of this data folder: ${problem}; ${RESTORE}`,
    );
  }
  if (typeof read === "number") {
    throw new StorageError(
      "newerSchema",
      `${path} was written by a newer version (folder layout ${read}, this one knows ${LAYOUT_VERSION}); start that version`,
    );
  }
  const engine = engineNamed(read.engine);
  if (engine === undefined) {
    throw new StorageError(
      "newerSchema",
      `${path} names the store engine "${printable(read.engine)}", which this version does not have (it has ` +
        `${STORE_ENGINES.join(", ")}); start the version that made this folder`,
    );
  }
  return { ...read, engine };
}

function readOwner(root: JsonField) {
  const fields = root.record(["version", "networkId", "nodeId"], ["store"]);
  const engine = fields.store?.record(["engine"]).engine;
  return {
    networkId: fields.networkId.bytes(DIGEST_LENGTH),
    nodeId: textOf(fields.nodeId),
    // Folders made before there was a choice of engines name none.
    engine: engine === undefined ? "level" : textOf(engine),
  };
}

function textOf(field: JsonField): string {
  return field.string() ?? field.fail("must be a text", "restore the file");
}
