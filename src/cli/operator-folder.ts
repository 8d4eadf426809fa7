/** The folder of one operator's node: the files that keygen makes, and those that init adds once there is a genesis. */
import { join } from "node:path";

export interface OperatorFolder {
  readonly keys: string;
  readonly passphrase: string;
  /** Public. */
  readonly member: string;
  readonly genesis: string;
  readonly data: string;
  readonly config: string;
}

export function operatorFolder(path: string): OperatorFolder {
  return {
    keys: join(path, "keys"),
    passphrase: join(path, "passphrase"),
    member: join(path, "member.json"),
    genesis: join(path, "genesis.json"),
    data: join(path, "data"),
    config: join(path, "config.json"),
  };
}
