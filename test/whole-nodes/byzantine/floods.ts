/** Members that flood: with questions that cost much, with old messages, and with bytes that are no message. */
import { encodeMessage } from "../../../src/consensus/message.ts";
import { FIRST_EPOCH } from "../../../src/ledger/epochs.ts";
import type { Bytes } from "../../../src/primitives/bytes.ts";
import { LIMITS } from "../../../src/primitives/limits.ts";
import { height, view } from "../../../src/primitives/numbers.ts";
import type { PeerClient } from "../../../src/transport/peer-client.ts";
import { twistedApi } from "../../support/twisted-api.ts";
import { type HostileContext, type Hostility, spoil } from "./hostility.ts";

const QUESTIONS_AT_ONCE = 64;
const ASKED_AT_ONCE = 16;
const KEPT_MAX = 256;

/** Asks every peer for all expensive answers, many times at once, and reads none. */
export function greedyAsker({ peers, clientOf, ledger, random }: HostileContext): Hostility {
  const all = (client: PeerClient) => {
    const count = LIMITS.fetchedBlocksMax;
    const hash = ledger.hash(Uint8Array.of(random.below(256)));
    const from = { kind: "height", height: height(1 + random.below(8)) } as const;
    const down = { kind: "hash", hash, above: height(0) } as const;
    const at = random.chance(0.5) ? undefined : height(random.below(50));
    return [
      client.fetchBlocks({ start: from, count, headersOnly: false }),
      client.fetchBlocks({ start: down, count, headersOnly: false, withResults: true }),
      client.fetchOperations([hash]),
      client.fetchCertificates({ epoch: FIRST_EPOCH, view: view(1) }),
      client.fetchSnapshot({ height: at, after: undefined }),
      client.recall(),
      client.readClock(),
    ];
  };
  return {
    act() {
      for (const to of peers) {
        const client = clientOf(to);
        if (client === undefined) return;
        for (let i = 0; i < ASKED_AT_ONCE; i++) for (const answer of all(client)) void answer;
      }
    },
  };
}

/** Sends questions about ranges of views, and genuine old messages as if they were new. */
export function questionFlooder({ peers, send, ledger, random }: HostileContext): Hostility {
  const kept: Bytes[] = [];
  return {
    twistApi: (api) =>
      twistedApi(api, () => ({
        receive: (from, batch, signal) => {
          for (const bytes of batch.consensusMessages) kept[random.below(KEPT_MAX)] = bytes;
          return api.receive(from, batch, signal);
        },
      })),
    act() {
      const old = kept.filter((bytes) => bytes !== undefined);
      for (const to of peers) {
        const questions = Array.from({ length: QUESTIONS_AT_ONCE }, () => {
          const from = view(random.below(100));
          const until = view(from + random.pick([0, 5, 1_000, 2 ** 40]));
          const block = random.chance(0.5) ? ledger.hash(Uint8Array.of(1)) : undefined;
          return encodeMessage({ kind: "question", epoch: FIRST_EPOCH, from, to: until, block });
        });
        send(to, { consensusMessages: questions });
        send(to, { consensusMessages: random.sample(old, QUESTIONS_AT_ONCE) });
      }
    },
  };
}

/** Damages some of its messages: they cannot be read, or their signatures do not verify. */
export function spoiler({ random }: HostileContext): Hostility {
  const some = (bytes: Bytes) => (random.chance(0.2) ? spoil(random, bytes) : bytes);
  return {
    twistBatch: (_to, batch) => ({
      operations: batch.operations.map(some),
      consensusMessages: batch.consensusMessages.map(some),
      seals: batch.seals.map((item) => {
        return random.chance(0.5) ? { ...item, seal: flipped(item.seal) } : item;
      }),
    }),
  };
}

function flipped(seal: Bytes): Bytes {
  const copy = new Uint8Array(seal);
  copy[0] = (copy[0] ?? 0) ^ 1;
  return copy;
}
