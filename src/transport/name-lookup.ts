/**
 * Resolves the names of peers (T16). An unanswered question holds a thread of the pool that the store also uses, so
 * each name has one question at a time, for which every dial waits a bounded time. While the resolver fails, the last
 * addresses of a name are used: a peer proves its identity, so an old address does no harm.
 */
import { promises as dns, type LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import { startTimer } from "./timers.ts";

export interface NameLookupParts {
  /** Milliseconds; only differences matter. */
  readonly now: () => number;
  /** Every address of a name, the preferred ones first; rejects if there is none. Default: the system's resolver. */
  readonly resolve?: (name: string) => Promise<readonly LookupAddress[]>;
  /** The longest wait of one dial for an answer, milliseconds. */
  readonly waitMs?: number;
}

/** Less than the time of a dial, so that time is left to connect to an older address. */
const WAIT_MS = 2_000;
/** The time after a failure in which the name is not asked about again. */
const FAILURE_KEPT_MS = 1_000;

interface Name {
  /** The last addresses that the resolver gave. */
  addresses: readonly LookupAddress[];
  failure: { readonly error: Error; readonly at: number } | undefined;
  /** Settles, without an error, with the open question. */
  asked: { readonly answer: Promise<void>; readonly since: number } | undefined;
}

export class NameLookup {
  readonly #parts: NameLookupParts;
  /** The number of names in the genesis and the configuration. */
  readonly #names = new Map<string, Name>();

  constructor(parts: NameLookupParts) {
    this.#parts = parts;
  }

  /** The address in the form of sockets. */
  readonly lookup: LookupFunction = (name, { all, family }, callback) => {
    this.addresses(name).then(
      (addresses) => {
        const fitting = addresses.filter((one) => !Number(family) || one.family === Number(family));
        const [first] = fitting;
        if (first === undefined) callback(failure(name, "has no address of that family"), []);
        else if (all === true) callback(null, [...fitting]);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, []),
    );
  };

  /** Rejects if the name has no address, or if none is known in time. */
  async addresses(name: string): Promise<readonly LookupAddress[]> {
    const { now, waitMs = WAIT_MS } = this.#parts;
    const known = this.#nameOf(name);
    const failedAt = known.failure?.at ?? Number.NEGATIVE_INFINITY;
    if (known.asked !== undefined || now() - failedAt >= FAILURE_KEPT_MS) {
      known.asked ??= { answer: this.#ask(name, known), since: now() };
      const { answer, since } = known.asked;
      const inTime = await isOver(answer, Math.max(0, since + waitMs - now()));
      if (inTime && known.failure === undefined) return known.addresses;
    }
    if (known.addresses.length > 0) return known.addresses;
    throw known.failure?.error ?? failure(name, "gets no answer from the resolver");
  }

  #nameOf(name: string): Name {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    const unknown: Name = { addresses: [], failure: undefined, asked: undefined };
    this.#names.set(name, unknown);
    return unknown;
  }

  async #ask(name: string, known: Name): Promise<void> {
    const { now, resolve = resolveBySystem } = this.#parts;
    try {
      const addresses = await resolve(name);
      if (addresses.length === 0) throw failure(name, "has no address");
      known.addresses = addresses;
      known.failure = undefined;
    } catch (error) {
      known.failure = {
        error: error instanceof Error ? error : new Error(String(error)),
        at: now(),
      };
    }
    known.asked = undefined;
  }
}

function resolveBySystem(name: string): Promise<LookupAddress[]> {
  return dns.lookup(name, { all: true });
}

/** True if `answer` settles within `waitMs`. */
async function isOver(answer: Promise<void>, waitMs: number): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const cancel = startTimer(waitMs, () => late.resolve(false));
  const inTime = await Promise.race([answer.then(() => true), late.promise]);
  cancel();
  return inTime;
}

function failure(name: string, problem: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`the name ${name} ${problem}`), { code: "ENOTFOUND" });
}
