/** Dials peers: one TLS session to each, with its identity proved, at the configured address. */
import type { LookupFunction } from "node:net";
import type { NetworkId } from "../../primitives/ids.ts";
import { isNumericHost, parseNetworkAddress } from "../../primitives/network-address.ts";
import type { ValidatorIndex } from "../../primitives/numbers.ts";
import type { Validator } from "../../primitives/validators.ts";
import type { CertificateAndKey } from "../../transport/certificate-keys.ts";
import type { ClientSession } from "../../transport/client-session.ts";
import type { MemberAddresses } from "../../transport/member-addresses.ts";
import { NameLookup } from "../../transport/name-lookup.ts";
import { createPeerClient, type PeerClient } from "../../transport/peer-client.ts";
import { openPeerSession } from "../../transport/peer-session.ts";
import { createPeerTransport } from "../../transport/peer-transport.ts";
import { verify } from "../base/crypto.ts";
import type { Log } from "../base/log.ts";
import type { System } from "../base/system.ts";

export interface PeerDialingParts {
  readonly networkId: NetworkId;
  readonly certificate: CertificateAndKey;
  /** Addresses to dial, by node id, if they differ from the genesis. */
  readonly addresses: ReadonlyMap<string, string>;
  /** Addresses of members: filled with those that are dialled, and those where members proved their identity. */
  readonly known?: MemberAddresses;
  readonly system: Pick<System, "monotonic">;
  readonly log: Log;
}

export class PeerDialing {
  readonly #parts: PeerDialingParts;
  readonly #names: NameLookup;
  readonly #sessions: ClientSession[] = [];
  readonly #clients = new Map<string, PeerClient>();
  /** By node id: called for every ping that the peer answers. */
  readonly #onAnswer = new Map<string, () => void>();

  constructor(parts: PeerDialingParts) {
    this.#parts = parts;
    this.#names = new NameLookup({ now: () => parts.system.monotonic() });
  }

  /** A session that dials at its first call; the same session each time. `onAnswer`: the peer has answered a ping. */
  clientOf({ index, id, peerAddress, identityKey }: Validator, onAnswer?: () => void): PeerClient {
    if (onAnswer !== undefined) this.#onAnswer.set(id, onAnswer);
    const held = this.#clients.get(id);
    if (held !== undefined) return held;
    const { networkId, certificate, addresses, known, log } = this.#parts;
    const address = addresses.get(id) ?? peerAddress;
    const host = parseNetworkAddress(address)?.host ?? "";
    if (isNumericHost(host)) known?.announce(index, [host]);
    const check = { networkId, verify };
    const session = openPeerSession({
      address,
      identityKey,
      certificate,
      check,
      lookup: this.#lookupOf(index),
      onProven: (remoteAddress) => known?.add(index, remoteAddress),
      log,
      onAnswer: () => this.#onAnswer.get(id)?.(),
    });
    this.#sessions.push(session);
    const client = createPeerClient(createPeerTransport(session));
    this.#clients.set(id, client);
    return client;
  }

  /** The addresses of a name are those of its member from the first answer on, and change with it. */
  #lookupOf(member: ValidatorIndex): LookupFunction {
    const { known } = this.#parts;
    return (name, options, callback) => {
      this.#names.lookup(name, options, (error, found, family) => {
        if (error === null) {
          const addresses = typeof found === "string" ? [found] : found.map((one) => one.address);
          known?.announce(member, addresses);
        }
        callback(error, found, family);
      });
    };
  }

  close(): void {
    for (const session of this.#sessions) session.close();
  }
}
