/** The modules that a browser loads, followed through their imports, need nothing of Node and only packages that browsers can load. */
import { importsOf } from "./imports.ts";
import { globalUses } from "./scopes.ts";
import { type Finding, finding, type SourceFile } from "./source.ts";

const PACKAGES =
  /^(@noble\/(curves|hashes)\/|@bufbuild\/protobuf($|\/)|@connectrpc\/connect($|\/protocol(-connect)?$)|@connectrpc\/connect-web$)/;

const NODE_GLOBALS: ReadonlySet<string> = new Set([
  ...["Buffer", "process", "require", "module", "global", "__dirname", "__filename"],
  ...["setImmediate", "clearImmediate"],
]);

/** An entry that does not exist is a finding too. */
export function checkPortability(
  files: readonly SourceFile[],
  entries: readonly string[],
): Finding[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const missing = entries.filter((entry) => !byPath.has(entry));
  const waiting = entries.filter((entry) => byPath.has(entry));
  const loaded = new Set<SourceFile>();
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const file = byPath.get(path);
    if (file === undefined || loaded.has(file)) continue;
    loaded.add(file);
    for (const { path: target, typeOnly } of importsOf(file)) {
      if (target !== undefined && !typeOnly) waiting.push(target);
    }
  }
  return [
    ...missing.map((path) => ({ path, line: 0, message: "an entry point that does not exist" })),
    ...[...loaded].flatMap((file) => [...foreignPackages(file), ...nodeGlobals(file)]),
  ];
}

function foreignPackages(file: SourceFile): Finding[] {
  return importsOf(file)
    .filter(({ path, specifier, typeOnly }) => {
      return path === undefined && !typeOnly && !PACKAGES.test(specifier);
    })
    .map(({ node, specifier }) =>
      finding(file, node, `browsers load this file and have no ${specifier}`),
    );
}

function nodeGlobals(file: SourceFile): Finding[] {
  return globalUses(file)
    .filter(({ identifier }) => NODE_GLOBALS.has(identifier.name))
    .map(({ identifier }) =>
      finding(file, identifier, `browsers load this file and have no ${identifier.name}`),
    );
}
