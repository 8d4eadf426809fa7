// The ways in which a client may call a node: every protocol of the client listener, mostly with programs of others.
import { create, fromJsonString, toJsonString } from "@bufbuild/protobuf";
import { type Client, createClient, type Transport } from "@connectrpc/connect";
import { createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { LedgerService } from "../../gen/countersign/v1/ledger_service_pb.ts";
import type { Devnet } from "../support/devnet.ts";
import { ROOT, run } from "../support/guarded-process.ts";

export type LedgerCalls = Client<typeof LedgerService>;

export interface Way {
  readonly name: string;
  /** Each call starts a program, which costs more than the call. */
  readonly byProgram: boolean;
  /** The calls of one node, by its index. */
  readonly calls: (devnet: Devnet, node: number) => LedgerCalls;
}

export interface CurlAnswer {
  readonly status: number;
  /** "1.1" or "2". */
  readonly http: string;
  readonly body: string;
}

const PLAIN_PATHS: Readonly<Record<string, string>> = {
  WalletCreation: "wallet_creation",
  Transaction: "transaction",
  ListPeers: "peers",
};

/** curl to a path of a node, with a JSON body if there is one. */
export async function curl(
  devnet: Devnet,
  node: number,
  { path, body, flags = [] }: { path: string; body?: string; flags?: readonly string[] },
): Promise<CurlAnswer> {
  const url = `${devnet.node(node).url}/${path}`;
  const json = ["-H", "content-type: application/json", "--data-binary", "@-"];
  const { code, stdout, stderr } = await run(
    [
      ...["curl", "-sS", "--cacert", devnet.caFile, "-w", "\n%{http_code} %{http_version}"],
      ...[...flags, ...(body === undefined ? [] : json), url],
    ],
    { input: body ?? "" },
  );
  if (code !== 0) throw new Error(`curl ${url} ended with ${code}: ${stderr}`);
  const end = stdout.lastIndexOf("\n");
  const [status, http = ""] = stdout.slice(end + 1).split(" ");
  return { status: Number(status), http, body: stdout.slice(0, end) };
}

/** Passes a call's JSON to a program and reads the answer's JSON from it. */
type Exchange = (devnet: Devnet, node: number, rpc: string, json: string) => Promise<string>;

function byProgram(name: string, exchange: Exchange): Way {
  return {
    name,
    byProgram: true,
    calls: (devnet, node) => {
      const transport: Transport = {
        unary: async (...[method, , , , input]) => {
          const request = toJsonString(method.input, create(method.input, input));
          const answer = await exchange(devnet, node, method.name, request);
          const message = fromJsonString(method.output, answer);
          const [header, trailer] = [new Headers(), new Headers()];
          return { stream: false, service: method.parent, method, header, trailer, message };
        },
        stream: () => Promise.reject(new Error("no call of this service is a stream")),
      };
      return createClient(LedgerService, transport);
    },
  };
}

function byCurl(
  name: string,
  http: "1.1" | "2",
  pathOf: (rpc: string) => string,
  tls: readonly string[] = [],
): Way {
  const flags = [http === "2" ? "--http2" : "--http1.1", ...tls];
  return byProgram(name, async (devnet, node, rpc, body) => {
    const answer = await curl(devnet, node, { path: pathOf(rpc), body, flags });
    if (answer.status !== 200) throw new Error(`${rpc}: ${answer.status} ${answer.body}`);
    if (answer.http !== http) throw new Error(`answered by HTTP/${answer.http}`);
    return answer.body;
  });
}

/** Without a schema, the program reads the contracts by server reflection. */
function byBuf(protocol: "grpc" | "grpcweb" | "connect", schema: "proto" | "reflection"): Way {
  const buf = `${ROOT}node_modules/.bin/buf`;
  const name = `buf curl --protocol ${protocol}, contracts by ${schema}`;
  return byProgram(name, async (devnet, node, rpc, data) => {
    const contracts = schema === "proto" ? ["--schema", "proto"] : ["--reflect"];
    const flags = ["--protocol", protocol, ...contracts, "--cacert", devnet.caFile];
    const url = `${devnet.node(node).url}/${rpcPath(rpc)}`;
    const { code, stdout, stderr } = await run([buf, "curl", ...flags, "--data", data, url]);
    if (code !== 0) throw new Error(`${rpc}: ${stderr}`);
    return stdout;
  });
}

export function rpcPath(rpc: string): string {
  return `${LedgerService.typeName}/${rpc}`;
}

export const WAYS: readonly Way[] = [
  byCurl("curl to the plain paths", "2", (rpc) => PLAIN_PATHS[rpc] ?? rpcPath(rpc)),
  byCurl("curl to the Connect routes by HTTP/1.1", "1.1", rpcPath),
  byCurl("curl to the Connect routes by HTTP/2", "2", rpcPath),
  byCurl("curl with TLS 1.2", "2", rpcPath, ["--tls-max", "1.2"]),
  byCurl("curl with TLS 1.3", "2", rpcPath, ["--tlsv1.3"]),
  byBuf("grpc", "proto"),
  byBuf("grpcweb", "proto"),
  byBuf("grpc", "reflection"),
  byBuf("connect", "reflection"),
  { name: "our client", byProgram: false, calls: (devnet, node) => devnet.calls(node) },
  {
    name: "the generated client over gRPC",
    byProgram: false,
    calls: (devnet, node) => {
      const baseUrl = devnet.node(node).url;
      const transport = createGrpcTransport({ baseUrl, nodeOptions: { ca: devnet.ca } });
      return createClient(LedgerService, transport);
    },
  },
  {
    name: "the generated client over gRPC-Web and HTTP/1.1",
    byProgram: false,
    calls: (devnet, node) => {
      const baseUrl = devnet.node(node).url;
      const nodeOptions = { ca: devnet.ca };
      const transport = createGrpcWebTransport({ baseUrl, nodeOptions, httpVersion: "1.1" });
      return createClient(LedgerService, transport);
    },
  },
];
