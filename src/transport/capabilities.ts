/**
 * The capabilities of a node's software: the versions of the peer protocol that it speaks, and the newest ruleset that it
 * knows. Two nodes tell each other before they open a link (T17).
 */

/** Both ends included; `min` is at least 1. */
export interface ProtocolRange {
  readonly min: number;
  readonly max: number;
}

export interface Capabilities {
  readonly protocol: ProtocolRange;
  /** The newest ruleset that the node can execute. */
  readonly rulesetMax: number;
  /** Of its software, for people; empty if it was not stated. */
  readonly version: string;
}

/**
 * The versions that this software speaks. 1: what nodes spoke before they stated a range. 2: registrations carry
 * capabilities, and approvals of rulesets (L30).
 */
export const PROTOCOL: ProtocolRange = { min: 1, max: 2 };

/** From this version on a peer takes approvals of rulesets. */
export const PROTOCOL_OF_APPROVALS = 2;

/** Of a node that states nothing, because its software is older than these statements. */
export const UNSTATED: Capabilities = {
  protocol: { min: 1, max: 1 },
  rulesetMax: 1,
  version: "",
};

/** The highest version that both speak; undefined if there is none. */
export function agreedProtocol(left: ProtocolRange, right: ProtocolRange): number | undefined {
  const highest = Math.min(left.max, right.max);
  return highest < Math.max(left.min, right.min) ? undefined : highest;
}

/** As people read it: "2", or "1 to 2". */
export function describeProtocol({ min, max }: ProtocolRange): string {
  return min === max ? `${min}` : `${min} to ${max}`;
}
