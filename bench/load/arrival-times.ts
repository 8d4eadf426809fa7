/** The random times of an open load: a Poisson process, the same for the same seed. */

/** Gives the next time at which an operation is due, milliseconds after the begin of the load; ascending. */
export function arrivalTimes(perSecond: number, seed: number): () => number {
  if (!(perSecond > 0)) throw new RangeError(`a rate above 0 is needed, not ${perSecond}`);
  const random = splitMix32(seed);
  let atMs = 0;
  return () => {
    // 1 − u is above 0, so the logarithm is finite.
    atMs += (-Math.log(1 - random()) * 1000) / perSecond;
    return atMs;
  };
}

/** SplitMix with 32 bits of state (Steele, Lea, Flood 2014): numbers from 0 to below 1. */
function splitMix32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}
