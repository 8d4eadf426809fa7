/** The comments of proto/ as one page: services, calls with examples, messages, fields, enums, refusals. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { fromBinary, isFieldSet } from "@bufbuild/protobuf";
import {
  type DescriptorProto,
  type EnumDescriptorProto,
  type FieldDescriptorProto,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FieldDescriptorProtoSchema,
  type FileDescriptorProto,
  FileDescriptorSetSchema,
  MethodOptions_IdempotencyLevel,
  type ServiceDescriptorProto,
} from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import { codeToHttpStatus } from "@connectrpc/connect/protocol-connect";
import { REASONS } from "../../src/transport/errors.ts";
import { PLAIN_PATHS } from "../../src/transport/plain-paths.ts";
import { exampleOf } from "./api-examples.ts";

const ROOT = join(import.meta.dirname, "../..");
const BUF = join(ROOT, "node_modules/.bin/buf");
/** Descriptor bytes with comments. */
const BYTES_MAX = 16 * 1024 * 1024;
const PACKAGE = "countersign.v1";

/** Numbers of the fields of FileDescriptorProto and its parts, of which paths to comments are made. */
const AT = { message: 4, enum: 5, service: 6, field: 2, method: 2, value: 2, syntax: 12 } as const;

/** Zero is a place too, so presence decides. */
const ONEOF_INDEX = FieldDescriptorProtoSchema.field.oneofIndex;

export async function apiReference(): Promise<string> {
  const { stdout } = await promisify(execFile)(BUF, ["build", "proto", "-o", "-"], {
    cwd: ROOT,
    encoding: "buffer",
    maxBuffer: BYTES_MAX,
  });
  const { file } = fromBinary(FileDescriptorSetSchema, stdout);
  const own = file.filter((one) => one.package === PACKAGE);
  const order = ["ledger_service", "operator_service", "peer_service", "types"];
  const rank = ({ name }: FileDescriptorProto) => order.findIndex((part) => name.includes(part));
  own.sort((left, right) => rank(left) - rank(right));
  const pages = own.map((one) => new Page(one));
  const rules = pages.map((page) => page.rules()).filter((text) => text !== "");
  const parts = ["## For every message", ...rules, ...pages.flatMap((page) => page.sections())];
  return `${HEAD}\n${[...parts, refusals()].join("\n\n")}\n`;
}

const HEAD = `# API reference

Generated from the comments in [proto/countersign/v1](../proto/countersign/v1) by \`npm run generate\`; change them there. How to
sign, and what a receipt proves: [signing.md](signing.md). JSON names are those of the table; 64-bit numbers are texts in
JSON. In the examples the bytes are made up, and answers leave fields out.

## Ways to call

Over JSON, every call but a stream is a POST (curl); the events of the ledger have \`GET /events\` ([reading.md](reading.md#follow)). gRPC server reflection serves the contracts, so these two need no files:

\`\`\`sh
grpcurl -cacert .countersign/ca.pem -d '{}' 127.0.0.1:7001 countersign.v1.LedgerService/GetNetwork
buf curl --cacert .countersign/ca.pem -d '{}' https://127.0.0.1:7001/countersign.v1.LedgerService/GetNetwork
\`\`\`

A node that has \`access\` in its configuration also wants a token ([access.md](access.md)), as the header \`authorization\`: for
grpcurl and curl \`-H "authorization: Bearer $(cat payments.token)"\`, for \`buf curl\` the same as \`--header\`. The operator's calls are
served at a socket, to its user:

\`\`\`sh
curl --unix-socket alpha/operator.sock -H 'content-type: application/json' -d '{}' \\
  http://localhost/countersign.v1.OperatorService/GetNodeStatus
\`\`\`

Clients are generated from \`proto/\` by buf or protoc: TypeScript by this repository (\`gen/\`, the package's \`./gen/*\`), Go with
the contracts' own \`go_package\`, Python by \`buf generate\` with any plugin for it.
`;

class Page {
  readonly #file: FileDescriptorProto;
  readonly #comments = new Map<string, string>();

  constructor(file: FileDescriptorProto) {
    this.#file = file;
    for (const { path, leadingComments } of file.sourceCodeInfo?.location ?? []) {
      const text = leadingComments
        .split("\n")
        .map((line) => line.trim())
        .join("\n")
        .trim();
      if (text !== "") this.#comments.set(path.join("."), text);
    }
  }

  /** The comment at the head of the file. */
  rules(): string {
    return this.#comment([AT.syntax]);
  }

