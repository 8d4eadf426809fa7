/** Reads the file of a key set that the configuration names. */
import { LIMITS } from "../../primitives/limits.ts";
import { readTextBounded } from "../../storage/bounded-file.ts";
import { codeOf } from "./client-tls.ts";
import { ConfigError } from "./config.ts";
import { refuseAbsent } from "./named-file.ts";

/** Throws ConfigError, which names the key `name` of the configuration `file`. */
export function readKeySetFile(file: string, name: string, path: string): string {
  refuseAbsent(file, name, path);
  try {
    return readTextBounded(path, LIMITS.keySetBytesMax);
  } catch (error) {
    throw new ConfigError(
      `${file}: "${name}" is ${path}, which cannot be read (${codeOf(error)}); name a file with the public keys of the server (a JWK Set)`,
    );
  }
}
