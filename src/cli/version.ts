/** The version of the software, from package.json. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** In the package this file lies in dist/. */
const UP = import.meta.filename.endsWith(".ts") ? ["..", ".."] : ["..", "..", ".."];
const PACKAGE = join(import.meta.dirname, ...UP, "package.json");

export function softwareVersion(): string {
  const { version } = JSON.parse(readFileSync(PACKAGE, "utf8")) as { version: string };
  return version;
}
