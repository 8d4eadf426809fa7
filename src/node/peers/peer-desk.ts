/**
 * Handles the calls of other nodes: notes each as a sign of its caller, bounds it, and passes it to the part that
 * answers it. Until this node's own check has ended (R29), it answers only the questions that other nodes need for
 * their start.
 */
import type { Core } from "../../consensus/core.ts";
import type { LedgerContext } from "../../ledger/context.ts";
import type { Pool } from "../../mempool/pool.ts";
import type { Bytes } from "../../primitives/bytes.ts";
import type { Digest } from "../../primitives/hash.ts";
import { answerBytesMax } from "../../primitives/member-shares.ts";
import type { Epoch, ValidatorIndex } from "../../primitives/numbers.ts";
import { encodeCertificate } from "../../primitives/vote.ts";
import type { Store } from "../../storage/contracts.ts";
import type {
  BlocksQuery,
  CertificatesQuery,
  ClockInfo,
  FetchedBlocks,
  FetchedCertificates,
  FetchedSnapshot,
  LinkBatch,
  PeerApi,
  Recollection,
  SnapshotQuery,
} from "../../transport/peer-api.ts";
import { Refusal } from "../../transport/refusal.ts";
import type { Greeting } from "../../transport/registration.ts";
import type { SignedVerification, VerificationAnswer } from "../../transport/verification.ts";
import type { System } from "../base/system.ts";
import type { Application } from "../execution/application.ts";
import type { Finalizer } from "../execution/finalizer.ts";
import type { ShareAnswers } from "../sealing/share-answers.ts";
import type { SnapshotDesk } from "../sync/snapshot-desk.ts";
import type { BlockServer } from "./block-server.ts";
import type { LinkReceiver } from "./link-receiver.ts";
import type { PeerContacts } from "./peer-contacts.ts";
import { QuestionBounds } from "./question-bounds.ts";
import type { Registry } from "./registry.ts";
import type { VoteWitness } from "./vote-witness.ts";

export interface PeerDeskParts {
  readonly context: LedgerContext;
  readonly epoch: Epoch;
  readonly consensus: {
    readonly core: Pick<Core, "status" | "entry" | "finalization" | "standing">;
  };
  readonly links: Pick<LinkReceiver, "receive">;
  readonly blocks: Pick<BlockServer, "serve">;
  readonly snapshots: Pick<SnapshotDesk, "serve">;
  readonly verification: Pick<ShareAnswers, "answer">;
  readonly registry: Pick<Registry, "register" | "signedOf">;
  readonly witness: Pick<VoteWitness, "of" | "sawCertificate">;
  readonly pool: Pick<Pool, "get">;
  readonly application: Pick<Application, "findOperation">;
  readonly store: {
    readonly blocks: Pick<Store["blocks"], "loadFinalization" | "bodiesFrom" | "history">;
  };
  readonly finalizer: Pick<Finalizer, "committed">;
  readonly contacts: Pick<PeerContacts, "called" | "software" | "greeted" | "greetingFor">;
  readonly check: OwnCheck;
  readonly system: Pick<System, "monotonic" | "wall" | "after">;
}

/** The check of this node's own journal at its start (R29). */
export interface OwnCheck {
  /** True once the check has succeeded. */
  readonly isSpeaking: boolean;
  /** A member is up and can be asked. */
  heard(caller: ValidatorIndex): void;
}

const NOT_SPEAKING = new Refusal("NOT_READY", {
  message: "this node is still asking its peers if its journal is complete",
});

export class PeerDesk implements PeerApi {
  readonly #parts: PeerDeskParts;
  readonly #bounds: QuestionBounds;
  readonly #answerBytesMax: number;

  constructor(parts: PeerDeskParts) {
    this.#parts = parts;
    const { context, epoch, system } = parts;
    const members = context.members(epoch).length;
    this.#bounds = new QuestionBounds(system, members);
    this.#answerBytesMax = answerBytesMax(members, context.genesis.limits.blockBytesMax);
  }

