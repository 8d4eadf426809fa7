/** The options of a program: what they are, or undefined after their fault and the usage are printed. */
export function optionsOr<T>(usage: string, read: (args: readonly string[]) => T): T | undefined {
  try {
    return read(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
    return undefined;
  }
}
