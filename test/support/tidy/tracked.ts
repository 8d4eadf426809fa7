/** Files that git tracks, or would: no private key, no package index's address, no path of one machine. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Finding, lineAt } from "./source.ts";

export interface TextFile {
  readonly path: string;
  readonly text: string;
}

/** Written so that no pattern matches its own line. */
const FORBIDDEN: readonly { readonly pattern: RegExp; readonly message: string }[] = [
  { pattern: /-{5}BEGIN (?:[A-Z]+ )*PRIVATE KEY-{5}/, message: "a private key" },
  { pattern: /["']?resolved["']?: ["']https?:/, message: "the address of a package index" },
  {
    pattern: /https?:\/\/[^\s"'`)/]*(?:[r]egistry|[a]rtifactory|[n]exus|[p]ypi)[^\s"'`)]*/i,
    message: "the address of a package index",
  },
  {
    pattern: /(?<![\w.$}-])\/(?:home|Users)\/[a-z][\w.-]*\/|(?<![\w.$}-])\/(?:[r]oot|[w]ork)\//,
    message: "an absolute path of one machine",
  },
];

const KEY_FILE = /\.(?:key|pem|p12|pfx)$/;

/** Tracked files and those that a commit would add, as text. Deleted ones are left out. */
export function trackedFiles(root: string): TextFile[] {
  const listed = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "-z"], {
    cwd: root,
    encoding: "utf8",
  });
  return listed
    .split("\0")
    .filter((path) => path !== "" && existsSync(join(root, path)))
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

export function checkTracked(files: readonly TextFile[]): Finding[] {
  return files.flatMap(({ path, text }) => {
    const named = KEY_FILE.test(path) ? [{ path, line: 0, message: "a key file" }] : [];
    const found = FORBIDDEN.flatMap(({ pattern, message }) => {
      const match = pattern.exec(text);
      return match === null ? [] : [{ path, line: lineAt(text, match.index), message }];
    });
    return [...named, ...found];
  });
}
