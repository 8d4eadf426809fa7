/** The capabilities of each peer, as it stated them in its last greeting, and the version that follows for the link (T17). */
import type { ValidatorIndex } from "../../primitives/numbers.ts";
import { printable } from "../../primitives/printable.ts";
import {
  agreedProtocol,
  type Capabilities,
  describeProtocol,
  PROTOCOL_OF_APPROVALS,
  UNSTATED,
} from "../../transport/capabilities.ts";
import { Refusal } from "../../transport/refusal.ts";

export interface Software extends Capabilities {
  /** The version that both sides use; undefined if there is none, and then there is no link. */
  readonly agreed: number | undefined;
}

export class PeerSoftware {
  readonly own: Capabilities;
  readonly #of = new Map<ValidatorIndex, Software>();

  constructor(own: Capabilities) {
    this.own = own;
  }

  /** This node's part of its greetings; version 1 of the protocol has no such statement. */
  get stated(): Capabilities | undefined {
    return this.own.protocol.max > UNSTATED.protocol.max ? this.own : undefined;
  }

  /** Undefined before the first greeting of the peer in this process. */
  of(peer: ValidatorIndex): Software | undefined {
    return this.#of.get(peer);
  }

  /**
   * Notes the greeting of a peer whose identity is proved; a refusal if there can be no link. A peer that states what is
   * not true harms only itself: it is sent what it cannot read, or less than it could.
   */
  note(peer: ValidatorIndex, stated: Capabilities = UNSTATED): Refusal | undefined {
    this.#of.set(peer, { ...stated, agreed: agreedProtocol(this.own.protocol, stated.protocol) });
    return this.refusalOf(peer);
  }

  /** True if the peer takes approvals of rulesets. */
  takesApprovals(peer: ValidatorIndex): boolean {
    return (this.#of.get(peer)?.agreed ?? 0) >= PROTOCOL_OF_APPROVALS;
  }

  /** The reason why this node takes no link of the peer. */
  refusalOf(peer: ValidatorIndex): Refusal | undefined {
    const software = this.#of.get(peer);
    if (software === undefined || software.agreed !== undefined) return undefined;
    const { protocol, version } = this.own;
    const theirs = software.version === "" ? "" : `, of version ${printable(software.version)},`;
    return new Refusal("PROTOCOL_MISMATCH", {
      message:
        `there is no version of the peer protocol in common: this one, of version ${version}, speaks ` +
        `${describeProtocol(protocol)}, and its peer${theirs} speaks ${describeProtocol(software.protocol)}`,
      metadata: {
        protocolMin: `${protocol.min}`,
        protocolMax: `${protocol.max}`,
      },
    });
  }
}
