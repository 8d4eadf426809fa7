/**
 * A router that maps ports, as a program of its own: what connects to one place is connected to another. Arguments:
 * HOST PORT TOHOST TOPORT, as often as there are mappings. Says "mapped" when it listens.
 */
import { once } from "node:events";
import { connect, createServer } from "node:net";

const args = process.argv.slice(2);
while (args.length > 0) {
  const [host, port, toHost, toPort] = args.splice(0, 4);
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ host: toHost ?? "", port: Number(toPort), allowHalfOpen: true });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.setNoDelay(true);
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
      one.pipe(other);
    }
  });
  server.listen(Number(port), host);
  await once(server, "listening");
}
console.log("mapped");
