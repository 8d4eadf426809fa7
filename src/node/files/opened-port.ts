/** Opens a port that the configuration names; one that cannot be had is reported as a mistake in it. */
import type { NetworkAddress } from "../../primitives/network-address.ts";
import { formatAuthority } from "../../transport/http-grammar.ts";
import { ConfigError } from "./config.ts";

const UNUSABLE: ReadonlySet<unknown> = new Set(["EADDRINUSE", "EACCES", "EADDRNOTAVAIL"]);

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
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (!UNUSABLE.has(code)) throw error;
    throw new ConfigError(
      `${file}: "${key}" is ${formatAuthority(address)}, which cannot be listened on (${code}); ` +
        "end what listens there, or name another port",
    );
  }
}
