/** The state of a sink as metrics show it, of each kind. */
export interface SinkState {
  readonly kind: "webhook" | "nats" | "postgres";
  readonly name: string;
  /** Messages that it took, and attempts that failed, since this process began. */
  readonly delivered: number;
  readonly failed: number;
  /** Block time of its oldest message that is known and not delivered, milliseconds since 1970. */
  readonly pendingSince: number | undefined;
  readonly deadLetters: number;
}

/** The sinks of a node. */
export interface ObservedSinks {
  list(): readonly SinkState[];
  /** The wall clock by which messages are late, milliseconds since 1970. */
  now(): number;
}
