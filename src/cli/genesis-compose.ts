/** `countersign genesis compose`: builds the genesis from the members' public files; the same files give the same bytes. */
import { existsSync } from "node:fs";
import { CREATED_AT_BOUNDS, type Genesis, networkIdOf } from "../ledger/genesis.ts";
import { GenesisError } from "../ledger/genesis-error.ts";
import { formatGenesis, parseGenesis } from "../ledger/genesis-json.ts";
import { ALL_RULES } from "../ledger/rulesets.ts";
import { isValidPoint, sha256 } from "../node/base/crypto.ts";
import { fromHex, toHex, utf8 } from "../primitives/bytes.ts";
import { LIMITS } from "../primitives/limits.ts";
import { validatorIndex } from "../primitives/numbers.ts";
import type { PublicKey } from "../primitives/signature.ts";
import { PUBLIC_FILE_MODE, writeFileDurably } from "../storage/atomic-file.ts";
import { parseWhole, usage } from "./arguments.ts";
import { CommandError, EXIT } from "./command.ts";
import { defineCommand } from "./define-command.ts";
import {
  CEREMONY_TIMEOUT_MS_MAX,
  DEFAULT_LIMITS,
  OPERATORS_CEREMONY_TIMEOUT_MS,
  timingsFor,
} from "./genesis-rules.ts";
import { describeGenesis } from "./genesis-summary.ts";
import { type MemberFile, readMember } from "./member-file.ts";

const NAME = "genesis compose";

export const genesisCompose = defineCommand({
  name: NAME,
  example: "countersign genesis compose alpha/member.json bravo/member.json --issuers alpha",
  details:
    "Members are sorted by name, so every operator can compose the same genesis. Before " +
    "any node starts, all operators must compare their network ids (countersign genesis " +
    "hash).",
  operands: [
    { name: "MEMBER", summary: "member.json of each node, as keygen wrote it", repeated: true },
  ],
  options: {
    assets: {
      kind: "text",
      value: "LIST",
      summary: "currencies and their decimals",
      fallback: "EUR:2",
    },
    issuers: {
      kind: "text",
      value: "LIST",
      summary:
        "keys that may create money: node names (for their custody keys) or keys in " +
        "hexadecimal",
    },
    "created-at": {
      kind: "text",
      value: "MS",
      summary:
        "time of height 0, milliseconds since 1970 (default: now; agree on one to compose alike)",
    },
    "ceremony-timeout": {
      kind: "text",
      value: "MS",
      summary:
        "how long the ceremony waits for members that are not up; a member that comes " +
        "later never gets a share of the group key",
      fallback: `${OPERATORS_CEREMONY_TIMEOUT_MS}`,
    },
    out: { kind: "text", value: "FILE", summary: "file to write", fallback: "genesis.json" },
  },
  run: async ({ values, operands }, terminal) => {
    const members = operands.map((path) => readMember(NAME, path));
    members.sort((left, right) => (left.id < right.id ? -1 : 1));
    const createdAt = values["created-at"];
    const what = `${NAME}: --created-at, in milliseconds since 1970,`;
    const bounds = { what, ...CREATED_AT_BOUNDS };
    const genesis: Genesis = {
      createdAt: createdAt === undefined ? Date.now() : parseWhole(createdAt, bounds),
      validators: members.map((member, index) => ({ index: validatorIndex(index), ...member })),
      assets: values.assets.split(",").map(readAsset),
      issuers: readIssuers(members, values.issuers),
      limits: DEFAULT_LIMITS,
      timings: timingsFor(readCeremonyTimeout(values["ceremony-timeout"])),
      rulesets: ALL_RULES,
    };
    const text = formatGenesis(genesis);
    const checked = parseGenesis(isValidPoint, text);
    if (checked instanceof GenesisError) throw new CommandError(`${NAME}: ${checked.message}`);
    if (existsSync(values.out)) {
      throw new CommandError(
        `${NAME}: ${values.out} exists, and a network may use it; give --out for another file`,
      );
    }
    await writeFileDurably(values.out, utf8(text), PUBLIC_FILE_MODE);
    const networkId = toHex(networkIdOf(sha256, checked));
    terminal.answer({
      value: { file: values.out, networkId },
      text: `Written to ${values.out}.\n\n${describeGenesis(checked)}`,
    });
    return EXIT.ok;
  },
});

function readCeremonyTimeout(text: string): number {
  const what = `${NAME}: --ceremony-timeout`;
  return parseWhole(text, { what, min: 1_000, max: CEREMONY_TIMEOUT_MS_MAX });
}

function readAsset(text: string): { code: string; scale: number } {
  const [code = "", scale = ""] = text.split(":");
  const what = `${NAME}: the decimals of asset "${text}"`;
  return { code, scale: parseWhole(scale, { what, min: 0, max: LIMITS.assetScaleMax }) };
}

function readIssuers(members: readonly MemberFile[], list: string | undefined): PublicKey[] {
  if (list === undefined) {
    const names = members.map(({ id }) => id).join(",");
    throw usage(`${NAME}: --issuers is missing; name who may create money, for example ${names}`);
  }
  return list.split(",").map((name) => {
    const member = members.find(({ id }) => id === name);
    const key = member?.custodyKey ?? fromHex(name);
    if (key !== undefined) return key;
    throw usage(`${NAME}: issuer "${name}" is neither a member's name nor a key in hexadecimal`);
  });
}
