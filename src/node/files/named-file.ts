/**
 * Files that a configuration names. A name that leads nowhere is not shown: it may be a secret in the wrong place, such as a
 * passphrase under "passphraseFile", or a key in PEM under "clientKey".
 */
import { existsSync } from "node:fs";
import { ConfigError, KEYS } from "./config.ts";

/** Throws ConfigError if nothing is at `path`, which `key` of the configuration `file` names, as far as this user can see. */
export function refuseAbsent(file: string, key: string, path: string): void {
  if (existsSync(path)) return;
  const meaning = Object.entries(KEYS).find(([name]) => name === key)?.[1] ?? "path of a file";
  throw new ConfigError(
    `${file}: "${key}" names nothing that is there; put it back, or write the ${meaning}, relative to this file`,
  );
}
