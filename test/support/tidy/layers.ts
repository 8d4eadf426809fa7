/**
 * Layers: a file imports from strictly lower layers or from its own folder; siblings never import each other. The same
 * holds for the folders of src/node among themselves.
 */
import { importsOf } from "./imports.ts";
import { type Finding, finding, type SourceFile } from "./source.ts";

/** Folders of src/ from low to high (docs/architecture.md). */
export const LAYERS: ReadonlyMap<string, number> = new Map([
  ["primitives", 0],
  ["ledger", 1],
  ["access", 1],
  ["mempool", 2],
  ["consensus", 2],
  ["seal", 2],
  ["storage", 3],
  ["transport", 3],
  ["node", 4],
  ["client", 4],
  ["cli", 5],
]);

/** Folders of src/node from low to high; the files beside them put everything together and stand on top. */
export const NODE_LAYERS: ReadonlyMap<string, number> = new Map([
  ["base", 0],
  ["files", 1],
  ["intake", 1],
  ["execution", 1],
  ["traces", 1],
  ["sync", 2],
  ["sealing", 2],
  ["verify", 2],
  ["access", 2],
  ["sinks", 2],
  ["ordering", 3],
  ["peers", 3],
  ["amnesia", 4],
  ["clients", 4],
  ["operator", 4],
  ["metrics", 5],
  ["", 6],
]);

/** Folders that may name the generated types; below them everything travels as canonical bytes. */
const KNOWS_GENERATED: ReadonlySet<string> = new Set(["transport", "node", "client", "cli"]);

/** Declarations for packages without types: no layer, and no imports of them. */
const AMBIENT = "types";

export function checkLayers(files: readonly SourceFile[]): Finding[] {
  return files.filter(({ path }) => path.startsWith("src/")).flatMap(checkFile);
}

function checkFile(file: SourceFile): Finding[] {
  const folder = folderOf(file.path);
  if (folder === AMBIENT) return [];
  for (const [layers, place, name] of placesOf(file.path)) {
    if (!layers.has(place))
      return [{ path: file.path, line: 0, message: `${name} has no place in the layers` }];
  }
  return importsOf(file).flatMap(({ node, path }) => {
    const problem = path === undefined ? undefined : problemWith(file.path, path);
    return problem === undefined ? [] : [finding(file, node, problem)];
  });
}

function problemWith(path: string, target: string): string | undefined {
  const folder = folderOf(path);
  if (target.startsWith("gen/")) {
    return KNOWS_GENERATED.has(folder) ? undefined : `${folder} must not know generated types`;
  }
  if (!target.startsWith("src/")) return `src must not import ${target}`;
  const targets = placesOf(target);
  for (const [i, [layers, own, name]] of placesOf(path).entries()) {
    const [, other, otherName] = targets[i] ?? [];
    if (other === undefined || other === own) continue;
    return problemBetween(layers, [own, name], [other, otherName ?? other]);
  }
  return undefined;
}

type Named = readonly [folder: string, name: string];

function problemBetween(
  layers: ReadonlyMap<string, number>,
  [own, name]: Named,
  [other, otherName]: Named,
): string | undefined {
  const [low, high] = [layers.get(own) ?? 0, layers.get(other)];
  if (high === undefined) return `${otherName} has no place in the layers`;
  if (high < low) return undefined;
  return high === low
    ? `${name} and ${otherName} are siblings of layer ${low} and must not import each other`
    : `${name} (layer ${low}) must not import ${otherName} (layer ${high}), which is above it`;
}

/** Where a file stands: in src and, for one of src/node, in there too. */
function placesOf(path: string): (readonly [ReadonlyMap<string, number>, string, string])[] {
  const folder = folderOf(path);
  const outer = [LAYERS, folder, `src/${folder}`] as const;
  if (folder !== "node") return [outer];
  const inner = path.split("/").length > 3 ? (path.split("/")[2] ?? "") : "";
  return [outer, [NODE_LAYERS, inner, inner === "" ? "src/node" : `src/node/${inner}`]];
}

function folderOf(path: string): string {
  return path.split("/")[1] ?? "";
}
