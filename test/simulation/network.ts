/** The simulated network: it loses, repeats, delays and reorders messages, and can be cut into parts. */
import type { EventQueue } from "../support/world/event-queue.ts";
import type { Random } from "../support/world/random.ts";

export interface Weather {
  readonly lossProbability: number;
  readonly repeatProbability: number;
  readonly delayMinMs: number;
  readonly delayMaxMs: number;
}

export class Network<Packet> {
  readonly #events: EventQueue;
  readonly #random: Random;
  readonly #deliver: (from: number, to: number, packet: Packet) => void;
  /** Nodes of different groups do not reach one another. */
  #groups: readonly number[];
  #inFlight = 0;
  weather: Weather;
  /** For scenarios: the exact messages that are lost. */
  loses: (from: number, to: number, packet: Packet) => boolean = () => false;
  /** For scenarios: an additional delay of a message. */
  delays: (packet: Packet, from: number, to: number) => number = () => 0;

  constructor(options: {
    events: EventQueue;
    random: Random;
    nodes: number;
    weather: Weather;
    deliver: (from: number, to: number, packet: Packet) => void;
  }) {
    this.#events = options.events;
    this.#random = options.random;
    this.#deliver = options.deliver;
    this.#groups = new Array<number>(options.nodes).fill(0);
    this.weather = options.weather;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  partition(groups: readonly number[]): void {
    this.#groups = groups;
  }

  reaches(from: number, to: number): boolean {
    return this.#groups[from] === this.#groups[to];
  }

  send(from: number, to: number, packet: Packet): void {
    if (!this.reaches(from, to) || this.loses(from, to, packet)) return;
    const { lossProbability, repeatProbability } = this.weather;
    if (this.#random.chance(lossProbability)) return;
    this.#carry(from, to, packet);
    if (this.#random.chance(repeatProbability)) this.#carry(from, to, packet);
  }

  #carry(from: number, to: number, packet: Packet): void {
    const { delayMinMs, delayMaxMs } = this.weather;
    const delayMs = this.#random.between(delayMinMs, delayMaxMs) + this.delays(packet, from, to);
    this.#inFlight += 1;
    this.#events.after(delayMs, () => {
      this.#inFlight -= 1;
      if (this.reaches(from, to)) this.#deliver(from, to, packet);
    });
  }
}
