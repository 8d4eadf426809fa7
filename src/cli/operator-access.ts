/** Gives the operator's commands access to a running node: by the socket that its configuration names. */
import { Agent } from "node:http";
import { type Client, Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { OperatorService } from "../../gen/countersign/v1/operator_service_pb.ts";
import { followRetryHints, PATIENCE } from "../client/retry-hints.ts";
import { loadConfig, type NodeConfig } from "../node/files/config.ts";
import { LIMITS } from "../primitives/limits.ts";
import { printable } from "../primitives/printable.ts";
import { readRefusal } from "../transport/errors.ts";
import { describeRefusal, rootOf } from "./calls.ts";
import { CommandError, EXIT } from "./command.ts";
import { configFile } from "./config-option.ts";

export type OperatorCalls = Client<typeof OperatorService>;

const TIMEOUT_MS = 30_000;
/** Codes of a socket at which no node listens. */
const NOBODY_THERE: ReadonlySet<unknown> = new Set(["ENOENT", "ECONNREFUSED"]);

/** Runs `use` with the calls of the node that the configuration in `file` is of. */
export async function withOperator<T>(
  command: string,
  file: string | undefined,
  use: (calls: OperatorCalls) => Promise<T>,
): Promise<T> {
  const config = loadConfig(configFile(command, file));
  return await withOperatorOf(command, config, use);
}

export async function withOperatorOf<T>(
  command: string,
  { operatorListen, file }: NodeConfig,
  use: (calls: OperatorCalls) => Promise<T>,
): Promise<T> {
  const path = operatorListen.socket?.path;
  if (path === undefined) {
    throw new CommandError(
      `${command}: ${file} names no socket for its operator; add one to "operatorListen", such as unix:operator.sock, and ` +
        "start the node again",
    );
  }
  const agent = new Agent({ keepAlive: false });
  const transport = createConnectTransport({
    baseUrl: "http://localhost",
    httpVersion: "1.1",
    nodeOptions: { socketPath: path, agent },
    readMaxBytes: LIMITS.operatorAnswerBytesMax,
    defaultTimeoutMs: TIMEOUT_MS,
    interceptors: [followRetryHints(PATIENCE, Math.random)],
  });
  try {
    return await use(createClient(OperatorService, transport));
  } catch (error) {
    throw error instanceof ConnectError ? failureOf(error, { command, file, path }) : error;
  } finally {
    agent.destroy();
  }
}

/** True if no node listens at the socket. */
export function isNotRunning(error: unknown): boolean {
  return error instanceof NotRunning;
}

class NotRunning extends CommandError {}

function failureOf(
  error: ConnectError,
  {
    command,
    file,
    path,
  }: { readonly command: string; readonly file: string; readonly path: string },
): CommandError {
  const refusal = readRefusal(error);
  if (refusal !== undefined) {
    const { remedy = "" } = refusal;
    const text = `${command}: the node refused: ${describeRefusal(refusal)}. ${remedy}`;
    return new CommandError(text.trimEnd(), EXIT.refused);
  }
  if (NOBODY_THERE.has(codeUnder(error))) {
    return new NotRunning(
      `${command}: no node listens at ${path}; start it by countersign node --config ${file}`,
    );
  }
  const why = error.code === Code.DeadlineExceeded ? printable(error.rawMessage) : rootOf(error);
  return new CommandError(
    `${command}: the node at ${path} cannot be asked (${why}); run this as the user that it runs as`,
  );
}

function codeUnder({ cause }: ConnectError): unknown {
  for (let one = cause; one instanceof Error; one = one.cause) {
    if ("code" in one) return one.code;
  }
  return undefined;
}