  sections(): string[] {
    const { service, messageType, enumType } = this.#file;
    return [
      ...service.map((one, i) => this.#service(one, [AT.service, i])),
      ...messageType.map((one, i) => this.#message(one, [AT.message, i])),
      ...enumType.map((one, i) => this.#enum(one, [AT.enum, i])),
    ];
  }

  #comment(path: readonly number[]): string {
    return inJson(this.#comments.get(path.join(".")) ?? "");
  }

  #service({ name, method }: ServiceDescriptorProto, path: readonly number[]): string {
    const calls = method.map((one, i) => {
      const [input, output] = [one.inputType, one.outputType].map(typeName);
      const level = one.options?.idempotencyLevel;
      const isRead = level === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS;
      const stream = one.clientStreaming ? "stream of " : "";
      const answers = one.serverStreaming ? "stream of " : "";
      const short = [...PLAIN_PATHS].filter(([, { rpc }]) => {
        return rpc.parent.name === name && rpc.name === one.name;
      });
      const paths = [...short.map(([path]) => path), `/${PACKAGE}.${name}/${one.name}`];
      const lines = [
        `### ${name}.${one.name}`,
        "",
        `${paths.map((path) => `\`${path}\``).join(", ")}: ${stream}${link(input)} → ${answers}${link(output)}${isRead ? "; no side effects" : ""}`,
        "",
        this.#comment([...path, AT.method, i]),
        "",
        exampleOf(name, one.name),
      ];
      return lines.join("\n");
    });
    return [`## ${name}`, this.#comment(path), ...calls].join("\n\n");
  }

  #message({ name, field, oneofDecl }: DescriptorProto, path: readonly number[]): string {
    const head = [`### ${name}`, this.#comment(path)].filter((part) => part !== "");
    if (field.length === 0) return [...head, "No fields."].join("\n\n");
    const rows = field.map((one, i) => {
      const choice = isFieldSet(one, ONEOF_INDEX) && !one.proto3Optional;
      const of = choice ? `one of \`${oneofDecl[one.oneofIndex]?.name}\`. ` : "";
      const presence = one.proto3Optional ? "optional. " : "";
      const meaning = cell(`${presence}${of}${this.#comment([...path, AT.field, i])}`);
      return `| \`${one.jsonName}\` | ${fieldType(one)} | ${meaning} |`;
    });
    return [...head, ["| field | type | meaning |", "|---|---|---|", ...rows].join("\n")].join(
      "\n\n",
    );
  }

  #enum({ name, value }: EnumDescriptorProto, path: readonly number[]): string {
    const rows = value.map((one, i) => {
      return `| \`${one.name}\` | ${one.number} | ${cell(this.#comment([...path, AT.value, i]))} |`;
    });
    const table = ["| value | number | meaning |", "|---|---|---|", ...rows].join("\n");
    return [`### ${name}`, this.#comment(path), table].filter((part) => part !== "").join("\n\n");
  }
}

function refusals(): string {
  const rows = Object.entries(REASONS).map(
    ([reason, { code, httpStatus, remedy, retryAfterMs }]) => {
      const again = retryAfterMs === undefined ? "" : ` (${retryAfterMs} ms unless it says more)`;
      return `| \`${reason}\` | ${Code[code]} | ${httpStatus ?? codeToHttpStatus(code)} | ${cell(remedy)}${again} |`;
    },
  );
  return [
    "## Refusals",
    "Every error carries one [ErrorDetail](#errordetail) with one of these reasons. The remedy here is the usual one; the\n" +
      "detail may know better. The statuses are those of JSON and Connect; gRPC, gRPC-Web and streams of Connect carry the code\n" +
      "and the detail in their own form, also where the path is unknown.",
    ["| reason | code | HTTP | what to do |", "|---|---|---|---|", ...rows].join("\n"),
  ].join("\n\n");
}

/** The names of fields as the tables have them. */
function inJson(text: string): string {
  return text.replaceAll(/`[a-z0-9]+(_[a-z0-9]+)+`/g, (name) =>
    name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
  );
}

/** Without the package. */
function typeName(full: string): string {
  return full.slice(full.lastIndexOf(".") + 1);
}

function link(name = ""): string {
  return `[${name}](#${name.toLowerCase()})`;
}

function cell(text: string): string {
  return text.replaceAll("\n", " ").replaceAll("|", "\\|").trim();
}

function fieldType(field: FieldDescriptorProto): string {
  const isList = field.label === FieldDescriptorProto_Label.REPEATED;
  if (isList && field.typeName.endsWith("Entry")) return "map of texts";
  const named = field.typeName === "" ? scalarName(field.type) : link(typeName(field.typeName));
  return isList ? `list of ${named}` : named;
}

function scalarName(type: FieldDescriptorProto_Type): string {
  return FieldDescriptorProto_Type[type].toLowerCase();
}
