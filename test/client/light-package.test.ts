/** The light package names what is there: the same modules and versions as the whole package, and no dependency too many or too few. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { lightModules, readManifest } from "../support/light-package.ts";
import { importsOf } from "../support/tidy/imports.ts";
import { readSources } from "../support/tidy/source.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const light = readManifest("packages/client/package.json");
const whole = readManifest("package.json");
const modules = [...lightModules("node"), ...lightModules("default")];

/** The packages that `entries` load, along their imports. */
function packagesOf(entries: readonly string[]): ReadonlySet<string> {
  const byPath = new Map(readSources(ROOT, ["src", "gen"]).map((file) => [file.path, file]));
  const found = new Set<string>();
  const waiting = [...entries];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const file = byPath.get(path);
    if (file === undefined) continue;
    byPath.delete(path);
    for (const { path: target, specifier, typeOnly } of importsOf(file)) {
      if (target !== undefined && !typeOnly) waiting.push(target);
      const [name] = /^(@[^/]+\/)?[^/]+/.exec(specifier) ?? [];
      if (target === undefined && !typeOnly && name !== undefined) found.add(name);
    }
  }
  return found;
}

describe("the light package", () => {
  it("has the version and the dependencies of the whole one, and no more than its modules load", () => {
    expect(light.version).toBe(whole.version);
    for (const [name, version] of Object.entries(light.dependencies)) {
      expect(whole.dependencies[name], name).toBe(version);
    }
    const loaded = [...packagesOf(modules.map(([, file]) => file))];
    const packages = loaded.filter((name) => !name.startsWith("node:")).sort();
    expect(packages).toEqual(Object.keys(light.dependencies).sort());
  });

  it("exports what the whole package exports by the same names, but for the cryptography and the web", () => {
    const { files } = JSON.parse(readFileSync(`${ROOT}tsconfig.client.json`, "utf8"));
    expect(files.toSorted()).toEqual([...new Set(modules.map(([, file]) => file))].sort());
    for (const [name, file] of lightModules("node")) {
      const target = whole.exports[name];
      if (name === "./crypto") continue;
      expect(target, name).toMatchObject({ default: `./dist/${file.replace(/\.ts$/, ".js")}` });
    }
    const missing = Object.keys(whole.exports).filter((name) => !(name in light.exports));
    expect(missing).toEqual([]);
  });
});
