/**
 * Seeded damage to messages: to the bytes regardless of their meaning, and to the meaning, signed again by the
 * author.
 */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type LinkRequest,
  LinkRequestSchema,
  RegisterRequestSchema,
  VerificationRequestSchema,
} from "../../gen/countersign/v1/peer_service_pb.ts";
import { encodeMessage } from "../../src/consensus/message.ts";
import { sha256 } from "../../src/node/base/crypto.ts";
import { type Bytes, concatBytes, utf8 } from "../../src/primitives/bytes.ts";
import type { NetworkId } from "../../src/primitives/ids.ts";
import { epoch, height, validatorIndex, view } from "../../src/primitives/numbers.ts";
import { encodeVoteSubject, type VoteSubject } from "../../src/primitives/vote.ts";
import { greetingFromMessage, greetingToRequest } from "../../src/transport/convert-peer.ts";
import {
  verificationFromMessage,
  verificationToMessage,
} from "../../src/transport/convert-seal.ts";
import { Refusal } from "../../src/transport/refusal.ts";
import { encodeRegistration } from "../../src/transport/registration.ts";
import { encodeVerification } from "../../src/transport/verification.ts";
import { namedSigningKey } from "../support/operations.ts";
import type { Random } from "../support/world/random.ts";
import { HOSTILE } from "./contract.ts";

const identity = namedSigningKey(`identity ${HOSTILE}`);
const OTHER_NETWORK = sha256(utf8("another network"));

/** Numbers at which a value may overflow. */
const EDGES = [0, 1, 2, 63, 64, 65, 255, 256, 65_535, 65_536, 2 ** 31, 2 ** 32, 2 ** 40];
const LAST = Number.MAX_SAFE_INTEGER;

/** The messages to mutate, and the keys that an author needs to sign. */
export interface Stock {
  readonly networkId: NetworkId;
  /** The view of the network: numbers near it are more likely. */
  readonly height: number;
  /** Valid messages of the method. */
  readonly valid: readonly Bytes[];
}

type Mutation = (random: Random, stock: Stock) => Bytes;

/** The damaged bytes of a request of this method. */
export function mutate(method: string, random: Random, stock: Stock): Bytes {
  return random.pick(MUTATIONS[method] ?? [replayed, damaged])(random, stock);
}

const replayed: Mutation = (random, { valid }) => random.pick(valid);
const damaged: Mutation = (random, { valid }) => damage(random, random.pick(valid));

const MUTATIONS: Readonly<Record<string, readonly Mutation[]>> = {
  Register: [replayed, damaged, damaged, signedRegistration],
  Verification: [replayed, damaged, damaged, signedVerification],
  Link: [replayed, damaged, damagedInside, damagedInside, signedVotes, oversizedBatch],
};

/** One to three changes of bits, length or order, regardless of their meaning. */
export function damage(random: Random, bytes: Bytes): Bytes {
  let result = new Uint8Array(bytes);
  for (let left = random.between(1, 3); left > 0; left--)
    result = random.pick(DAMAGES)(random, result);
  return result;
}

