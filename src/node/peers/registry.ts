/** Registrations: this node's own, and the newest of every peer, durable (A2). */
import { type Bytes, equalBytes } from "../../primitives/bytes.ts";
import { EncodingError } from "../../primitives/encoding.ts";
import type { NetworkId } from "../../primitives/ids.ts";
import type { ValidatorIndex } from "../../primitives/numbers.ts";
import type { Validator } from "../../primitives/validators.ts";
import type { JournalIdentity, Registrations } from "../../storage/contracts.ts";
import { Refusal } from "../../transport/refusal.ts";
import {
  decodeSignedRegistration,
  encodeRegistration,
  encodeSignedRegistration,
  type Registration,
  type SignedRegistration,
} from "../../transport/registration.ts";
import type { SigningKey } from "../base/crypto.ts";
import type { SignatureChecker } from "../base/signature-checker.ts";

export interface RegistryParts {
  readonly networkId: NetworkId;
  readonly validators: readonly Validator[];
  readonly self: Validator;
  readonly identity: SigningKey;
  readonly journal: JournalIdentity;
  /** Random name of this start. */
  readonly startId: Bytes;
  readonly registrations: Registrations;
  readonly checker: SignatureChecker;
}

export class Registry {
  readonly #parts: RegistryParts;
  readonly #held = new Map<ValidatorIndex, SignedRegistration>();
  /** This node's own, signed once for this start. */
  readonly own: SignedRegistration;

  private constructor(parts: RegistryParts) {
    this.#parts = parts;
    const { networkId, self, identity, journal, startId } = parts;
    const registration: Registration = {
      networkId,
      nodeId: self.id,
      address: self.peerAddress,
      clientAddress: self.clientAddress,
      journalId: journal.journalId,
      starts: journal.starts,
      rejoined: journal.rejoined,
      startId,
    };
    this.own = { registration, signature: identity.sign(encodeRegistration(registration)) };
  }

  static async open(parts: RegistryParts): Promise<Registry> {
    const registry = new Registry(parts);
    for (const [index, bytes] of await parts.registrations.load()) {
      const signed = decodeSignedRegistration(bytes);
      if (!(signed instanceof EncodingError)) registry.#held.set(index, signed);
    }
    return registry;
  }

  /** The newest registration held of a peer. */
  of(validator: ValidatorIndex): Registration | undefined {
    return this.#held.get(validator)?.registration;
  }

  /** The signed form, which the member itself may ask for. */
  signedOf(validator: ValidatorIndex): SignedRegistration | undefined {
    return this.#held.get(validator);
  }

  /** Stores a peer's registration and answers with this node's own. */
  async register(
    signed: SignedRegistration,
    caller: ValidatorIndex | undefined,
  ): Promise<SignedRegistration | Refusal> {
    const refusal = await this.accept(signed, caller);
    return refusal ?? this.own;
  }

  /** Checks and stores a registration; also the one that a peer answers with. */
  async accept(
    signed: SignedRegistration,
    caller: ValidatorIndex | undefined,
  ): Promise<Refusal | undefined> {
    const { networkId, validators, self, checker } = this.#parts;
    const { registration, signature } = signed;
    if (!equalBytes(registration.networkId, networkId)) {
      return new Refusal("WRONG_NETWORK", {
        message: "the registration names another network",
        field: "registration.networkId",
      });
    }
    const member = validators.find(({ id }) => id === registration.nodeId);
    const isStranger = member === undefined || member.index === self.index;
    if (isStranger || (caller !== undefined && caller !== member.index)) {
      return new Refusal("NOT_A_MEMBER", {
        message: "the registration does not belong to another member, or not to its sender",
        field: "registration.nodeId",
      });
    }
    const message = encodeRegistration(registration);
    const good = await checker.check([{ publicKey: member.identityKey, message, signature }]);
    if (!good) {
      return new Refusal("INVALID_SIGNATURE", {
        message: "the signature is not the member's identity signature over the registration",
        field: "signature",
      });
    }
    return await this.#keep(member.index, signed);
  }

  async #keep(index: ValidatorIndex, signed: SignedRegistration): Promise<Refusal | undefined> {
    const bytes = encodeSignedRegistration(signed);
    const { registration } = signed;
    const outcome = await this.#parts.registrations.save(index, bytes, (stored) => {
      const held = decodeSignedRegistration(stored);
      if (held instanceof EncodingError || equalBytes(stored, bytes)) return true;
      return replaces(registration, held.registration);
    });
    if (outcome.saved) {
      this.#held.set(index, signed);
      return undefined;
    }
    return stale(registration, outcome.held);
  }
}

/**
 * True for a later start of the same journal, and for a rejoined journal. No other registration replaces the held
 * one, which may be the proof of amnesia.
 */
function replaces(registration: Registration, held: Registration): boolean {
  const sameJournal = equalBytes(registration.journalId, held.journalId);
  return registration.starts > held.starts && (sameJournal || registration.rejoined);
}

function stale({ starts }: Registration, stored: Bytes): Refusal {
  const signed = decodeSignedRegistration(stored);
  const held = signed instanceof EncodingError ? 0 : signed.registration.starts;
  const isOther = starts > held;
  return new Refusal("STALE_REGISTRATION", {
    message: isOther
      ? "a registration of another journal of this node is held, and this journal does " +
        "not replace that one by the rejoin procedure"
      : `registration number ${held} of this node is held, so ${starts} is out of date`,
    field: isOther ? "registration.journalId" : "registration.starts",
    metadata: { held: String(held) },
  });
}
