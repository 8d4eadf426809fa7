/** Changes of the bytes of a proof that a seed selects: parts removed, repeated, moved, overwritten, or taken from other proofs. */
import { type Bytes, concatBytes } from "../../src/primitives/bytes.ts";
import { Random } from "../support/world/random.ts";

/** `count` changed copies. `others`: proofs to take parts from. */
export function* byteMutants(
  seed: number,
  bytes: Bytes,
  others: readonly Bytes[],
  count: number,
): Generator<Bytes> {
  const random = new Random(seed);
  for (let i = 0; i < count; i++) {
    const change = CHANGES[i % CHANGES.length] ?? removed;
    yield change(random, bytes, others);
  }
}

type Change = (random: Random, bytes: Bytes, others: readonly Bytes[]) => Bytes;

const below = (random: Random, bound: number) => random.below(Math.max(1, bound));

/** A part of at most 300 bytes, more often a short one. */
function part(random: Random, bytes: Bytes): { readonly from: number; readonly to: number } {
  const from = below(random, bytes.length);
  return { from, to: Math.min(bytes.length, from + 1 + below(random, 2 ** below(random, 9))) };
}

const removed: Change = (random, bytes) => {
  const { from, to } = part(random, bytes);
  return concatBytes(bytes.subarray(0, from), bytes.subarray(to));
};

const repeated: Change = (random, bytes) => {
  const { from, to } = part(random, bytes);
  return concatBytes(bytes.subarray(0, to), bytes.subarray(from));
};

const moved: Change = (random, bytes) => {
  const { from, to } = part(random, bytes);
  const rest = concatBytes(bytes.subarray(0, from), bytes.subarray(to));
  const at = below(random, rest.length);
  return concatBytes(rest.subarray(0, at), bytes.subarray(from, to), rest.subarray(at));
};

const overwritten: Change = (random, bytes) => {
  const { from, to } = part(random, bytes);
  const value = [0, 1, 0x7f, 0x80, 0xff][below(random, 5)] ?? 0;
  return Uint8Array.from(bytes).fill(value, from, to);
};

/** A number that is one more or one less, as a count or a length would be. */
const counted: Change = (random, bytes) => {
  const at = below(random, bytes.length);
  return bytes.with(at, ((bytes[at] ?? 0) + (random.chance(0.5) ? 1 : 255)) & 0xff);
};

const cut: Change = (random, bytes) => bytes.slice(0, below(random, bytes.length));

/** The same place of another proof: those of one network share their layout. */
const mixed: Change = (random, bytes, others) => {
  const other = others[below(random, others.length)] ?? bytes;
  const { from, to } = part(random, bytes);
  return concatBytes(bytes.subarray(0, from), other.slice(from, to), bytes.subarray(to));
};

const joined: Change = (random, bytes, others) => {
  const other = others[below(random, others.length)] ?? bytes;
  const at = below(random, bytes.length);
  return concatBytes(bytes.subarray(0, at), other.subarray(at));
};

const CHANGES: readonly Change[] = [
  removed,
  repeated,
  moved,
  overwritten,
  counted,
  cut,
  mixed,
  joined,
];