type Damage = (random: Random, bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;

const DAMAGES: readonly Damage[] = [
  // Flips bits.
  (random, bytes) => {
    for (let left = random.between(1, 4); left > 0 && bytes.length > 0; left--) {
      const place = random.below(bytes.length);
      bytes[place] = (bytes[place] ?? 0) ^ (1 << random.below(8));
    }
    return bytes;
  },
  // Cuts the end off.
  (random, bytes) => bytes.slice(0, random.below(bytes.length + 1)),
  // Repeats a part, like a field that occurs twice.
  (random, bytes) => {
    const [from, to] = rangeIn(random, bytes);
    return joined(bytes, bytes.slice(from, to));
  },
  // Removes a part.
  (random, bytes) => {
    const [from, to] = rangeIn(random, bytes);
    return joined(bytes.slice(0, from), bytes.slice(to));
  },
  // Replaces a small number by a huge one: a length, a count, a view.
  (random, bytes) => {
    const place = random.below(bytes.length + 1);
    const huge = Uint8Array.of(...Array.from({ length: random.between(4, 9) }, () => 0xff), 0x01);
    return joined(bytes.slice(0, place), huge, bytes.slice(place + 1));
  },
  // Adds an unknown field, or one that is far too long.
  (random, bytes) => {
    const field = Uint8Array.of((random.between(1, 15) << 3) | random.pick([0, 1, 2, 5]));
    return joined(
      bytes,
      field,
      new Uint8Array(random.pick([1, 8, 1_000, 70_000])).fill(random.below(256)),
    );
  },
];

function rangeIn(random: Random, bytes: Bytes): [number, number] {
  const from = random.below(bytes.length + 1);
  return [from, Math.min(bytes.length, from + random.between(1, 40))];
}

function joined(...parts: readonly Bytes[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(concatBytes(...parts));
}

function someNumber(random: Random, near: number): number {
  switch (random.below(4)) {
    case 0:
      return random.pick(EDGES);
    case 1:
      return LAST - random.below(3);
    default:
      return Math.max(0, near + random.between(-3, 70));
  }
}

/** Changes a number, name or network in a registration that its author signs. */
function signedRegistration(random: Random, { networkId, height: near, valid }: Stock): Bytes {
  const read = greetingFromMessage(fromBinary(RegisterRequestSchema, random.pick(valid)));
  if (read instanceof Refusal) throw new Error("the stock holds valid messages only");
  const registration = {
    ...read.registration,
    networkId: random.pick([networkId, OTHER_NETWORK]),
    nodeId: random.pick([read.registration.nodeId, "node1", "mallory"]),
    starts: someNumber(random, near),
    rejoined: random.chance(0.5),
    journalId: random.chance(0.5) ? read.registration.journalId : OTHER_NETWORK,
  };
  const signature = identity.sign(encodeRegistration(registration));
  return toBinary(RegisterRequestSchema, greetingToRequest({ registration, signature }));
}

/** Changes the place in a request for a share that its author signs. */
function signedVerification(random: Random, { networkId, height: near, valid }: Stock): Bytes {
  const read = verificationFromMessage(fromBinary(VerificationRequestSchema, random.pick(valid)));
  if (read instanceof Refusal) throw new Error("the stock holds valid messages only");
  const { computed, request } = read.statement;
  const place = {
    epoch: epoch(random.pick([1, 1, 1, 0, 2, LAST])),
    height: height(someNumber(random, near)),
  };
  const statement = {
    ...read.statement,
    networkId: random.chance(0.8) ? networkId : OTHER_NETWORK,
    ...(computed === undefined ? {} : { computed: { ...computed, ...place } }),
    ...(request?.kind === "sign"
      ? { request: { ...request, target: { ...request.target, ...place } } }
      : {}),
  };
  const signature = identity.sign(encodeVerification(statement));
  return toBinary(VerificationRequestSchema, verificationToMessage({ statement, signature }));
}

/** Damages a consensus message or an operation inside an intact envelope. */
function damagedInside(random: Random, { valid }: Stock): Bytes {
  const { consensusMessages, operations, seals } = fromBinary(
    LinkRequestSchema,
    random.pick(valid),
  );
  const hurt = (items: readonly Bytes[]) => items.map((bytes) => damage(random, bytes));
  return linkOf({
    consensusMessages: hurt(consensusMessages),
    operations: hurt(operations),
    seals,
  });
}

/** Votes of any view for any block with valid signatures; two of one view are evidence. */
function signedVotes(random: Random, { networkId, height: near }: Stock): Bytes {
  const messages = Array.from({ length: random.between(1, 8) }, () => {
    const place = {
      epoch: epoch(random.pick([1, 1, 1, 1, 0, 2, LAST])),
      view: view(someNumber(random, near)),
    };
    const kind = random.pick(["notarize", "finalize", "nullify"] as const);
    const block = {
      height: height(someNumber(random, near)),
      blockHash: sha256(Uint8Array.of(random.below(3))),
    };
    const subject: VoteSubject =
      kind === "nullify" ? { kind, ...place } : { kind, ...place, ...block };
    const network = random.chance(0.9) ? networkId : OTHER_NETWORK;
    const signature = identity.sign(encodeVoteSubject(network, subject));
    const vote = {
      ...subject,
      signer: validatorIndex(random.chance(0.9) ? HOSTILE : 1),
      signature,
    };
    return vote.kind === "nullify"
      ? encodeMessage({ kind: "nullify", vote, finalHeight: block.height })
      : encodeMessage({ kind: "vote", vote });
  });
  return linkOf({ consensusMessages: messages });
}

/** Two finalize votes for different blocks in every view that the network may be in. */
export function contradictingVotes({ networkId, height: near }: Omit<Stock, "valid">): Bytes {
  const views = Array.from({ length: 200 }, (_, i) => view(Math.max(1, near - 50) + i));
  const messages = views.flatMap((of) =>
    ["one block", "another"].map((name) => {
      const at = { epoch: epoch(1), view: of, height: height(near + 1) };
      const subject: VoteSubject = { kind: "finalize", ...at, blockHash: sha256(utf8(name)) };
      const signature = identity.sign(encodeVoteSubject(networkId, subject));
      const vote = { ...subject, signer: validatorIndex(HOSTILE), signature };
      return encodeMessage({ kind: "vote", vote });
    }),
  );
  return linkOf({ consensusMessages: messages });
}

/** A batch with too many items, or with items of any size. */
function oversizedBatch(random: Random): Bytes {
  const items = (count: number, size: number) =>
    Array.from({ length: count }, () => new Uint8Array(size).fill(random.below(256)));
  return random.pick([
    () => linkOf({ operations: items(2_001, 1) }),
    () => linkOf({ consensusMessages: items(2_001, 1) }),
    () => linkOf({ operations: items(1, 200_000) }),
    () => linkOf({ operations: items(300, 64) }),
  ])();
}

function linkOf(
  parts: Partial<Pick<LinkRequest, "consensusMessages" | "operations" | "seals">>,
): Bytes {
  return toBinary(LinkRequestSchema, create(LinkRequestSchema, parts));
}
