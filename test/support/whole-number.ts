/** Whole numbers among the options of a program. */

export interface NumberRange {
  readonly name: string;
  readonly min?: number;
  readonly max?: number;
}

/** Throws an error that names the option and its range. */
export function wholeNumber(text: string, range: NumberRange): number {
  const { name, min = 0, max = 999_999_999 } = range;
  const number = Number(text);
  if (/^[0-9]+$/.test(text) && number >= min && number <= max) return number;
  throw new Error(`${name} is a whole number from ${min} to ${max}, not "${text}"`);
}
