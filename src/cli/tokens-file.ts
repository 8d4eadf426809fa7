/** The tokens that commands show to nodes: a file with one line for each node, so that no node sees the token of another. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { isSignedJwt } from "../access/access-token.ts";
import { isTokenText } from "../access/token.ts";
import { shellWord } from "../primitives/shell-word.ts";
import { CommandError } from "./command.ts";

/** In the folder of the network. */
const TOKENS_FILE = "tokens";
const OTHERS = 0o077;

/** By the node's id in the genesis; empty if no file is named and the network's folder has none. */
export function readTokens(
  command: string,
  { network, tokens }: { readonly network: string; readonly tokens?: string | undefined },
  nodes: readonly string[],
): ReadonlyMap<string, string> {
  const file = tokens ?? join(network, TOKENS_FILE);
  if (tokens === undefined && !existsSync(file)) return new Map();
  const found = new Map<string, string>();
  for (const [place, line] of readLines(command, file).entries()) {
    if (line.trim() === "") continue;
    const [node = "", token = "", ...more] = line.trim().split(/\s+/);
    // The line itself may hold a secret, and is not shown.
    const where = `${command}: ${file}, line ${place + 1}`;
    if (!nodes.includes(node)) {
      throw new CommandError(
        `${where} does not begin with a node of the genesis: ${nodes.join(", ")}`,
      );
    }
    if (!(isTokenText(token) || isSignedJwt(token)) || more.length > 0) {
      throw new CommandError(
        `${where} holds no token behind ${node}; write: ${node} cs_…, or an access token (eyJ…)`,
      );
    }
    if (found.has(node)) throw new CommandError(`${where} is the second one of ${node}; keep one`);
    found.set(node, token);
  }
  return found;
}

function readLines(command: string, file: string): string[] {
  if (!existsSync(file)) {
    // What was given instead of a file may be a token.
    throw new CommandError(
      `${command}: --tokens names no file that is there; it takes a file with one line for each node: NODE TOKEN`,
    );
  }
  let text: string;
  let mode: number;
  try {
    mode = statSync(file).mode & 0o777;
    text = readFileSync(file, "utf8");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandError(`${command}: the tokens cannot be read (${why}); see --tokens FILE`);
  }
  if ((mode & OTHERS) === 0) return text.split("\n");
  throw new CommandError(
    `${command}: ${file} can be read by others (mode 0${mode.toString(8)}); run: chmod 600 ${shellWord(file)}`,
  );
}
