/** Many hostile requests at a time, each drawn from the seed and its number, sent, and judged. */
import { Random } from "../../support/world/random.ts";
import {
  addressFor,
  askHttp1,
  type Connections,
  describeRequest,
  type Exchange,
  type Place,
} from "./exchange.ts";
import type { Judge } from "./judge.ts";
import type { HostileRequest } from "./requests.ts";

export interface Fuzz {
  readonly seed: number;
  /** Numbers of the requests: from the first on, this many. */
  readonly first: number;
  readonly count: number;
  readonly draw: (random: Random, number: number) => HostileRequest;
  readonly judge: Judge;
  readonly atOnce: number;
  readonly send: (request: HostileRequest, number: number) => Promise<Exchange>;
}

export interface Tally {
  readonly outcomes: Readonly<Record<string, number>>;
  /** The first ones, each with the number of its request. */
  readonly faults: readonly string[];
}

const FAULTS_SHOWN = 10;

export async function fuzz(options: Fuzz): Promise<Tally> {
  const { seed, first, count, draw, judge, atOnce, send } = options;
  const outcomes = new Map<string, number>();
  const faults: string[] = [];
  let next = first;
  const work = async () => {
    while (next < first + count && faults.length < FAULTS_SHOWN) {
      const number = next++;
      const request = draw(new Random(seed, number), number);
      const { outcome, fault } = judge.judge(request, await send(request, number));
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      if (fault !== undefined) faults.push(`${number}: ${fault}: ${describeRequest(request)}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return { outcomes: Object.fromEntries([...outcomes].sort()), faults };
}

/** Mostly over connections that stay open; some over HTTP/1.1, with a connection for each. */
export function overBoth(connections: Connections, place: Place, http1Every: number): Fuzz["send"] {
  return (request, number) =>
    number % http1Every === 0 || request.credential.http1Only === true
      ? askHttp1(place, request, addressFor(number))
      : connections.send(request, number);
}
