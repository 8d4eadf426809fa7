/** The reason why a call has no answer, as a reader needs it. */
import { Code, ConnectError } from "@connectrpc/connect";
import { readRefusal } from "../src/transport/errors.ts";

export interface Problem {
  /** `token`: the node asks for a token, or for another one; `scope`: the token may not do this. */
  readonly kind: "token" | "scope" | "absent" | "unreached" | "refused";
  readonly message: string;
  readonly remedy: string;
  readonly scope?: string | undefined;
}

const ABSENT: readonly string[] = ["NOT_FOUND", "UNKNOWN_WALLET"];
const UNREACHED: readonly Code[] = [Code.Unavailable, Code.DeadlineExceeded];

export function problemOf(error: unknown): Problem {
  const read = ConnectError.from(error);
  const { rawMessage: message, code } = read;
  const refusal = readRefusal(read);
  if (refusal === undefined) {
    const remedy = "Look whether the node runs; the page goes on by itself.";
    if (UNREACHED.includes(code)) return { kind: "unreached", message, remedy };
    return { kind: "refused", message, remedy };
  }
  const { reason, remedy = "", metadata = {} } = refusal;
  if (reason === "UNAUTHENTICATED") return { kind: "token", message, remedy };
  if (reason === "PERMISSION_DENIED") {
    return { kind: "scope", message, remedy, scope: metadata["scope"] };
  }
  return { kind: ABSENT.includes(reason) ? "absent" : "refused", message, remedy };
}
