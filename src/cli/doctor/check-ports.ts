/** Checks of `countersign doctor` on a stopped node: its ports can be had, and its peers reach the one for them. */
import { createServer } from "node:net";
import type { NodeConfig } from "../../node/files/config.ts";
import { errorCode } from "../../primitives/error-code.ts";
import type { NetworkAddress } from "../../primitives/network-address.ts";
import { formatHostPort } from "../../transport/http-grammar.ts";
import {
  type IdentityListenerOptions,
  openIdentityListener,
} from "../../transport/identity-listener.ts";
import type { Examination } from "./examination.ts";

/** Codes of the operating system for a port that another program has; of all others the address is at fault. */
const TAKEN: ReadonlySet<unknown> = new Set(["EADDRINUSE", "EACCES"]);
const UNUSABLE: ReadonlySet<unknown> = new Set([
  ...["EADDRNOTAVAIL", "EAFNOSUPPORT", "EINVAL", "ENOTFOUND", "EAI_AGAIN"],
]);

/** Opens the port for clients for a moment. */
export async function checkClientPort(config: NodeConfig, examination: Examination): Promise<void> {
  const opened = await openedFor("clientListen", config.clientListen, examination, listen);
  await opened?.close();
}

/** Stands at the port for peers with the node's own identity; undefined if it cannot be had. */
export async function standAtPeerPort(
  config: NodeConfig,
  proof: Pick<IdentityListenerOptions, "certificate" | "check" | "onProven">,
  examination: Examination,
): Promise<{ readonly close: () => Promise<void> } | undefined> {
  return await openedFor("peerListen", config.peerListen, examination, (address) =>
    openIdentityListener({ ...address, ...proof }),
  );
}

async function openedFor<T>(
  key: "clientListen" | "peerListen",
  address: NetworkAddress,
  examination: Examination,
  open: (address: NetworkAddress) => Promise<T>,
): Promise<T | undefined> {
  examination.checked();
  try {
    return await open(address);
  } catch (error) {
    const code = errorCode(error);
    const what = `"${key}" is ${formatHostPort(address)}, which cannot be listened on (${code})`;
    if (TAKEN.has(code)) examination.found("PORT_TAKEN", what);
    else if (UNUSABLE.has(code)) examination.found("LISTEN_ADDRESS_UNUSABLE", what);
    else throw error;
    return undefined;
  }
}

function listen(address: NetworkAddress): Promise<{ readonly close: () => Promise<void> }> {
  const server = createServer((socket) => socket.destroy());
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(address, () => resolve({ close }));
  });
}
