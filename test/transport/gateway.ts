/** A client listener over a ledger double, with the program curl as its caller. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "vitest";
import { openAuthenticator } from "../../src/node/access/open.ts";
import { openBounds } from "../../src/transport/caller-bounds.ts";
import type { CertificateAndKey } from "../../src/transport/certificate-keys.ts";
import {
  type ClientListener,
  type ClientListenerOptions,
  openClientListener,
} from "../../src/transport/client-listener.ts";
import {
  createDevelopmentAuthority,
  createListenerCertificate,
  LOOPBACK_HOSTS,
} from "../../src/transport/development-certificates.ts";
import { createLedgerDouble, type LedgerDouble, walletA, walletB } from "./ledger-double.ts";
import { createTestLog, type TestLog } from "./test-log.ts";

export const run = promisify(execFile);

export interface Gateway {
  readonly listener: ClientListener;
  /** The certificate that it shows. */
  readonly leaf: CertificateAndKey;
  readonly ledger: LedgerDouble;
  readonly log: TestLog;
  /** The failures that the node reported to itself. */
  readonly failures: unknown[];
  /** The principals of the callers. */
  readonly failureIds: string[];
  /** PEM of the authority, and a file that holds it. */
  readonly ca: string;
  readonly caFile: string;
  /** For the files of a test. */
  readonly folder: string;
  readonly url: string;
  curl(path: string, ...args: string[]): Promise<Answer>;
  post(path: string, body: string, ...args: string[]): Promise<Answer>;
  /** Clears the recorded questions and failures. */
  reset(): void;
  close(): Promise<void>;
}

/** The output of curl. */
export interface Answer {
  readonly status: number;
  readonly version: string;
  readonly headers: string;
  readonly json: unknown;
}

/** A payment as users type it. */
export const payment = JSON.stringify({
  transaction: { from: walletA, to: walletB, amount: "25" },
});

/** The options of its listener that a test may set. */
type GatewayOptions = Partial<
  Pick<
    ClientListenerOptions,
    | "host"
    | "port"
    | "bodyTimeoutMs"
    | "answerReadMs"
    | "bounds"
    | "connectionsMax"
    | "names"
    | "pages"
    | "corsOrigins"
    | "observer"
    | "authenticator"
    | "clientAuthority"
    | "clientRevocations"
  >
>;

export async function openGateway(options: GatewayOptions = {}): Promise<Gateway> {
  const validity = { now: Date.now(), days: 2 };
  const authority = await createDevelopmentAuthority(validity);
  const leaf = await createListenerCertificate(authority, LOOPBACK_HOSTS, validity);
  const folder = await mkdtemp(join(tmpdir(), "countersign-gateway-"));
  const caFile = join(folder, "ca.pem");
  await writeFile(caFile, authority.certificate);
  const [ledger, log, failures] = [createLedgerDouble(), createTestLog(), [] as unknown[]];
  const failureIds: string[] = [];
  const listener = await openClientListener({
    host: "127.0.0.1",
    port: 0,
    ...leaf,
    ledger,
    peers: {
      register: async (signed) => signed,
      verification: async () => ({ kind: "refused", reason: "notFinal" }),
    },
    log,
    authenticator: openAuthenticator,
    bounds: openBounds(() => performance.now(), 600),
    onFailure: (error, failure) => {
      failures.push(error);
      failureIds.push(failure);
    },
    ...options,
  });
  const url = `https://localhost:${listener.port}`;
  const curl = (path: string, ...args: string[]) => runCurl({ folder, caFile, url }, path, args);
  return {
    ...{
      listener,
      leaf,
      ledger,
      log,
      failures,
      failureIds,
      ca: authority.certificate,
      caFile,
      folder,
      url,
      curl,
    },
    post: (path, body, ...args) =>
      curl(path, "-H", "content-type: application/json", "--data-binary", body, ...args),
    reset: () => {
      ledger.answer = undefined;
      ledger.notReadyBecause = undefined;
      ledger.reducedBecause = [];
      for (const list of [ledger.asked, failures, failureIds, log.lines]) list.length = 0;
    },
    close: async () => {
      await listener.close(100);
      await rm(folder, { recursive: true });
    },
  };
}

async function runCurl(
  { folder, caFile, url }: Pick<Gateway, "folder" | "caFile" | "url">,
  path: string,
  args: readonly string[],
): Promise<Answer> {
  const headerFile = join(folder, "headers");
  const { stdout } = await run("curl", [
    ...["-sS", "--cacert", caFile, "-D", headerFile, "-w", "\n%{http_code} %{http_version}"],
    ...[...args, `${url}${path}`],
  ]);
  const end = stdout.lastIndexOf("\n");
  const [status, version = ""] = stdout.slice(end + 1).split(" ");
  return {
    status: Number(status),
    version,
    headers: (await readFile(headerFile, "utf8")).toLowerCase(),
    json: end === 0 ? undefined : JSON.parse(stdout.slice(0, end)),
  };
}

/** A refusal with its one detail, as JSON shows it. */
export function refusalWith(code: string, detail: object) {
  return {
    code,
    message: expect.any(String),
    details: [
      {
        type: "countersign.v1.ErrorDetail",
        value: expect.any(String),
        debug: {
          reason: expect.any(String),
          field: expect.any(String),
          remedy: expect.stringMatching(/./),
          metadata: {},
          ...detail,
        },
      },
    ],
  };
}
