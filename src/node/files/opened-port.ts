/** Opens a port that the configuration names; one that cannot be had is reported as a mistake in it. */
import { errorCode } from "../../primitives/error-code.ts";
import type { NetworkAddress } from "../../primitives/network-address.ts";
import { formatHostPort } from "../../transport/http-grammar.ts";
import { ConfigError } from "./config.ts";

const ANOTHER_PORT = "end what listens there, or name another port";
const ANOTHER_ADDRESS =
  "name an address of this machine, or 0.0.0.0 or [::] for all of them; behind a port mapping, the address that others " +
  "reach is none of this machine";
const REMEDIES: ReadonlyMap<unknown, string> = new Map([
  ["EADDRINUSE", ANOTHER_PORT],
  ["EACCES", ANOTHER_PORT],
  ["EADDRNOTAVAIL", ANOTHER_ADDRESS],
  ["EAFNOSUPPORT", ANOTHER_ADDRESS],
  ["EINVAL", ANOTHER_ADDRESS],
  ["ENOTFOUND", ANOTHER_ADDRESS],
  ["EAI_AGAIN", ANOTHER_ADDRESS],
]);

/** Throws ConfigError. `file` and `key` say where the configuration names the address. */
export async function openedPort<T>(
  file: string,
  key: "clientListen" | "peerListen" | "operatorListen",
  address: NetworkAddress,
  open: () => Promise<T>,
): Promise<T> {
  try {
    return await open();
  } catch (error) {
    const code = errorCode(error);
    const remedy = REMEDIES.get(code);
    if (remedy === undefined) throw error;
    throw new ConfigError(
      `${file}: "${key}" is ${formatHostPort(address)}, which cannot be listened on (${code}); ${remedy}`,
    );
  }
}
