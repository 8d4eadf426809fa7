/** Real servers for sinks, as Debian packages them: each has a folder of its own, on loopback, with TLS, and may be killed. */
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import {
  createDevelopmentAuthority,
  createListenerCertificate,
  LOOPBACK_HOSTS,
} from "../../../src/transport/development-certificates.ts";
import { freePort } from "../../support/free-ports.ts";
import { GuardedProcess } from "../../support/guarded-process.ts";

const READY_MS = 60_000;
/** PostgreSQL does not run as root. */
const UNPRIVILEGED = 65_534;
const isRoot = process.getuid?.() === 0;

/** The path of a program of the system; undefined if it is not installed. */
export function installed(name: string): string | undefined {
  const versions = "/usr/lib/postgresql";
  const folders = [
    ...(process.env["PATH"] ?? "").split(delimiter),
    "/usr/sbin",
    ...(existsSync(versions) ? readdirSync(versions).map((one) => join(versions, one, "bin")) : []),
  ];
  return folders.map((folder) => join(folder, name)).find(existsSync);
}

/** Says why a test of real servers is skipped. */
export function isMissing(name: string, debianPackage: string): boolean {
  if (installed(name) !== undefined) return false;
  console.log(`skipped: ${name} is not installed; on Debian: apt-get install ${debianPackage}`);
  return true;
}

export abstract class RealServer {
  readonly folder: string;
  readonly port: number;
  readonly authority: string;
  #process: GuardedProcess | undefined;

  protected constructor(place: { folder: string; port: number; authority: string }) {
    this.folder = place.folder;
    this.port = place.port;
    this.authority = place.authority;
  }

  protected abstract get command(): readonly string[];
  protected abstract get readyLine(): RegExp;

  async start(): Promise<void> {
    const child = new GuardedProcess(this.command, { cwd: this.folder });
    this.#process = child;
    await child.until(() => this.readyLine.test(child.output), READY_MS);
  }

  /** No handler of it runs; its files are as the system has them. */
  async kill(): Promise<void> {
    await this.#process?.destroy();
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A folder with a certificate for loopback, and a free port. */
export async function serverPlace(name: string) {
  const folder = mkdtempSync(join(tmpdir(), `countersign-${name}-`));
  const authority = await createDevelopmentAuthority({ now: Date.now(), days: 2 });
  const validity = { now: Date.now(), days: 1 };
  const leaf = await createListenerCertificate(authority, LOOPBACK_HOSTS, validity);
  writeFileSync(join(folder, "certificate.pem"), leaf.certificate);
  writeFileSync(join(folder, "key.pem"), leaf.key, { mode: 0o600 });
  return { folder, port: await freePort(1), authority: authority.certificate };
}

export class NatsServer extends RealServer {
  static async open(): Promise<NatsServer> {
    const server = new NatsServer(await serverPlace("nats"));
    const config = `listen: "127.0.0.1:${server.port}"
      jetstream { store_dir: "${join(server.folder, "store")}" }
      tls { cert_file: "${join(server.folder, "certificate.pem")}", key_file: "${join(server.folder, "key.pem")}" }`;
    writeFileSync(join(server.folder, "nats.conf"), config);
    await server.start();
    return server;
  }

  protected get command(): readonly string[] {
    return [installed("nats-server") ?? "", "-c", join(this.folder, "nats.conf")];
  }

  protected get readyLine(): RegExp {
    return /Server is ready/;
  }
}

export class PostgresServer extends RealServer {
  static readonly user = "countersign";
  static readonly password = "a password of a test";

  static async open(): Promise<PostgresServer> {
    const place = await serverPlace("postgres");
    const { folder } = place;
    const server = new PostgresServer(place);
    mkdirSync(server.#data);
    writeFileSync(join(folder, "password"), PostgresServer.password);
    for (const name of ["", "data", "certificate.pem", "key.pem", "password"]) {
      if (isRoot) chownSync(join(folder, name), UNPRIVILEGED, UNPRIVILEGED);
    }
    chmodSync(server.#data, 0o700);
    const asUser = isRoot ? { uid: UNPRIVILEGED, gid: UNPRIVILEGED } : {};
    const flags = ["-A", "scram-sha-256", "-U", PostgresServer.user, "--pwfile"];
    execFileSync(
      installed("initdb") ?? "",
      ["-D", server.#data, ...flags, join(folder, "password"), "--no-sync"],
      { ...asUser, cwd: folder, stdio: "ignore" },
    );
    await server.start();
    return server;
  }

  get #data(): string {
    return join(this.folder, "data");
  }

  protected get command(): readonly string[] {
    const settings = {
      listen_addresses: "127.0.0.1",
      port: this.port,
      unix_socket_directories: "",
      ssl: "on",
      ssl_cert_file: join(this.folder, "certificate.pem"),
      ssl_key_file: join(this.folder, "key.pem"),
    };
    const postgres = [
      installed("postgres") ?? "",
      ...["-D", this.#data],
      ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    ];
    const asUser = [
      "setpriv",
      `--reuid=${UNPRIVILEGED}`,
      `--regid=${UNPRIVILEGED}`,
      "--clear-groups",
    ];
    return isRoot ? [...asUser, ...postgres] : postgres;
  }

  protected get readyLine(): RegExp {
    return /ready to accept connections/;
  }

  override async kill(): Promise<void> {
    await super.kill();
    // Its children see the end of their parent a moment later.
    const pidFile = join(this.#data, "postmaster.pid");
    while (spawnSync("pgrep", ["-f", this.#data]).status === 0) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    rmSync(pidFile, { force: true });
  }
}