  async register(
    greeting: Greeting,
    caller: ValidatorIndex | undefined,
    signal?: AbortSignal,
  ): Promise<Greeting | Refusal> {
    this.#note(caller);
    return await this.#bounds.work(caller, () =>
      this.#bounds.registration({ caller, signal }, () => this.#greeted(greeting, caller)),
    );
  }

  /** Without a caller that its certificate proves, what else a greeting states says nothing, because no signature covers it. */
  async #greeted(
    greeting: Greeting,
    caller: ValidatorIndex | undefined,
  ): Promise<Greeting | Refusal> {
    const { registry, contacts } = this.#parts;
    const { registration, signature } = greeting;
    const answer = await registry.register({ registration, signature }, caller);
    if (answer instanceof Refusal || caller === undefined) return answer;
    return (await contacts.greeted(caller, greeting)) ?? contacts.greetingFor(caller);
  }

  /** Answered before this node's own check has ended; otherwise no network would ever start. */
  async recall(caller: ValidatorIndex): Promise<Recollection> {
    this.#note(caller);
    const { consensus, registry, witness } = this.#parts;
    const { core } = consensus;
    const { view } = core.status();
    const entry = core.entry();
    if (entry !== undefined) witness.sawCertificate(entry);
    const registration = registry.signedOf(caller);
    const finalization = core.finalization();
    return { registration, vote: witness.of(caller), view, entry, finalization };
  }

  async readClock(caller: ValidatorIndex): Promise<ClockInfo> {
    this.#note(caller);
    const { system, store } = this.#parts;
    const { blocks } = store;
    // A hole of the history is above what is dropped.
    return {
      wallClock: system.wall(),
      bodiesFrom: Math.max(blocks.bodiesFrom, blocks.history.from),
    };
  }

  async verification(
    signed: SignedVerification,
    caller: ValidatorIndex | undefined,
    signal?: AbortSignal,
  ): Promise<VerificationAnswer | Refusal> {
    this.#note(caller);
    const { check, verification } = this.#parts;
    if (!check.isSpeaking) return NOT_SPEAKING;
    return await this.#bounds.work(caller, () =>
      this.#bounds.seal({ caller, signal }, () => verification.answer(signed, caller)),
    );
  }

  async receive(
    caller: ValidatorIndex,
    batch: LinkBatch,
    signal?: AbortSignal,
  ): Promise<Refusal | undefined> {
    this.#note(caller);
    const { check, links, contacts } = this.#parts;
    const mismatch = contacts.software.refusalOf(caller);
    if (mismatch !== undefined) return mismatch;
    if (check.isSpeaking) await links.receive(caller, batch, signal);
    return undefined;
  }

  async fetchBlocks(
    query: BlocksQuery,
    caller: ValidatorIndex,
    signal?: AbortSignal,
  ): Promise<FetchedBlocks | Refusal> {
    this.#note(caller);
    return await this.#bounds.work(caller, () =>
      this.#bounds.blocks({ caller, signal }, () => this.#parts.blocks.serve(query)),
    );
  }

  async fetchOperations(
    leafHashes: readonly Digest[],
    caller: ValidatorIndex,
    signal?: AbortSignal,
  ): Promise<readonly Bytes[] | Refusal> {
    this.#note(caller);
    return await this.#bounds.work(caller, () =>
      this.#bounds.operations({ caller, signal }, leafHashes.length, () =>
        this.#findOperations(leafHashes),
      ),
    );
  }

  async fetchCertificates(
    query: CertificatesQuery,
    caller: ValidatorIndex,
  ): Promise<FetchedCertificates | Refusal> {
    this.#note(caller);
    return await this.#bounds.work(caller, () => this.#standing(query));
  }

  async fetchSnapshot(
    query: SnapshotQuery,
    caller: ValidatorIndex,
    signal?: AbortSignal,
  ): Promise<FetchedSnapshot | Refusal> {
    this.#note(caller);
    return await this.#bounds.work(caller, () =>
      this.#parts.snapshots.serve(query, caller, signal),
    );
  }

  /** Called first for every request of a member, whose certificate proves that the member is up. */
  #note(caller: ValidatorIndex | undefined): void {
    if (caller === undefined) return;
    this.#parts.check.heard(caller);
    this.#parts.contacts.called(caller);
  }

  #findOperations(leafHashes: readonly Digest[]): Bytes[] {
    const { pool, application } = this.#parts;
    const found: Bytes[] = [];
    let size = 0;
    for (const leafHash of leafHashes) {
      const held = pool.get(leafHash) ?? application.findOperation(leafHash);
      size += held?.bytes.length ?? 0;
      if (size > this.#answerBytesMax) break;
      if (held !== undefined) found.push(held.bytes);
    }
    return found;
  }

  async #standing({ epoch, view }: CertificatesQuery): Promise<FetchedCertificates> {
    const { consensus, store, finalizer } = this.#parts;
    const { core } = consensus;
    const own = core.status().view;
    const certificates = epoch === this.#parts.epoch ? core.standing(view) : [];
    const finalization = await store.blocks.loadFinalization(finalizer.committed.state.height);
    return {
      view: own,
      certificates: certificates.map(encodeCertificate),
      finalization: finalization?.certificate,
    };
  }
}
