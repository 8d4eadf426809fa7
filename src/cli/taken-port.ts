/** Checks that ports on loopback are free, before any node is started. */
import { createServer } from "node:net";

/** The first of `ports` that is not free, and why; undefined if all are free. */
export async function takenPort(
  ports: readonly number[],
): Promise<{ port: number; why: string } | undefined> {
  for (const port of ports) {
    const why = await tryListen(port);
    if (why !== undefined) return { port, why };
  }
  return undefined;
}

function tryListen(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host: "127.0.0.1", port, exclusive: true }, () => {
      server.close(() => resolve(undefined));
    });
  });
}
