/** True if this machine has an IPv6 loopback. Tests that need one are skipped without it, and say so. */
import { createServer } from "node:net";

export const hasIpv6 = await new Promise<boolean>((resolve) => {
  const server = createServer();
  server.once("error", () => resolve(false));
  server.listen(0, "::1", () => server.close(() => resolve(true)));
});

if (!hasIpv6) console.warn("no IPv6 loopback on this machine: what needs one is skipped");
