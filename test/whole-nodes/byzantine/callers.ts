/** Members that call without end: registrations of their own that change each time, and questions for commitments. */
import { FIRST_EPOCH } from "../../../src/ledger/epochs.ts";
import { PeerFailure } from "../../../src/transport/peer-client.ts";
import {
  encodeRegistration,
  type Registration,
  type SignedRegistration,
} from "../../../src/transport/registration.ts";
import {
  encodeVerification,
  type SignedVerification,
} from "../../../src/transport/verification.ts";
import { twistedApi } from "../../support/twisted-api.ts";
import type { HostileContext, Hostility } from "./hostility.ts";

const AT_ONCE = 8;
/** Of another member, of no member, and of the greatest length. */
const ADDRESSES: readonly string[] = [
  "127.0.0.1:7101",
  "198.51.100.7:1",
  "[2001:db8::1]:65535",
  `${"x.".repeat(100)}example:9`,
];

/**
 * Registers again and again, with others' addresses, other journals, numbers that go up and down, and what it signed before.
 */
export function registrationFlooder(context: HostileContext): Hostility {
  const { ledger, self, random, identity, peers, clientOf } = context;
  const made: SignedRegistration[] = [];
  const make = (): SignedRegistration => {
    const text = random.pick(ADDRESSES);
    const registration: Registration = {
      networkId: random.chance(0.1) ? ledger.hash(ledger.networkId) : ledger.networkId,
      nodeId: self.id,
      address: random.chance(0.5) ? text : self.peerAddress,
      clientAddress: random.chance(0.5) ? text : self.clientAddress,
      journalId: ledger.hash(Uint8Array.of(random.below(3))).slice(0, 16),
      starts: random.pick([0, 1, 2, random.below(1_000), Number.MAX_SAFE_INTEGER]),
      rejoined: random.chance(0.5),
      startId: ledger.hash(Uint8Array.of(random.below(256))).slice(0, 16),
    };
    return { registration, signature: identity.sign(encodeRegistration(registration)) };
  };
  return {
    twistApi: (api) =>
      twistedApi(api, () => ({
        // Its peers get one that it never gave before, or one of long ago, when they register with it.
        register: async (...call) => {
          const own = await api.register(...call);
          return random.chance(0.5) ? own : (made[random.below(made.length + 1)] ?? own);
        },
      })),
    // Its own node hears nothing of that: it would find that it is not the only one, and stop.
    twistClient: (client) => {
      let last: SignedRegistration | PeerFailure | undefined;
      return {
        ...client,
        recall: async (limits) => {
          const answer = await client.recall(limits);
          return answer instanceof PeerFailure ? answer : { ...answer, registration: undefined };
        },
        register: async (signed, limits) => {
          const answer = await client.register(signed, limits);
          if (!(answer instanceof PeerFailure)) last = answer;
          return last ?? answer;
        },
      };
    },
    act() {
      for (const to of peers) {
        for (let i = 0; i < AT_ONCE; i++) {
          const signed = make();
          if (made.length < 100) made.push(signed);
          void clientOf(to)?.register(random.chance(0.3) ? random.pick(made) : signed);
        }
      }
    },
  };
}

/** Asks for commitments many times at once, so that the signers' nonces are used up. */
export function commitmentFlooder(context: HostileContext): Hostility {
  const { ledger, self, identity, random, peers, clientOf } = context;
  const question = (): SignedVerification => {
    const digest = () => ledger.hash(Uint8Array.of(random.below(256), random.below(256)));
    const spent = { hiding: digest(), binding: digest() };
    const request = { kind: "commitment", epoch: FIRST_EPOCH, spent } as const;
    const statement = { networkId: ledger.networkId, sender: self.index, request };
    return { statement, signature: identity.sign(encodeVerification(statement)) };
  };
  return {
    act() {
      for (const to of peers) {
        for (let i = 0; i < AT_ONCE; i++) void clientOf(to)?.verification(question());
      }
    },
  };
}
