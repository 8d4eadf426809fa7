/**
 * Virtual time: events in the order of their times; events of the same time in the order in which they were
 * scheduled.
 */

interface Event {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

export class EventQueue {
  readonly #heap: Event[] = [];
  #order = 0;
  #now: number;

  constructor(start: number) {
    this.#now = start;
  }

  /** Milliseconds of virtual time. */
  get now(): number {
    return this.#now;
  }

  after(delayMs: number, run: () => void): void {
    this.#push({ at: this.#now + Math.max(0, delayMs), order: this.#order++, run });
  }

  /** Runs all events up to `until`, including those scheduled meanwhile, and sets the time to `until`. */
  runUntil(until: number): void {
    while (this.runNext(until));
    this.#now = until;
  }

  /** Runs the first event up to `until` and sets the time to it; false if there is none. */
  runNext(until: number): boolean {
    const first = this.#heap[0];
    if (first === undefined || first.at > until) return false;
    this.#pop();
    this.#now = first.at;
    first.run();
    return true;
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !before(event, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = event;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = at * 2 + 1;
      const child = this.#smaller(left, left + 1);
      const below = heap[child];
      if (below === undefined || !before(below, last)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
  }

  #smaller(left: number, right: number): number {
    const first = this.#heap[left];
    const second = this.#heap[right];
    return first !== undefined && second !== undefined && before(second, first) ? right : left;
  }
}

function before(left: Event, right: Event): boolean {
  return left.at < right.at || (left.at === right.at && left.order < right.order);
}
