/**
 * The network between real nodes, in place of HTTP/2 and TLS: every call to a peer is two messages that take time. As
 * over TCP, no message is lost by itself: a blocked message waits until the way is free or the connection is given
 * up.
 */
import type { LinkRequest } from "../../gen/countersign/v1/peer_service_pb.ts";
import { type ValidatorIndex, validatorIndex } from "../../src/primitives/numbers.ts";
import { batchFromMessage } from "../../src/transport/convert-peer.ts";
import type { LinkBatch, PeerApi } from "../../src/transport/peer-api.ts";
import { type CallLimits, type PeerClient, PeerFailure } from "../../src/transport/peer-client.ts";
import { Refusal } from "../../src/transport/refusal.ts";
import type { Random } from "../support/world/random.ts";
import type { Clock } from "./clock.ts";
import type { Life } from "./life.ts";

/** The limits of real nodes: for a call, and for a connection on which no ping is answered. */
const CALL_MS = 10_000;
const SILENCE_MS = 5_000;

export interface NetworkParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly delayMaxMs: number;
  /** The listener of this node; undefined if it does not listen. */
  readonly listening: (index: number) => Life | undefined;
  /** Called for every message that arrives. */
  readonly onArrival: (from: number, to: number, what: string) => void;
}

interface Connection {
  readonly from: number;
  readonly to: number;
  readonly end: (why: string) => void;
}

export class Network {
  readonly #parts: NetworkParts;
  /** Blocked directions, with the messages that wait there. */
  readonly #cuts = new Map<string, (() => void)[]>();
  /** Calls and links that still have a waiting caller. */
  readonly #open = new Set<Connection>();
  delayMaxMs: number;

  constructor(parts: NetworkParts) {
    this.#parts = parts;
    this.delayMaxMs = parts.delayMaxMs;
  }

  /** Blocks this direction; after a while of silence both sides give up the calls that they wait for. */
  cut(from: number, to: number): void {
    const waiting: (() => void)[] = [];
    if (this.#cuts.has(nameOf(from, to))) return;
    this.#cuts.set(nameOf(from, to), waiting);
    this.#parts.clock.after(SILENCE_MS, () => {
      if (this.#cuts.get(nameOf(from, to)) === waiting) this.breakBetween(from, to, "silence");
    });
  }

  mend(from: number, to: number): void {
    const waiting = this.#cuts.get(nameOf(from, to));
    this.#cuts.delete(nameOf(from, to));
    for (const go of waiting ?? []) go();
  }

  mendAll(): void {
    for (const name of [...this.#cuts.keys()]) {
      const [from = 0, to = 0] = name.split(" ").map(Number);
      this.mend(from, to);
    }
  }

  /** Ends the connections between two nodes, in both directions. */
  breakBetween(left: number, right: number, why: string): void {
    for (const connection of [...this.#open]) {
      const { from, to } = connection;
      const isTheirs = (from === left && to === right) || (from === right && to === left);
      if (isTheirs) connection.end(why);
    }
  }

  /** A node is gone. If its machine closed its connections, peers know at once; otherwise its silence tells them. */
  left(index: number, closed: boolean): void {
    const theirs = [...this.#open].filter(({ from, to }) => from === index || to === index);
    this.#parts.clock.after(closed ? this.#delay() : SILENCE_MS, () => {
      for (const connection of theirs) connection.end("the peer is gone");
    });
  }

  /** The calls of one life of a node to a peer. */
  clientOf(caller: Life, to: number): PeerClient {
    const own = validatorIndex(caller.index);
    const call = <T>(
      name: string,
      ask: (api: PeerApi, own: ValidatorIndex) => Promise<T | Refusal>,
      limits: CallLimits = {},
    ) => this.#call(caller, to, { name, ask: (api) => ask(api, own), limits });
    return {
      register: (signed, limits) => call("register", (api) => api.register(signed, own), limits),
      recall: (limits) => call("recall", (api) => api.recall(own), limits),
      verification: (signed, limits) =>
        call("verification", (api) => api.verification(signed, own), limits),
      fetchBlocks: (query, limits) =>
        call("fetchBlocks", (api) => api.fetchBlocks(query, own), limits),
      fetchOperations: (hashes, limits) =>
        call("fetchOperations", (api) => api.fetchOperations(hashes, own), limits),
      fetchCertificates: (query, limits) =>
        call("fetchCertificates", (api) => api.fetchCertificates(query, own), limits),
      fetchSnapshot: (query, limits) =>
        call("fetchSnapshot", (api) => api.fetchSnapshot(query, own), limits),
      readClock: (limits) => call("readClock", (api) => api.readClock(own), limits),
      link: (batches, signal) => this.#link(caller, to, batches, signal),
    };
  }

  /** One batch after another: messages queued while one is under way leave with the next. */
  async #link(
    caller: Life,
    to: number,
    batches: AsyncIterable<LinkRequest>,
    signal: AbortSignal,
  ): Promise<PeerFailure> {
    const broken = new AbortController();
    let why = "the link was closed";
    const connection = {
      from: caller.index,
      to,
      end: (reason: string) => {
        why = reason;
        broken.abort();
      },
    };
    this.#open.add(connection);
    const ended = AbortSignal.any([signal, broken.signal]);
    const iterator = batches[Symbol.asyncIterator]();
    while (!ended.aborted) {
      const next = await orAborted(iterator.next(), ended);
      if (next === undefined || next.done === true) break;
      const failure = await this.#sendRequest(caller, to, next.value, ended);
      if (failure === undefined) continue;
      this.#open.delete(connection);
      return failure;
    }
    this.#open.delete(connection);
    return new PeerFailure("unreachable", why);
  }

