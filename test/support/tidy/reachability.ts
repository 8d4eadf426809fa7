/** Dead files: every file is reached by imports from an entry point. */
import { importsOf } from "./imports.ts";
import type { Finding, SourceFile } from "./source.ts";

/** Files that `entries` do not reach. An entry that does not exist is a finding too. */
export function checkReachability(
  files: readonly SourceFile[],
  entries: readonly string[],
): Finding[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const missing = entries.filter((entry) => !byPath.has(entry));
  const reached = new Set<string>();
  const waiting = entries.filter((entry) => byPath.has(entry));
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const file = byPath.get(path);
    if (file === undefined || reached.has(path)) continue;
    reached.add(path);
    for (const { path: target } of importsOf(file)) {
      if (target !== undefined) waiting.push(target);
    }
  }
  return [
    ...missing.map((path) => ({ path, line: 0, message: "an entry point that does not exist" })),
    ...files
      .filter(({ path }) => !reached.has(path) && !path.endsWith(".d.ts"))
      .map(({ path }) => ({ path, line: 0, message: "no entry point reaches this file" })),
  ];
}
