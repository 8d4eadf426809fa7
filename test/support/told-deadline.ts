/** Deadlines that do not depend on how busy the machine of the test is. */

/**
 * Options of a call whose deadline its node is told, and only the node keeps: the call itself waits for what the node
 * then says, however busy the machine is.
 */
export function toldDeadline(ms: number) {
  return { timeoutMs: 0, headers: { "connect-timeout-ms": String(ms) } };
}
