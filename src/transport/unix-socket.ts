/**
 * Opens a Unix socket that only the node's user may use. It removes the socket of a node that was killed, but never
 * one at which another process answers.
 */
import { lstatSync, rmSync } from "node:fs";
import { connect, type Server } from "node:net";
import { errorCode } from "../primitives/error-code.ts";

/** Length of a path in a socket's address, bytes, without its terminator (unix(7)). */
export const SOCKET_PATH_BYTES_MAX = 107;

/** A socket cannot be opened at the path; the message is a clause that follows the path, with the remedy. */
export class SocketProblem extends Error {
  override readonly name = "SocketProblem";
  /** Another process listens there. */
  readonly isInUse: boolean;

  constructor(message: string, isInUse = false) {
    super(message);
    this.isInUse = isInUse;
  }
}

/** The mask under which the socket is made: others get no permissions. */
const OWNER_ONLY = 0o177;

/** Throws SocketProblem. */
export async function listenOnSocket(server: Server, path: string): Promise<void> {
  const length = Buffer.byteLength(path);
  if (length > SOCKET_PATH_BYTES_MAX) {
    throw new SocketProblem(
      `has ${length} bytes, and the path of a socket at most ${SOCKET_PATH_BYTES_MAX}; name a shorter one`,
    );
  }
  try {
    await listenAt(server, path);
  } catch (error) {
    if (codeOf(error) !== "EADDRINUSE") throw problemOf(error);
    await removeStale(path);
    await listenAt(server, path).catch((again: unknown) => {
      throw problemOf(again);
    });
  }
}

/** Node binds before `listen` returns, so no other file of the program is made under the mask. */
function listenAt(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    const mask = process.umask(OWNER_ONLY);
    try {
      server.listen(path, () => {
        server.off("error", reject);
        resolve();
      });
    } finally {
      process.umask(mask);
    }
  });
}

/** Only the socket of a process that has ended refuses connections. */
async function removeStale(path: string): Promise<void> {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() === false) {
    throw new SocketProblem("is there and is no socket; move it away, or name another path");
  }
  const answer = await tryConnect(path);
  if (answer === "ENOENT") return;
  if (answer === "ECONNREFUSED") {
    rmSync(path, { force: true });
    return;
  }
  const how = answer === undefined ? "answers there" : `seems to be there (${answer})`;
  throw new SocketProblem(`is in use: another process ${how}; end it, or name another path`, true);
}

/** The code of the error; undefined if the connection was accepted. */
function tryConnect(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.once("error", (error) => resolve(codeOf(error) ?? error.message));
  });
}

function problemOf(error: unknown): unknown {
  const code = codeOf(error);
  if (code === undefined) return error;
  return new SocketProblem(
    `cannot be opened (${code}); name a path in a folder that is there and that this user may write to`,
  );
}

function codeOf(error: unknown): string | undefined {
  const code = errorCode(error);
  return typeof code === "string" ? code : undefined;
}
