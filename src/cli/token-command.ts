/** `countersign token create`, `list` and `revoke`: bearer tokens of one running node, by its operator's socket. */
import { toJson } from "@bufbuild/protobuf";
import {
  CreateTokenResponseSchema,
  ListTokensResponseSchema,
  RevokeTokenResponseSchema,
  type Token,
} from "../../gen/countersign/v1/operator_service_pb.ts";
import { isScope, SCOPES } from "../access/scope.ts";
import { TOKEN_NAME } from "../access/token.ts";
import { formatTime } from "../transport/iso-time.ts";
import { usage } from "./arguments.ts";
import { EXIT } from "./command.ts";
import { CONFIG_OPTION } from "./config-option.ts";
import { defineCommand } from "./define-command.ts";
import { withOperator } from "./operator-access.ts";
import { formatTable } from "./table.ts";

const NEVER = "never";
const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };
const HEADS = ["id", "name", "scopes", "made", "expires", "last used", "state"];

export const tokenCreate = defineCommand({
  name: "token create",
  example:
    "countersign token create --config node1/config.json --name payments --scopes read,submit",
  details:
    "The token is shown once: the node keeps its hash alone. It holds from the next call on, without a start. Write it to a " +
    "file that only its holder may read (umask 077).",
  operands: [],
  options: {
    config: CONFIG_OPTION,
    name: { kind: "text", value: "NAME", summary: "of the holder; the principal is token:NAME" },
    scopes: { kind: "text", value: "LIST", summary: `separated by commas: ${SCOPES.join(", ")}` },
    "expires-in": {
      kind: "text",
      value: "TIME",
      summary: `such as 30m, 12h or 90d; or ${NEVER}`,
      fallback: "90d",
    },
    further: {
      kind: "flag",
      summary: "one more token of a name that has one: the same principal, with the same wallets",
    },
  },
  run: async ({ values }, terminal) => {
    const { name, further } = values;
    if (name === undefined || !TOKEN_NAME.test(name)) {
      const given = name === undefined ? "is missing" : `is "${name}"`;
      throw usage(
        `token create: --name ${given}; give 1 to 64 letters, digits, dots, dashes and underscores`,
      );
    }
    const scopes = scopesOf(values.scopes);
    const inMs = durationOf(values["expires-in"]);
    const expiry = inMs === undefined ? {} : { expiresAt: BigInt(Date.now() + inMs) };
    const made = await withOperator("token create", values.config, (calls) =>
      calls.createToken({ name, scopes, further, ...expiry }),
    );
    const { id = "", expiresAt } = made.token ?? {};
    terminal.note(
      `Token ${id} of token:${name}, scopes ${scopes.join(", ")}, ${until(expiresAt)}.`,
    );
    terminal.answer({
      value: toJson(CreateTokenResponseSchema, made, { alwaysEmitImplicit: true }),
      text: made.text,
    });
    return EXIT.ok;
  },
});

export const tokenList = defineCommand({
  name: "token list",
  example: "countersign token list --config node1/config.json",
  details:
    "The last use is told to the minute. Tokens that were revoked or have expired are shown too; of more than 1,000 the oldest " +
    "are forgotten.",
  operands: [],
  options: { config: CONFIG_OPTION },
  run: async ({ values }, terminal) => {
    const answer = await withOperator("token list", values.config, (calls) => calls.listTokens({}));
    terminal.answer({
      value: toJson(ListTokensResponseSchema, answer, { alwaysEmitImplicit: true }),
      text: answer.tokens.length === 0 ? "The node has no tokens." : tableOf(answer.tokens),
    });
    return EXIT.ok;
  },
});

export const tokenRevoke = defineCommand({
  name: "token revoke",
  example: "countersign token revoke payments --config node1/config.json",
  details:
    "Revokes the token of this id, or all tokens of this name; no later call is let in by them. The id of a token that was found " +
    'somewhere is the beginning of its hash: printf %s "$TOKEN" | sha256sum | cut -c1-12.',
  operands: [{ name: "TOKEN", summary: "id or name, as countersign token list shows it" }],
  options: { config: CONFIG_OPTION },
  run: async ({ values, operands }, terminal) => {
    const [token = ""] = operands;
    const answer = await withOperator("token revoke", values.config, (calls) =>
      calls.revokeToken({ token }),
    );
    terminal.answer({
      value: toJson(RevokeTokenResponseSchema, answer, { alwaysEmitImplicit: true }),
      text: `Revoked: ${answer.tokens.map(({ id, name }) => `${name} (${id})`).join(", ")}.`,
    });
    return EXIT.ok;
  },
});

function scopesOf(list: string | undefined): string[] {
  const known = SCOPES.join(", ");
  if (list === undefined) throw usage(`token create: --scopes is missing; give some of ${known}`);
  const scopes = list.split(",").map((scope) => scope.trim());
  const wrong = scopes.find((scope) => !isScope(scope));
  if (wrong === undefined) return scopes;
  throw usage(`token create: --scopes has "${wrong}", which is no scope; give some of ${known}`);
}

/** Milliseconds; undefined for a token that does not expire. */
function durationOf(text: string): number | undefined {
  if (text === NEVER) return undefined;
  const [, digits, unit = ""] = /^([1-9]\d{0,5})([mhd])$/.exec(text) ?? [];
  const ms = Number(digits) * (UNITS[unit] ?? Number.NaN);
  if (Number.isSafeInteger(ms)) return ms;
  throw usage(
    `token create: --expires-in is "${text}"; give a time such as 30m, 12h or 90d, or ${NEVER}`,
  );
}

function tableOf(tokens: readonly Token[]): string {
  const rows = tokens.map((token) => [
    token.id,
    token.name,
    token.scopes.join(","),
    timeOf(token.createdAt),
    token.expiresAt === undefined ? NEVER : timeOf(token.expiresAt),
    token.lastUsedAt === undefined ? NEVER : timeOf(token.lastUsedAt),
    stateOf(token),
  ]);
  return formatTable(HEADS, rows);
}

function stateOf({ revokedAt, expiresAt }: Token): string {
  if (revokedAt !== undefined) return `revoked ${timeOf(revokedAt)}`;
  return expiresAt !== undefined && expiresAt <= BigInt(Date.now()) ? "expired" : "holds";
}

function until(expiresAt: bigint | undefined): string {
  return expiresAt === undefined ? "does not expire" : `expires ${timeOf(expiresAt)}`;
}

function timeOf(at: bigint): string {
  return formatTime(Number(at));
}
