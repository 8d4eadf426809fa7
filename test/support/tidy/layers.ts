/** Layers: a file imports from strictly lower layers or from its own folder; siblings never import each other. */
import { importsOf } from "./imports.ts";
import { type Finding, finding, type SourceFile } from "./source.ts";

/** Folders of src/ from low to high (DESIGN, section 4). */
export const LAYERS: ReadonlyMap<string, number> = new Map([
  ["primitives", 0],
  ["ledger", 1],
  ["mempool", 2],
  ["consensus", 2],
  ["seal", 2],
  ["storage", 3],
  ["transport", 3],
  ["node", 4],
  ["client", 4],
  ["cli", 5],
]);

/** Folders that may name the generated types; below them everything travels as canonical bytes. */
const KNOWS_GENERATED: ReadonlySet<string> = new Set(["transport", "node", "client", "cli"]);

/** Declarations for packages without types: no layer, imported by nobody. */
const AMBIENT = "types";

export function checkLayers(files: readonly SourceFile[]): Finding[] {
  return files.filter(({ path }) => path.startsWith("src/")).flatMap(checkFile);
}

function checkFile(file: SourceFile): Finding[] {
  const folder = folderOf(file.path);
  if (folder === AMBIENT) return [];
  if (!LAYERS.has(folder)) {
    return [{ path: file.path, line: 0, message: `src/${folder} has no place in the layers` }];
  }
  return importsOf(file).flatMap(({ node, path }) => {
    const problem = path === undefined ? undefined : problemWith(folder, path);
    return problem === undefined ? [] : [finding(file, node, problem)];
  });
}

function problemWith(folder: string, target: string): string | undefined {
  if (target.startsWith("gen/")) {
    return KNOWS_GENERATED.has(folder) ? undefined : `${folder} must not know generated types`;
  }
  if (!target.startsWith("src/")) return `src must not import ${target}`;
  const targetFolder = folderOf(target);
  if (targetFolder === folder) return undefined;
  const own = LAYERS.get(folder) ?? 0;
  const other = LAYERS.get(targetFolder);
  if (other === undefined) return `src/${targetFolder} has no place in the layers`;
  if (other < own) return undefined;
  return other === own
    ? `${folder} and ${targetFolder} are siblings of layer ${own} and must not import each other`
    : `${folder} (layer ${own}) must not import ${targetFolder} (layer ${other}), which is above it`;
}

function folderOf(path: string): string {
  return path.split("/")[1] ?? "";
}
