/** The links that peers open to this node: one of each peer counts, and its batches are handed on one after the other (T3). */
import { fromBinary } from "@bufbuild/protobuf";
import { LinkRequestSchema } from "../../gen/countersign/v1/peer_service_pb.ts";
import type { Bytes } from "../primitives/bytes.ts";
import { LIMITS } from "../primitives/limits.ts";
import type { ValidatorIndex } from "../primitives/numbers.ts";
import { callerOf, noMember } from "./caller.ts";
import { batchFromMessage } from "./convert-peer.ts";
import { FieldCount } from "./field-count.ts";
import type { LinkBatch, PeerApi } from "./peer-api.ts";
import type { OpenReceiver } from "./receive-call.ts";
import { Refusal } from "./refusal.ts";

export function incomingLinks(api: Pick<PeerApi, "receive">): OpenReceiver {
  const links = new Map<ValidatorIndex, AbortController>();
  return (context) => {
    const caller = callerOf(context);
    if (caller === undefined) return noMember();
    // A link that a peer has abandoned may look open here for a long time; the newest one counts.
    links.get(caller)?.abort();
    // Not AbortSignal.any, which is asked for every batch, and each time looks at all of them.
    const over = new AbortController();
    context.signal.addEventListener("abort", () => over.abort(), { once: true });
    if (context.signal.aborted) over.abort();
    links.set(caller, over);
    return {
      enough: over.signal,
      take: async (message) => {
        const batch = readBatch(message);
        return batch instanceof Refusal ? batch : await api.receive(caller, batch, over.signal);
      },
      end: () => {
        if (links.get(caller) === over) links.delete(caller);
      },
    };
  };
}

/** A batch from its bytes; decoded only if that is quick. */
function readBatch(message: Bytes): LinkBatch | Refusal {
  const refusal = new FieldCount(LinkRequestSchema, LIMITS.peerMessageFieldsMax).take(message);
  if (refusal !== undefined) return refusal;
  try {
    return batchFromMessage(fromBinary(LinkRequestSchema, message));
  } catch {
    return new Refusal("MALFORMED", { message: "the body is no message" });
  }
}
