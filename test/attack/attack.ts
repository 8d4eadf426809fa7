/** An attack as its program runs it: by a member with its real keys, or by a client at one gateway. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { LinkRequestSchema } from "../../gen/countersign/v1/peer_service_pb.ts";
import type { Message } from "../../src/consensus/message.ts";
import type { Genesis } from "../../src/ledger/genesis.ts";
import type { SigningKey } from "../../src/node/base/crypto.ts";
import type { Node } from "../../src/node/node.ts";
import type { NetworkId } from "../../src/primitives/ids.ts";
import type { ValidatorIndex } from "../../src/primitives/numbers.ts";
import type { Validator } from "../../src/primitives/validators.ts";
import type { CertificateAndKey } from "../../src/transport/certificate-keys.ts";
import type { PeerApi } from "../../src/transport/peer-api.ts";
import type { PeerClient } from "../../src/transport/peer-client.ts";

/** One batch of messages on a link. */
export type LinkWords = MessageInitShape<typeof LinkRequestSchema>;

interface Hand {
  readonly genesis: Genesis;
  readonly networkId: NetworkId;
  /** Counts the actions of the attack for the report; an attack that did nothing is visible there. */
  count(what: string, times?: number): void;
}

/** The means of a hostile member: its keys, its place in the network, and a node that takes part honestly. */
export interface MemberHand extends Hand {
  readonly self: ValidatorIndex;
  readonly identity: SigningKey;
  readonly custodyKey: SigningKey;
  readonly certificate: CertificateAndKey;
  readonly node: Node;
  /** The honest members. */
  readonly victims: readonly Validator[];
  /** Calls over a connection that the node does not use. */
  client(victim: Validator): PeerClient;
  /** Puts a batch on the node's own link. Settles when the stream has taken it or the attack is over. */
  say(victim: ValidatorIndex, batch: LinkWords): Promise<void>;
}

/** The means of a hostile client: the address of one gateway. */
export interface ClientHand extends Hand {
  readonly host: string;
  readonly clientPort: number;
  readonly peerPort: number;
  readonly url: string;
  readonly ca: string;
}

interface Named {
  readonly name: string;
  /** A sentence about the attack, with its bounds. */
  readonly does: string;
  /** The part of the honest payments that it must leave, where more is promised than of its kind. */
  readonly shareMin?: number;
}

export interface MemberAttack extends Named {
  readonly by: "member";
  /** Replaces the messages that the member sends to this peer. */
  readonly twist?: (hand: MemberHand, to: ValidatorIndex, message: Message) => readonly Message[];
  /** False: the member passes no operation on. */
  readonly passesOperations?: false;
  /** Replaces the answers of the member. */
  readonly answers?: (hand: MemberHand, honest: PeerApi) => Partial<PeerApi>;
  /** An honest node stops when the attack begins, and starts again while it goes on. */
  readonly restartsNode?: true;
  /** Prepares everything that takes long before anything is measured; gives what `run` needs. */
  readonly prepare?: (hand: MemberHand) => Promise<Run<MemberHand>>;
  /** The active part of the attack, until the signal. */
  readonly run?: Run<MemberHand>;
}

export interface ClientAttack extends Named {
  readonly by: "client";
  /** Prepares everything that takes long before anything is measured; gives what `run` needs. */
  readonly prepare?: (hand: ClientHand) => Promise<Run<ClientHand>>;
  readonly run?: Run<ClientHand>;
}

export type Run<Hand> = (hand: Hand, signal: AbortSignal) => Promise<void>;

export type Attack = MemberAttack | ClientAttack;

/** The input of a program that runs attacks of one kind. */
export interface ProgramOrder {
  /** The folder of the member, or of the attacked gateway. */
  readonly configFile: string;
  readonly caFile: string;
}

/** The report on one attack: counts by name. */
export type Tally = Readonly<Record<string, number>>;
