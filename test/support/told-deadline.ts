/** Deadlines that do not depend on the load of the test's machine. */

/**
 * Options of a call whose deadline only the node enforces: the call itself waits for the node's answer, however busy
 * the machine is.
 */
export function toldDeadline(ms: number) {
  return { timeoutMs: 0, headers: { "connect-timeout-ms": String(ms) } };
}
