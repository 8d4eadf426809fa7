/** The code of an error, as Node and the operating system give it. */

/** Such as "ENOENT"; undefined if the error has none. */
export function errorCode(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
