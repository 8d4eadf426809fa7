/** A peer that gives the answers that a test sets, and records the questions and their callers. */
import { createRouterTransport, type Transport } from "@connectrpc/connect";
import { PeerService } from "../../gen/countersign/v1/peer_service_pb.ts";
import { sha256 } from "../../src/node/base/crypto.ts";
import { utf8 } from "../../src/primitives/bytes.ts";
import {
  epoch,
  height,
  type ValidatorIndex,
  validatorIndex,
  view,
} from "../../src/primitives/numbers.ts";
import { asCaller } from "../../src/transport/caller.ts";
import type { LinkBatch, PeerApi, Recollection } from "../../src/transport/peer-api.ts";
import { createPeerService } from "../../src/transport/peer-service.ts";
import type { Refusal } from "../../src/transport/refusal.ts";
import type { SignedRegistration } from "../../src/transport/registration.ts";
import type { SignedVerification, VerificationAnswer } from "../../src/transport/verification.ts";
import { identityOf, networkId } from "./identities.ts";
import { header } from "./ledger-double.ts";

export const digest = sha256(utf8("digest"));
export const signature = identityOf(0).sign(digest);

export function registrationOf(number: number): SignedRegistration {
  const registration = {
    networkId,
    nodeId: `node${number + 1}`,
    address: `127.0.0.1:${7101 + number}`,
    clientAddress: `127.0.0.1:${7001 + number}`,
    journalId: utf8("journal"),
    starts: 2,
    rejoined: false,
    startId: utf8("sixteen bytes id"),
  };
  return { registration, signature };
}

const point = digest;
const commitment = { hiding: point, binding: point };
export const session = { run: 4, number: 9 };

export const verification: SignedVerification = {
  statement: {
    networkId,
    sender: validatorIndex(1),
    computed: {
      epoch: epoch(1),
      height: height(7),
      blockHash: digest,
      operationsRoot: digest,
      resultsRoot: digest,
      stateRoot: digest,
    },
    request: {
      kind: "sign",
      target: { kind: "header", epoch: epoch(1), height: height(7) },
      session,
      commitments: [0, 1, 3].map((member) => ({ member: validatorIndex(member), commitment })),
    },
  },
  signature,
};

export const verificationAnswers: readonly VerificationAnswer[] = [
  { kind: "share", session, share: point, next: commitment },
  { kind: "staleNonce", session, next: commitment },
  { kind: "seal", session, target: { kind: "test", epoch: epoch(1) }, seal: signature },
  {
    kind: "seal",
    session,
    target: { kind: "header", epoch: epoch(1), height: height(64) },
    seal: signature,
  },
  { kind: "commitment", next: commitment },
  { kind: "refused", session, reason: "superseded" },
  { kind: "refused", reason: "wrongEpoch" },
  {
    kind: "differingResult",
    verification: {
      statement: {
        networkId,
        sender: validatorIndex(0),
        computed: verification.statement.computed,
        request: undefined,
      },
      signature,
    },
  },
];

/** A registration of the member that asks; nothing checks it on the way. */
export const recollection: Recollection = {
  registration: registrationOf(1),
  vote: { kind: "nullify", epoch: epoch(1), view: view(8), signer: validatorIndex(1), signature },
  view: view(9),
  entry: {
    subject: { kind: "nullify", epoch: epoch(1), view: view(8) },
    signatures: [{ signer: validatorIndex(0), signature }],
  },
  finalization: {
    subject: {
      kind: "finalize",
      epoch: epoch(1),
      view: view(7),
      height: height(5),
      blockHash: networkId,
    },
    signatures: [{ signer: validatorIndex(2), signature }],
  },
};

export interface PeerDouble extends PeerApi {
  readonly asked: { readonly what: string; readonly query: unknown; readonly caller: unknown }[];
  readonly batches: { readonly caller: ValidatorIndex; readonly batch: LinkBatch }[];
  readonly received: { operations: number; consensusMessages: number; seals: number };
  verificationAnswer: VerificationAnswer;
  /** The answer of `receive`. */
  onReceive: (batch: LinkBatch) => Promise<Refusal | undefined>;
}

export function createPeerDouble(): PeerDouble {
  const double: PeerDouble = {
    asked: [],
    batches: [],
    received: { operations: 0, consensusMessages: 0, seals: 0 },
    verificationAnswer: { kind: "refused", reason: "notFinal" },
    onReceive: async () => undefined,
    async register(query, caller) {
      double.asked.push({ what: "register", query, caller });
      return registrationOf(0);
    },
    async recall(caller) {
      double.asked.push({ what: "recall", query: undefined, caller });
      return recollection;
    },
    async verification(query, caller) {
      double.asked.push({ what: "verification", query, caller });
      return double.verificationAnswer;
    },
    async receive(caller, batch) {
      double.batches.push({ caller, batch });
      double.received.operations += batch.operations.length;
      double.received.consensusMessages += batch.consensusMessages.length;
      double.received.seals += batch.seals.length;
      return await double.onReceive(batch);
    },
    async fetchBlocks(query, caller) {
      double.asked.push({ what: "fetchBlocks", query, caller });
      const blocks = [{ header: utf8("header"), operations: [utf8("one"), utf8("two")] }];
      return { blocks, finalization: utf8("final"), finalHeight: header.height };
    },
    async fetchOperations(query, caller) {
      double.asked.push({ what: "fetchOperations", query, caller });
      return [utf8("one")];
    },
    async fetchCertificates(query, caller) {
      double.asked.push({ what: "fetchCertificates", query, caller });
      return { view: view(9), certificates: [utf8("entry")], finalization: utf8("final") };
    },
    async readClock(caller) {
      double.asked.push({ what: "readClock", query: undefined, caller });
      return { wallClock: header.time, bodiesFrom: 7 };
    },
    async fetchSnapshot(query, caller) {
      double.asked.push({ what: "fetchSnapshot", query, caller });
      const [ceremony, wallets] = [utf8("ceremony"), [utf8("one"), utf8("two")]];
      return { header: utf8("header"), finalization: utf8("final"), ceremony, wallets };
    },
  };
  return double;
}

/** The services of `api` in this process, called by member number `caller`, or by a stranger. */
export function transportTo(api: PeerApi, caller: number | undefined): Transport {
  return createRouterTransport((router) => router.service(PeerService, createPeerService(api)), {
    router: { interceptors: caller === undefined ? [] : [asCaller(validatorIndex(caller))] },
  });
}
