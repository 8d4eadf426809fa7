/** The version of the software, from package.json. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** In the package this file is in dist/. */
const UP = import.meta.filename.endsWith(".ts") ? ["..", ".."] : ["..", "..", ".."];

/** The package.json of the clone or of the package. */
export const PACKAGE_FOLDER = join(import.meta.dirname, ...UP);

export function softwareVersion(): string {
  const text = readFileSync(join(PACKAGE_FOLDER, "package.json"), "utf8");
  const { version } = JSON.parse(text) as { version: string };
  return version;
}