  #sendRequest(caller: Life, to: number, message: LinkRequest, signal: AbortSignal) {
    const batch = batchFromMessage(message);
    if (batch instanceof Refusal) throw new Error(`a batch that is none: ${batch.message}`);
    return this.sendBatch(caller, to, batch, signal);
  }

  /** Undefined once the peer has taken it. */
  async sendBatch(
    caller: Life,
    to: number,
    batch: LinkBatch,
    signal: AbortSignal,
  ): Promise<PeerFailure | undefined> {
    const from = validatorIndex(caller.index);
    const answer = await this.#call(caller, to, {
      name: describe(batch),
      ask: async (api) => (await api.receive(from, batch, signal)) ?? "taken",
      limits: { signal, timeoutMs: Number.MAX_SAFE_INTEGER },
    });
    return answer === "taken" ? undefined : answer;
  }

  #call<T>(
    caller: Life,
    to: number,
    { name, ask, limits }: { name: string; ask: Ask<T>; limits: CallLimits },
  ): Promise<T | PeerFailure> {
    const { clock, listening } = this.#parts;
    const from = caller.index;
    const { timeoutMs = CALL_MS, signal } = limits;
    return new Promise((resolve) => {
      let isOver = false;
      const end = (answer: T | PeerFailure) => {
        if (isOver) return;
        isOver = true;
        cancel();
        signal?.removeEventListener("abort", abort);
        caller.end.signal.removeEventListener("abort", abort);
        this.#open.delete(connection);
        resolve(answer);
      };
      const fail = (why: string) => end(new PeerFailure("unreachable", why));
      const abort = () => fail("given up");
      const connection = { from, to, end: fail };
      this.#open.add(connection);
      const cancel = clock.after(timeoutMs, () => fail("no answer in time"));
      signal?.addEventListener("abort", abort, { once: true });
      caller.end.signal.addEventListener("abort", abort, { once: true });
      if (signal?.aborted === true || caller.end.signal.aborted) return abort();
      this.#carry(
        from,
        to,
        () => isOver,
        () => {
          this.#parts.onArrival(from, to, name);
          const callee = listening(to);
          if (callee?.peers === undefined) return fail("no node listens there");
          ask(callee.peers).then(
            (answer) => {
              if (callee.end.signal.aborted) return;
              this.#carry(
                to,
                from,
                () => isOver,
                () => {
                  this.#parts.onArrival(to, from, `answer to ${name}`);
                  if (!(answer instanceof Refusal)) return end(answer);
                  end(new PeerFailure("refused", answer.message, answer));
                },
              );
            },
            (error: unknown) => {
              callee.fail(error);
              fail("the call failed");
            },
          );
        },
      );
    });
  }

  /**
   * A message that has left arrives, even if its sender dies; a message that waits for the way is dropped with its
   * call.
   */
  #carry(from: number, to: number, isGivenUp: () => boolean, arrive: () => void): void {
    this.#parts.clock.after(this.#delay(), () => {
      const waiting = this.#cuts.get(nameOf(from, to));
      if (waiting === undefined) arrive();
      else
        waiting.push(() => {
          if (!isGivenUp()) this.#carry(from, to, isGivenUp, arrive);
        });
    });
  }

  #delay(): number {
    return this.#parts.random.between(1, this.delayMaxMs);
  }
}

type Ask<T> = (api: PeerApi) => Promise<T | Refusal>;

function nameOf(from: number, to: number): string {
  return `${from} ${to}`;
}

function describe({ consensusMessages, operations, seals }: LinkBatch): string {
  const bytes = [...consensusMessages, ...operations].map((item) => Buffer.from(item));
  return `batch ${seals.length} ${Buffer.concat(bytes).toString("base64")}`;
}

function orAborted<T>(wanted: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const abort = () => resolve(undefined);
    signal.addEventListener("abort", abort, { once: true });
    wanted.finally(() => signal.removeEventListener("abort", abort)).then(resolve, reject);
  });
}
