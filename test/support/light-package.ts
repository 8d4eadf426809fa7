/** The light package in packages/client as its manifest describes it. */
import { readFileSync } from "node:fs";

interface Files {
  readonly types: string;
  readonly default: string;
}

export interface Manifest {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly exports: Readonly<
    Record<string, string | Files | { readonly node?: Files | null; readonly default?: Files }>
  >;
}

export function readManifest(path: string): Manifest {
  return JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), "utf8"));
}

/** The source file of each export, such as "./crypto", that a program on Node ("node") or anywhere else ("default") loads. */
export function lightModules(condition: "node" | "default"): ReadonlyMap<string, string> {
  const { exports } = readManifest("packages/client/package.json");
  const found = Object.entries(exports).flatMap(([name, target]) => {
    if (typeof target === "string" || name.includes("*")) return [];
    // As Node reads it: null excludes a condition, and one that is absent falls back to "default".
    const own = "types" in target ? target : target[condition];
    const files = own === undefined && "default" in target ? target.default : own;
    if (files === undefined || files === null || typeof files === "string") return [];
    return [[name, sourceOf(files.default)] as const];
  });
  return new Map(found);
}

function sourceOf(built: string): string {
  return built.replace(/^\.\/dist\//, "").replace(/\.js$/, ".ts");
}
