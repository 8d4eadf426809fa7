/** What the attacked process and the test tell one another. */

/** The member that is the test. */
export const HOSTILE = 3;
export const HONEST = [0, 1, 2] as const;

/** Where to attack, and with what. */
export interface Places {
  /** Hex. */
  readonly networkId: string;
  /** Of each honest node. */
  readonly peerPorts: readonly number[];
  readonly clientPorts: readonly number[];
  /** Valid messages of the hostile member, by method: base64 of protobuf. */
  readonly seen: Readonly<Record<string, readonly string[]>>;
  readonly height: number;
}

export interface VictimState {
  /** In use after garbage collection, buffers outside the heap included. */
  readonly heapBytes: number;
  /** State roots of the honest nodes at one height. */
  readonly roots: readonly string[];
  /** Records of evidence that each honest node keeps. */
  readonly evidence: readonly number[];
  /** Exceptions, failures of calls and failures of nodes. */
  readonly problems: readonly string[];
}
