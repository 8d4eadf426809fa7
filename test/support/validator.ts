/** Members of test networks: each by its index and its keys, at the addresses of a local network. */
import { validatorIndex } from "../../src/primitives/numbers.ts";
import type { Validator } from "../../src/primitives/validators.ts";

export function validatorOf(
  index: number,
  keys: Pick<Validator, "identityKey" | "custodyKey">,
): Validator {
  return {
    index: validatorIndex(index),
    id: `node${index + 1}`,
    peerAddress: `127.0.0.1:${7101 + index}`,
    clientAddress: `127.0.0.1:${7001 + index}`,
    ...keys,
  };
}
