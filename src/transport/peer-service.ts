/** PeerService over the node's own interface: convert, ask, convert back. */
import type { ServiceImpl } from "@connectrpc/connect";
import type { LinkRequest, PeerService } from "../../gen/countersign/v1/peer_service_pb.ts";
import type { ValidatorIndex } from "../primitives/numbers.ts";
import { callerOf, requireCaller } from "./caller.ts";
import {
  batchFromMessage,
  blocksQueryFromMessage,
  blocksToMessage,
  certificatesQueryFromMessage,
  certificatesToMessage,
  leafHashesFromMessage,
  registrationFromMessage,
  registrationToResponse,
} from "./convert-peer.ts";
import { recollectionToMessage } from "./convert-recall.ts";
import { verificationAnswerToMessage, verificationFromMessage } from "./convert-seal.ts";
import { snapshotQueryFromMessage, snapshotToMessage } from "./convert-snapshot.ts";
import { orThrow } from "./errors.ts";
import type { PeerApi } from "./peer-api.ts";

type PeerServiceImpl = ServiceImpl<typeof PeerService>;

/** The two that authenticate themselves by the signature in their body; the client listener serves only these. */
export function createSelfAuthenticatingService(
  api: Pick<PeerApi, "register" | "verification">,
): Pick<PeerServiceImpl, "register" | "verification"> {
  return {
    async register(request, context) {
      const signed = orThrow(registrationFromMessage(request));
      return registrationToResponse(orThrow(await api.register(signed, callerOf(context))));
    },
    async verification(request, context) {
      const signed = orThrow(verificationFromMessage(request));
      const answer = orThrow(await api.verification(signed, callerOf(context)));
      return verificationAnswerToMessage(answer);
    },
  };
}

export function createPeerService(api: PeerApi): PeerServiceImpl {
  const links = new Map<ValidatorIndex, AbortController>();
  return {
    ...createSelfAuthenticatingService(api),
    async recall(_request, context) {
      return recollectionToMessage(orThrow(await api.recall(requireCaller(context))));
    },
    async link(requests, context) {
      const caller = requireCaller(context);
      // A link that a peer has given up may look open here for long; its newest is the one.
      links.get(caller)?.abort();
      const end = new AbortController();
      links.set(caller, end);
      try {
        const signal = AbortSignal.any([end.signal, context.signal]);
        await receiveAll(requests, signal, (batch) => receive(api, caller, batch, signal));
      } finally {
        if (links.get(caller) === end) links.delete(caller);
      }
      return {};
    },
    async fetchBlocks(request, context) {
      const caller = requireCaller(context);
      const query = orThrow(blocksQueryFromMessage(request));
      return blocksToMessage(orThrow(await api.fetchBlocks(query, caller)));
    },
    async fetchOperations(request, context) {
      const caller = requireCaller(context);
      const leafHashes = orThrow(leafHashesFromMessage(request));
      return { operations: [...orThrow(await api.fetchOperations(leafHashes, caller))] };
    },
    async fetchCertificates(request, context) {
      const caller = requireCaller(context);
      const query = orThrow(certificatesQueryFromMessage(request));
      return certificatesToMessage(orThrow(await api.fetchCertificates(query, caller)));
    },
    async fetchSnapshot(request, context) {
      const caller = requireCaller(context);
      const query = orThrow(snapshotQueryFromMessage(request));
      return snapshotToMessage(orThrow(await api.fetchSnapshot(query, caller)));
    },
  };
}

async function receive(
  api: PeerApi,
  caller: ValidatorIndex,
  message: LinkRequest,
  signal: AbortSignal,
): Promise<void> {
  const batch = orThrow(batchFromMessage(message));
  orThrow((await api.receive(caller, batch, signal)) ?? "taken");
}

/** One after the other, until the peer ends the stream or `signal` does. */
async function receiveAll(
  requests: AsyncIterable<LinkRequest>,
  signal: AbortSignal,
  take: (request: LinkRequest) => Promise<void>,
): Promise<void> {
  // Not Promise.race with a promise of the end: that would remember every round of a link that lasts for weeks.
  let end = (): void => undefined;
  signal.addEventListener("abort", () => end(), { once: true });
  const iterator = requests[Symbol.asyncIterator]();
  while (!signal.aborted) {
    const next = await new Promise<IteratorResult<LinkRequest> | undefined>((resolve, reject) => {
      end = () => resolve(undefined);
      iterator.next().then(resolve, reject);
    });
    if (next === undefined || next.done === true) return;
    await take(next.value);
  }
}
