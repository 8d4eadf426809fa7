/** Members that give wrong data, give it late, or give none: bodies, blocks, snapshots, shares and commitments. */
import type { Bytes } from "../../../src/primitives/bytes.ts";
import { height, view } from "../../../src/primitives/numbers.ts";
import type { Certificate } from "../../../src/primitives/vote.ts";
import type { NonceCommitment, SealAnswer } from "../../../src/seal/messages.ts";
import type { Recollection } from "../../../src/transport/peer-api.ts";
import { Refusal } from "../../../src/transport/refusal.ts";
import {
  encodeVerification,
  type VerificationStatement,
} from "../../../src/transport/verification.ts";
import { twistedApi } from "../../support/twisted-api.ts";
import { type HostileContext, type Hostility, spoil } from "./hostility.ts";

/** Longer than a caller waits. */
const TOO_LATE_MS = 20_000;

/** Proposes blocks and gives no peer their operations. */
export function bodyWithholder({ clock, random }: HostileContext): Hostility {
  return {
    twistBatch: (_to, batch) => ({ ...batch, operations: [] }),
    twistApi: (api) =>
      twistedApi(api, () => ({
        fetchOperations: async () => {
          if (random.chance(0.3)) await clock.sleep(TOO_LATE_MS);
          return [];
        },
        fetchBlocks: async (query, caller) => {
          const answer = await api.fetchBlocks(query, caller);
          return answer instanceof Refusal ? answer : { ...answer, blocks: [] };
        },
      })),
  };
}

/** Lies to members that catch up or start from a snapshot. */
export function lyingGiver({ random, clock }: HostileContext): Hostility {
  const some = (bytes: Bytes): Bytes => (random.chance(0.5) ? spoil(random, bytes) : bytes);
  const any = (bytes: Bytes | undefined) => bytes && some(bytes);
  const far = () => random.pick([1, 1_000, 2 ** 40]);
  const recall = recallLiar(random, far);
  return {
    twistApi: (api) =>
      twistedApi(api, () => ({
        fetchBlocks: async (query, caller) => {
          const answer = await api.fetchBlocks(query, caller);
          if (answer instanceof Refusal) return answer;
          const blocks = answer.blocks.map((block) => ({
            ...block,
            header: some(block.header),
            operations: random.chance(0.3)
              ? block.operations.slice(1)
              : block.operations.map((bytes) => some(bytes)),
            results: any(block.results),
            finalization: any(block.finalization),
            seal: any(block.seal),
          }));
          const finalHeight = height(answer.finalHeight + far());
          return { ...answer, blocks: random.sample(blocks, blocks.length), finalHeight };
        },
        fetchCertificates: async (query, caller) => {
          const answer = await api.fetchCertificates(query, caller);
          if (answer instanceof Refusal) return answer;
          const certificates = answer.certificates.map((bytes) => some(bytes));
          return {
            certificates,
            view: view(answer.view + far()),
            finalization: any(answer.finalization),
          };
        },
        fetchSnapshot: async (query, caller) => {
          if (random.chance(0.1)) await clock.sleep(TOO_LATE_MS);
          const answer = await api.fetchSnapshot(query, caller);
          if (answer instanceof Refusal) return answer;
          const wallets = random.chance(0.3)
            ? answer.wallets.slice(1)
            : answer.wallets.map((bytes) => some(bytes));
          const { header, finalization, ceremony } = answer;
          return {
            header: some(header),
            finalization: some(finalization),
            ceremony: any(ceremony),
            wallets,
          };
        },
        fetchOperations: async (hashes, caller) => {
          const answer = await api.fetchOperations(hashes, caller);
          return answer instanceof Refusal ? answer : answer.map((bytes) => some(bytes));
        },
        recall: async (caller) => recall(await api.recall(caller)),
        readClock: async () => ({
          wallClock: clock.now + random.pick([-1, 1]) * random.pick([400, 60_000, 2 ** 40]),
          bodiesFrom: random.pick([0, 1, 2 ** 50]),
        }),
      })),
  };
}

/** Tells one lie at a time, since the first that is found ends the reading. An old finalization is a sound one. */
function recallLiar(random: HostileContext["random"], far: () => number) {
  let oldest: Certificate | undefined;
  return (answer: Recollection | Refusal): Recollection | Refusal => {
    if (answer instanceof Refusal) return answer;
    oldest ??= answer.finalization;
    const lie = random.pick([
      { view: view(answer.view + far()) },
      { finalization: raised(answer.finalization, far()) },
      { finalization: oldest },
      { finalization: undefined },
    ]);
    return { ...answer, vote: undefined, ...lie };
  };
}

/** Says of another height what the members signed of its own. */
function raised(certificate: Certificate | undefined, by: number): Certificate | undefined {
  if (certificate === undefined || certificate.subject.kind === "nullify") return certificate;
  const { subject } = certificate;
  return { ...certificate, subject: { ...subject, height: height(subject.height + by) } };
}

/** Gives invalid shares, commitments twice, and answers late or never; sends requests of the same kinds. */
export function sealSpoiler(context: HostileContext): Hostility {
  const { clock, random, identity } = context;
  const spoilBytes = (bytes: Bytes) => {
    const copy = new Uint8Array(bytes);
    copy[random.below(16)] = random.below(256);
    return copy;
  };
  const pair = (next: NonceCommitment): NonceCommitment =>
    random.pick([
      next,
      { hiding: next.binding, binding: next.hiding },
      { ...next, hiding: spoilBytes(next.hiding) },
    ]);
  const bad = (answer: SealAnswer): SealAnswer => {
    if (answer.kind === "share") {
      return { ...answer, share: spoilBytes(answer.share), next: pair(answer.next) };
    }
    if (answer.kind === "commitment" || answer.kind === "staleNonce") {
      return { ...answer, next: pair(answer.next) };
    }
    return answer.kind === "seal" ? { ...answer, seal: spoilBytes(answer.seal) } : answer;
  };
  const resigned = (statement: VerificationStatement) => {
    return { statement, signature: identity.sign(encodeVerification(statement)) };
  };
  return {
    twistApi: (api) =>
      twistedApi(api, () => ({
        verification: async (signed, caller) => {
          if (random.chance(0.2)) await clock.sleep(random.pick([100, 1_000, TOO_LATE_MS]));
          const answer = await api.verification(signed, caller);
          if (answer instanceof Refusal || answer.kind === "differingResult") return answer;
          return random.chance(0.8) ? bad(answer) : answer;
        },
      })),
    twistClient: (client) => ({
      ...client,
      verification: (signed, limits) => {
        const { request } = signed.statement;
        if (request?.kind !== "sign" || random.chance(0.3)) {
          return client.verification(signed, limits);
        }
        const commitments = request.commitments.map((item) => {
          return random.chance(0.5) ? { ...item, commitment: pair(item.commitment) } : item;
        });
        const session = random.pick([
          request.session,
          { ...request.session, number: request.session.number + 1_000 },
        ]);
        const twisted = { ...request, commitments, session };
        return client.verification(resigned({ ...signed.statement, request: twisted }), limits);
      },
    }),
  };
}
