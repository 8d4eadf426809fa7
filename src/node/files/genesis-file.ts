/** The genesis as a file on disk. */
import type { Genesis } from "../../ledger/genesis.ts";
import { GenesisError } from "../../ledger/genesis-error.ts";
import { parseGenesis } from "../../ledger/genesis-json.ts";
import { LIMITS } from "../../primitives/limits.ts";
import { readTextBounded } from "../../storage/bounded-file.ts";
import { isValidPoint } from "../base/crypto.ts";
import { ConfigError } from "./config.ts";

export function loadGenesis(file: string): Genesis {
  let text: string;
  try {
    text = readTextBounded(file, LIMITS.files.genesisBytesMax);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ConfigError(
      `${file}: the genesis cannot be read (${why}); name a file that this user may read`,
    );
  }
  const genesis = parseGenesis(isValidPoint, text);
  if (genesis instanceof GenesisError) throw new ConfigError(`${file}: ${genesis.message}`);
  return genesis;
}
