/** The manifest of a backup, `manifest.json`: whose it is, what it holds, and the checksum of each of its files. */
import { join } from "node:path";
import { type Bytes, toHex, utf8 } from "../primitives/bytes.ts";
import { errorCode } from "../primitives/error-code.ts";
import { DIGEST_LENGTH, type Digest } from "../primitives/hash.ts";
import { JsonProblem } from "../primitives/json.ts";
import { type JsonField, readFields } from "../primitives/json-fields.ts";
import { LIMITS } from "../primitives/limits.ts";
import { writeFileDurably } from "./atomic-file.ts";
import { type BackupContent, isNewerLayout, newerLayout } from "./backup-content.ts";
import { FileTooLarge, readTextBounded } from "./bounded-file.ts";
import { namesIn } from "./folder-names.ts";
import { StorageError } from "./storage-errors.ts";
import { systemRefusal } from "./system-errors.ts";

const MANIFEST = "manifest.json";
const VERSION = 1;
const KIND = "backup";
/** The encrypted keys of the node, if the backup has them. */
export const KEYS_FILE = "keys.age";
const FILE_NAME = /^(records-[0-9]{5}\.bin|keys\.age)$/;
const FORM = "restore the file, or take another backup";

export interface BackupFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: Digest;
}

/** The node that a backup is of. */
export interface BackupOwner {
  readonly nodeId: string;
  /** Its place among the members of the genesis. */
  readonly nodeIndex: number;
}

export interface BackupManifest extends BackupOwner {
  readonly content: BackupContent;
  /** Milliseconds since 1970, by the clock of the machine. */
  readonly madeAt: number;
  /** The version of the program that made it. */
  readonly madeBy: string;
  /** Those of the records first, in their order. */
  readonly files: readonly BackupFile[];
}

/** The name of a file of records, counted from 1. */
export function recordsFileName(number: number): string {
  return `records-${String(number).padStart(5, "0")}.bin`;
}

export function hasKeys({ files }: Pick<BackupManifest, "files">): boolean {
  return files.some(({ name }) => name === KEYS_FILE);
}

export async function saveManifest(folder: string, manifest: BackupManifest): Promise<void> {
  await writeFileDurably(join(folder, MANIFEST), formatManifest(manifest));
}

function formatManifest({ content, ...manifest }: BackupManifest): Bytes {
  const { nodeId, nodeIndex, madeAt, madeBy, files } = manifest;
  const { networkId, height, blockHash, blockTime, layout, starts, records } = content;
  const fields = {
    countersign: KIND,
    version: VERSION,
    networkId: toHex(networkId),
    nodeId,
    nodeIndex,
    height,
    ...(blockHash && { blockHash: toHex(blockHash) }),
    blockTime,
    layout,
    starts,
    records,
    madeAt,
    madeBy,
    files: files.map(({ name, bytes, sha256 }) => ({ name, bytes, sha256: toHex(sha256) })),
  };
  return utf8(`${JSON.stringify(fields, undefined, 2)}\n`);
}

/** Throws StorageError if the folder holds no backup, or one that this version cannot read. */
export async function loadManifest(folder: string): Promise<BackupManifest> {
  const path = join(folder, MANIFEST);
  const names = await namesIn(folder).catch((error: unknown) => {
    throw isNoFolder(error) ? noBackup(folder, "it is no folder") : refused(folder, error);
  });
  if (names === undefined || !names.includes(MANIFEST)) {
    throw noBackup(folder, `there is no ${MANIFEST}`);
  }
  const read = readFields(readText(path), (root) => {
    const version = root.entries("an object")["version"]?.integer({ min: 1, max: 0xffff });
    return version !== undefined && version > VERSION ? version : readManifest(root);
  });
  if (read instanceof JsonProblem) {
    const { field, message } = read;
    const problem = field === "" ? `it ${message}` : `"${field}" ${message}`;
    throw new StorageError("malformed", `${path} is damaged: ${problem}; ${FORM}`);
  }
  if (typeof read === "number") {
    throw new StorageError(
      "newerSchema",
      `${path} was written by a newer version (form ${read} of backups, this one knows ${VERSION}); use that version`,
    );
  }
  if (isNewerLayout(read.content.layout)) {
    const { code, message } = newerLayout(read.content.layout);
    throw new StorageError(code, `${path}: ${message}`);
  }
  return read;
}

function noBackup(folder: string, why: string): StorageError {
  const remedy = "name the folder that countersign backup made";
  return new StorageError("missing", `${folder} holds no backup (${why}); ${remedy}`);
}

function isNoFolder(error: unknown): boolean {
  return errorCode(error) === "ENOTDIR";
}

function refused(path: string, error: unknown): unknown {
  return systemRefusal(path, error) ?? error;
}

function readText(path: string): string {
  try {
    return readTextBounded(path, LIMITS.files.backupManifestBytesMax);
  } catch (error) {
    if (!(error instanceof FileTooLarge)) throw refused(path, error);
    throw new StorageError("malformed", `${path} is damaged: ${error.message}; ${FORM}`);
  }
}

function readManifest(root: JsonField): BackupManifest {
  const fields = root.record(
    [
      "countersign",
      "version",
      "networkId",
      "nodeId",
      "nodeIndex",
      "height",
      "blockTime",
      "layout",
      "starts",
      "records",
      "madeAt",
      "madeBy",
      "files",
    ],
    ["blockHash"],
  );
  fields.countersign.oneOf([KIND]);
  const count = (field: JsonField) => field.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
  const text = (field: JsonField) => field.string() ?? field.fail("is no text", FORM);
  const { filesMax } = LIMITS.backup;
  return {
    nodeId: text(fields.nodeId),
    nodeIndex: fields.nodeIndex.integer({ min: 0, max: LIMITS.validatorsMax - 1 }),
    content: {
      networkId: fields.networkId.bytes(DIGEST_LENGTH),
      height: count(fields.height),
      blockHash: fields.blockHash?.bytes(DIGEST_LENGTH),
      blockTime: count(fields.blockTime),
      layout: fields.layout.integer({ min: 1, max: 0xffff }),
      starts: count(fields.starts),
      records: count(fields.records),
    },
    madeAt: count(fields.madeAt),
    madeBy: text(fields.madeBy),
    files: fields.files.list({ min: 1, max: filesMax }).map(readFile),
  };
}

function readFile(field: JsonField): BackupFile {
  const fields = field.record(["name", "bytes", "sha256"]);
  return {
    name: fields.name.matching({ pattern: FILE_NAME, form: "the name of a file of a backup" }),
    bytes: fields.bytes.integer({ min: 0, max: LIMITS.backup.fileBytesMax }),
    sha256: fields.sha256.bytes(DIGEST_LENGTH),
  };
}
