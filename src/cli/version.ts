/** The version of the software, from package.json. */
import { readFileSync } from "node:fs";

export function softwareVersion(): string {
  const file = new URL("../../package.json", import.meta.url);
  const { version } = JSON.parse(readFileSync(file, "utf8")) as { version: string };
  return version;
}
