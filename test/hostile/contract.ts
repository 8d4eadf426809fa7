/** Messages between the test and the attacked process. */

/** The index of the member that the test plays. */
export const HOSTILE = 3;
export const HONEST = [0, 1, 2] as const;

/** The targets of the attack and the material for it. */
export interface Places {
  /** Hex. */
  readonly networkId: string;
  /** One entry for each honest node. */
  readonly peerPorts: readonly number[];
  readonly clientPorts: readonly number[];
  /** Valid messages of the hostile member, by method: base64 of protobuf. */
  readonly seen: Readonly<Record<string, readonly string[]>>;
  readonly height: number;
}

export interface VictimState {
  /** Bytes in use after garbage collection, including buffers outside the heap. */
  readonly heapBytes: number;
  /** State roots of the honest nodes at one height. */
  readonly roots: readonly string[];
  /** Number of evidence records in each honest node. */
  readonly evidence: readonly number[];
  /** Uncaught exceptions, failures of calls and failures of nodes. */
  readonly problems: readonly string[];
}
