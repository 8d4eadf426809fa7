/**
 * Refusals by the operating system: permissions, limits, space, I/O. They say nothing about the bytes on the disk, so
 * they are never reported as damage, and their remedy never gives up stored data.
 */
import { StorageError } from "./storage-errors.ts";

interface SystemRefusal {
  /** The errno name. */
  readonly code: string;
  /** The texts of strerror in glibc and, where it differs, musl: an engine in C may pass on only the text. */
  readonly texts: readonly string[];
  readonly remedy: string;
}

const PERMISSION = "let the user of the node read and write it";
const SPACE = "free space on its disk";
const OPEN_FILES = "raise the limit of open files (ulimit -n; LimitNOFILE of a systemd unit)";
const DEVICE = "look at the kernel's log, and at the disk, its cable or its network";

const REFUSALS: readonly SystemRefusal[] = [
  { code: "EACCES", texts: ["Permission denied"], remedy: PERMISSION },
  { code: "EPERM", texts: ["Operation not permitted"], remedy: PERMISSION },
  { code: "EROFS", texts: ["Read-only file system"], remedy: "mount its file system for writing" },
  { code: "ENOSPC", texts: ["No space left on device"], remedy: SPACE },
  { code: "EDQUOT", texts: ["Disk quota exceeded", "Quota exceeded"], remedy: SPACE },
  {
    code: "EMFILE",
    texts: ["Too many open files", "No file descriptors available"],
    remedy: OPEN_FILES,
  },
  {
    code: "ENFILE",
    texts: ["Too many open files in system"],
    remedy: "raise the machine's limit of open files (sysctl fs.file-max)",
  },
  { code: "ENOMEM", texts: ["Cannot allocate memory", "Out of memory"], remedy: "free memory" },
  { code: "EIO", texts: ["Input/output error", "I/O error"], remedy: DEVICE },
  { code: "ENXIO", texts: ["No such device or address"], remedy: DEVICE },
  { code: "ENODEV", texts: ["No such device"], remedy: DEVICE },
  { code: "ESTALE", texts: ["Stale file handle"], remedy: "mount its network file system again" },
  {
    code: "ELOOP",
    texts: ["Too many levels of symbolic links", "Symbolic link loop"],
    remedy: "mend the symbolic link",
  },
  {
    code: "ENOTDIR",
    texts: ["Not a directory"],
    remedy: "put the file or folder back where it was",
  },
  { code: "EISDIR", texts: ["Is a directory"], remedy: "put the file back where it was" },
  {
    code: "ENOENT",
    texts: ["No such file or directory"],
    remedy: "put the file back where it was",
  },
  {
    code: "ENOLCK",
    texts: ["No locks available"],
    remedy: "use a file system that can lock files",
  },
  {
    code: "EBUSY",
    texts: ["Device or resource busy", "Resource busy"],
    remedy: "end what uses it",
  },
];

/**
 * The StorageError for `place`, a file or folder that the operating system refused; undefined if `error` is not a
 * refusal. Recognises Node's errors by their code, and an engine's by their text.
 */
export function systemRefusal(place: string, error: unknown): StorageError | undefined {
  const refusal = refusalOf(error);
  if (refusal === undefined) return undefined;
  const [text = ""] = refusal.texts;
  return new StorageError(
    "unavailable",
    `${place}: the operating system refuses it (${text}, ${refusal.code}); ${refusal.remedy}, then start again; ` +
      "nothing stored was found damaged, so keep it",
    error,
  );
}

/** The remedy for a refusal of the operating system; undefined if `error` is not one. */
export function systemRemedy(error: unknown): string | undefined {
  return refusalOf(error)?.remedy;
}

/** Runs `use` on `place`; a refusal of the operating system becomes a StorageError that names it. */
export async function namingRefusals<T>(place: string, use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (error) {
    throw systemRefusal(place, error) ?? error;
  }
}

function refusalOf(error: unknown): SystemRefusal | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = "code" in error ? error.code : undefined;
  const text = error.message.slice(error.message.lastIndexOf(": ") + 2);
  return REFUSALS.find((refusal) => refusal.code === code || refusal.texts.includes(text));
}
