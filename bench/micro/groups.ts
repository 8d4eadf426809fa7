/** The names of the groups of micro-benchmarks: a file of this folder each. */
export const MICRO_GROUPS = [
  "codec",
  "check",
  "work",
  "receipt",
  "proof",
  "hash",
  "ledger",
  "trie",
  "seal",
  "store",
  "list",
  "link",
] as const;

export type MicroGroup = (typeof MICRO_GROUPS)[number];
