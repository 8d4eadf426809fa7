/** Calls that other nodes may make: who answers each, from when on, and at which pace. */
import type { ValidatorIndex } from "../../primitives/numbers.ts";
import type { PeerApi } from "../../transport/peer-api.ts";
import { Refusal } from "../../transport/refusal.ts";
import type { System } from "../base/system.ts";
import type { Countersigning } from "../sealing/countersigning.ts";
import type { SnapshotDesk } from "../sync/snapshot-desk.ts";
import type { PeerDesk } from "./peer-desk.ts";
import { QuestionPaces } from "./question-paces.ts";
import type { Registry } from "./registry.ts";
import { WorkBounds } from "./work-bounds.ts";

const NOT_SPEAKING = new Refusal("NOT_READY", {
  message: "this node still asks its peers whether its journal is whole",
});

export function peerAnswers(parts: {
  readonly registry: Pick<Registry, "register">;
  readonly desk: Omit<PeerDesk, "lastHeight">;
  readonly snapshots: Pick<SnapshotDesk, "serve">;
  readonly countersigning: Pick<Countersigning, "answer">;
  /** The wall clock. */
  readonly wall: () => number;
  /** The node's own check has ended (R29). */
  readonly isSpeaking: () => boolean;
  /** At every call and every batch of a member that is proved by its certificate, before anything else. */
  readonly onCall: (caller: ValidatorIndex) => void;
  readonly system: Pick<System, "monotonic" | "after">;
}): PeerApi {
  const { registry, desk, snapshots, countersigning, wall, isSpeaking, onCall } = parts;
  const bounds = new WorkBounds();
  const paces = new QuestionPaces(parts.system);
  const noted =
    <Question, Caller extends ValidatorIndex | undefined, Answer>(
      answer: (question: Question, caller: Caller) => Answer,
    ) =>
    (question: Question, caller: Caller): Answer => {
      if (caller !== undefined) onCall(caller);
      return answer(question, caller);
    };
  return {
    register: noted((signed, caller) =>
      bounds.run(caller, () => Promise.resolve(registry.register(signed, caller))),
    ),
    // Answered at once, before this node's own check has ended: otherwise no network would ever start.
    recall: async (caller) => {
      onCall(caller);
      return desk.recall(caller);
    },
    readClock: async (caller) => {
      onCall(caller);
      return wall();
    },
    verification: noted(async (signed, caller) =>
      isSpeaking()
        ? await bounds.run(caller, () =>
            paces.seal(caller, () => countersigning.answer(signed, caller)),
          )
        : NOT_SPEAKING,
    ),
    receive: async (caller, batch, signal) => {
      onCall(caller);
      if (isSpeaking()) await desk.receive(caller, batch, signal);
      return undefined;
    },
    fetchBlocks: noted((query, caller) =>
      bounds.run(caller, () => paces.blocks(caller, () => desk.fetchBlocks(query))),
    ),
    fetchOperations: noted((leafHashes, caller) =>
      bounds.run(caller, () =>
        paces.operations(caller, leafHashes.length, () => desk.fetchOperations(leafHashes)),
      ),
    ),
    fetchCertificates: noted((query, caller) =>
      bounds.run(caller, () => desk.fetchCertificates(query)),
    ),
    fetchSnapshot: noted((query, caller) =>
      bounds.run(caller, () => snapshots.serve(query, caller)),
    ),
  };
}
