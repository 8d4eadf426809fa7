/**
 * Goal: in every failure, no part of a token, a passphrase, a key or a share leaves the process that has it: not in output, logs, the
 * audit log, metrics, answers, status, reports of a crash, temporary files or the store. Method: real processes, failures of every
 * kind that is known here, and a search in all of it for each part of twelve bytes, in every usual encoding.
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LogLevel } from "../../gen/countersign/v1/operator_service_pb.ts";
import { KEYS } from "../../src/node/files/config.ts";
import { countersign } from "../cli/countersign.ts";
import { throwBytes } from "../hostile/clients/abuse.ts";
import { Target } from "../hostile/clients/target.ts";
import { Emitted } from "../hostile/secrets/emitted.ts";
import { isHome, pemSecrets, ringSecrets, textSecret } from "../hostile/secrets/plants.ts";
import { COUNTERSIGN, run } from "../support/guarded-process.ts";
import { SecretSearch } from "../support/secret-search.ts";

/** Ends what hangs. */
const POLL = { timeout: 120_000 };

const emitted = new Emitted();
let target: Target;
let token: string;
let home: string;

beforeAll(async () => {
  target = await Target.start((folder) => {
    for (const name of ["reports", "temporary"]) mkdirSync(join(folder, name));
    const preload = new URL("../hostile/secrets/crash-preload.ts", import.meta.url).href;
    return {
      TMPDIR: join(folder, "temporary"),
      NODE_OPTIONS: [
        `--import "${preload}"`,
        "--report-uncaught-exception --report-on-fatalerror --report-on-signal --report-signal=SIGUSR2",
        `--report-directory=${join(folder, "reports")}`,
      ].join(" "),
    };
  });
  token = target.tokens.get("treasury") ?? "";
  home = target.place.home;
}, 240_000);

afterAll(async () => {
  await target?.close();
});

const folderOf = (index: number) => target.net.node(index).folder;
const configOf = (index: number) => target.net.node(index).configFile;
const passphraseOf = (index: number) =>
  readFileSync(join(folderOf(index), "passphrase"), "utf8").trim();
const tlsKeyOf = (index: number) => readFileSync(join(folderOf(index), "tls-key.pem"), "utf8");

/** A command in a process of its own. */
async function command(...args: string[]): Promise<string> {
  const { out, error } = await countersign(args);
  emitted.add(`countersign ${args[0]} ${args[1]}`, out + error);
  return out + error;
}

describe("a secret in the wrong place of a request", () => {
  it("goes no further", async () => {
    await target.operator((desk) => desk.setLogLevel({ level: LogLevel.DEBUG }));
    const place = { port: target.ports.client, ca: target.net.ca };
    const first = (line: string, ...headers: string[]) =>
      [line, "host: localhost", "connection: close", ...headers, "", ""].join("\r\n");
    const post = (path: string, body: string, ...headers: string[]) =>
      `${first(`POST ${path} HTTP/1.1`, `content-length: ${body.length}`, ...headers)}${body}`;
    const json = "content-type: application/json";
    const bearer = `authorization: Bearer ${token}`;
    const wrong = `${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`;
    const wallet = "/countersign.v1.LedgerService/GetWallet";
    const texts: Readonly<Record<string, string>> = {
      "a token in the query": first(`GET /peers?token=${token} HTTP/1.1`),
      "a token in the query of a call": post(`/transaction?access_token=${token}`, "{}", json),
      "a token in the path": first(`GET /${token} HTTP/1.1`),
      "a token as the user of a URL": first(`GET https://${token}@localhost/peers HTTP/1.1`),
      "a token as the verb": first(`${token} /peers HTTP/1.1`),
      "a token as the host": first("GET /peers HTTP/1.1").replace("localhost", `${token}.example`),
      "a token one character off": first("GET /peers HTTP/1.1", `authorization: Bearer ${wrong}`),
      "a token without a scheme": first("GET /peers HTTP/1.1", `authorization: ${token}`),
      "a token behind another scheme": first(
        "GET /peers HTTP/1.1",
        `authorization: Basic ${token}`,
      ),
      "two headers with a token": first("GET /peers HTTP/1.1", bearer, bearer),
      "a token as the name of a header": first("GET /peers HTTP/1.1", `${token}: 1`),
      "a token as the type": post("/transaction", "{}", `content-type: ${token}`, bearer),
      "a token as the coding": post(
        "/transaction",
        "{}",
        json,
        `content-encoding: ${token}`,
        bearer,
      ),
      "a token as the deadline": post(wallet, "{}", json, `connect-timeout-ms: ${token}`, bearer),
      "a token as the origin": first("GET /peers HTTP/1.1", `origin: https://${token}`, bearer),
      "a token as a field": post(wallet, `{"${token}":1}`, json, bearer),
      "a token as an id": post(wallet, `{"id":"${token}"}`, json, bearer),
      "a token as JSON": post(wallet, token, json, bearer),
      "a passphrase as an id": post(wallet, `{"id":"${passphraseOf(0)}"}`, json, bearer),
      "a key as an asset": post(
        "/wallet_creation",
        JSON.stringify({ asset: tlsKeyOf(0).replaceAll("\n", ""), initialBalance: "1" }),
        json,
        bearer,
      ),
      "a token in a request that comes too slowly": first(
        `POST /wallet_creation?token=${token} HTTP/1.1`,
        json,
        bearer,
        "content-length: 99",
      ).replace("connection: close\r\n", ""),
    };
    await Promise.all(
      Object.entries(texts).map(async ([name, text], i) => {
        const how = { from: `127.0.0.${2 + (i % 8)}`, patienceMs: 30_000 };
        const told = await throwBytes(place, [Buffer.from(text)], how);
        expect(told.toString("latin1"), name).toMatch(/^HTTP\/1\.1 [2-4]\d\d/);
        emitted.add(`the answer to ${name}`, told);
      }),
    );
    await expect.poll(() => target.output, POLL).toContain("a body came too slowly");
    await target.pay();
  });
});

describe("a secret in the wrong place of a command line", () => {
  it("goes no further", async () => {
    const config = ["--config", configOf(0)];
    const network = ["--network", target.place.data];
    const wallets = ["--wallets", join(home, "wallets")];
    const tokens = join(home, "tokens");
    writeFileSync(tokens, `node1 ${token} ${token}\n`, { mode: 0o600 });
    await Promise.all([
      command("token", "revoke", token, ...config),
      command("token", "create", "--name", token, "--scopes", "read", ...config),
      command("token", token, ...config),
      command(token),
    ]);
    await Promise.all([
      command("status", ...network, "--tokens", token),
      command("status", ...network, "--tokens", tokens),
      command("wallet", "show", token, ...network),
      command("wallet", "create", ...network, ...wallets, "--passphrase-file", passphraseOf(0)),
    ]);
    writeFileSync(tokens, `node1 ${token}\n`, { mode: 0o600 });
    await Promise.all([
      command("status", ...network, "--tokens", tokens, "--json"),
      command("node", "status", ...config, "--json"),
      command("token", "list", ...config, "--json"),
      command("audit", "verify", join(folderOf(0), "data", "audit")),
    ]);
  });
});

describe("a secret in the wrong place of a configuration", () => {
  it("is under no key shown", async () => {
    const file = join(folderOf(0), "wrong.json");
    const right: Record<string, unknown> = JSON.parse(readFileSync(configOf(0), "utf8"));
    const secrets = [passphraseOf(0), token, tlsKeyOf(0)];
    const wrongs = secrets.flatMap((secret) => [
      ...Object.keys(KEYS).map((key) => ({ ...right, [key]: secret })),
      { ...right, peers: { node2: secret } },
      { ...right, store: { engine: secret } },
      { ...right, access: { clientAuthority: secret, clientScopes: { a: ["read"] } } },
      { ...right, access: { unownedWallets: secret } },
      { ...right, access: { clientAuthority: "clients.pem", clientScopes: { a: [secret] } } },
      { ...right, operatorListen: [secret, secret] },
      { ...right, passphrase: secret },
      secret,
    ]);
    const texts = [...wrongs.map((wrong) => JSON.stringify(wrong)), ...secrets];
    const files = texts.map((text, i) => {
      const one = join(folderOf(0), `wrong-${i}.json`);
      writeFileSync(one, text);
      return one;
    });
    const program = fileURLToPath(new URL("../hostile/secrets/start-each.ts", import.meta.url));
    const told = await run([process.execPath, program, ...files], { limitMs: 120_000 });
    for (const one of files) rmSync(one);
    emitted.add("countersign node with wrong configurations", told.stdout + told.stderr);
    expect(told.stdout.match(/^exit code 1$/gm)).toHaveLength(texts.length);
    expect(told.stderr.match(/^countersign: /gm)).toHaveLength(texts.length);
    writeFileSync(file, JSON.stringify({ ...right, clientKey: tlsKeyOf(0) }));
    expect(await command("node", "--config", file)).toContain('"clientKey" names nothing');
    writeFileSync(file, JSON.stringify({ ...right, passphraseFile: passphraseOf(0) }));
    expect(await command("node", "--config", file)).toContain('"passphraseFile" names nothing');
    rmSync(file);
    // A running node reads it too.
    const kept = readFileSync(configOf(0));
    writeFileSync(configOf(0), JSON.stringify({ ...right, clientKey: tlsKeyOf(0) }));
    expect(await command("node", "reload", "--config", configOf(0))).toContain("names nothing");
    writeFileSync(configOf(0), kept);
    expect(wrongs.length).toBeGreaterThan(60);
  });
});

describe("a node that ends or cannot start", () => {
  it("writes no secret in a report, in an uncaught error, or when it is stopped", async () => {
    const pid = target.pid;
    emitted.addProcess(pid);
    emitted.addProcess(target.net.pidOf(1));
    process.kill(pid, "SIGUSR2");
    await expect.poll(() => reports().length, POLL).toBeGreaterThan(0);
    await target.pay();
    process.kill(pid, "SIGVTALRM");
    await expect.poll(() => target.output, POLL).toContain("a planted mistake");
    await expect.poll(() => reports().length, POLL).toBeGreaterThan(1);
    await target.net.endOf(0);
    await target.startAgain();
    process.kill(target.pid, "SIGABRT");
    await target.net.endOf(0);
    await target.startAgain();
    process.kill(target.pid, "SIGTERM");
    await target.net.endOf(0);
    await target.net.kill(1);
  });

  const reports = () => readdirSync(join(home, "reports"));

  it("names what is wrong with its keys and its store without a part of them", async () => {
    const start = async (name: string, spoil: (folder: string) => void, message: RegExp) => {
      const folder = join(target.place.data, "spoilt");
      cpSync(folderOf(0), folder, { recursive: true, filter: (path) => !path.endsWith(".sock") });
      spoil(folder);
      const words = [...COUNTERSIGN, "node", "--config", join(folder, "config.json")];
      const { code, stdout, stderr } = await run(words, { env: target.place.env });
      emitted.add(name, stdout + stderr);
      expect({ name, code, told: stdout + stderr }).toEqual({
        ...{ name, code: expect.any(Number) },
        told: expect.stringMatching(message),
      });
      expect(code).not.toBe(0);
      rmSync(folder, { recursive: true });
    };
    const key = (folder: string) => join(folder, "data", "keys", "identity.key.json");
    const rewrite = (path: string, change: (text: string) => string) =>
      writeFileSync(path, change(readFileSync(path, "utf8")));
    const seed = (
      await ringSecrets("node1", join(folderOf(0), "data", "keys"), join(folderOf(0), "passphrase"))
    ).find(({ name }) => name.includes("identity"));
    const hex = Buffer.from(seed?.bytes ?? []).toString("hex");
    expect(hex).toHaveLength(64);
    await start(
      "another passphrase",
      (folder) => rewrite(join(folder, "passphrase"), () => `${passphraseOf(1)}\n`),
      /does not open with this passphrase/,
    );
    await start(
      "a key in clear",
      (folder) => rewrite(key(folder), () => hex),
      /identity\.key\.json/,
    );
    await start(
      "a key in clear, as a field",
      (folder) =>
        rewrite(key(folder), (text) => text.replace(/"sealed": ?"[^"]*"/, `"sealed":"${hex}"`)),
      /identity\.key\.json/,
    );
    await start(
      "a key file cut off",
      (folder) => rewrite(key(folder), (text) => text.slice(0, -40)),
      /identity\.key\.json/,
    );
    await start(
      "a passphrase of many lines at the wrong key",
      (folder) => rewrite(join(folder, "tls-key.pem"), () => passphraseOf(0)),
      /"clientKey"/,
    );
    await start(
      "a damaged store",
      (folder) => {
        const store = join(folder, "data", "store");
        for (const file of readdirSync(store)) {
          if (/\.(ldb|log)$|^MANIFEST/.test(file))
            rewrite(join(store, file), (text) => text.slice(9));
        }
      },
      /store|damaged/,
    );
  });
});

describe("nowhere in all of it", () => {
  it("is a part of a secret", async () => {
    emitted.add("the output of the nodes", target.output);
    emitted.addFiles(home, isHome);
    const keys = await Promise.all(
      [0, 1].map((index) => {
        const folder = folderOf(index);
        return ringSecrets(
          `node${index + 1}`,
          join(folder, "data", "keys"),
          join(folder, "passphrase"),
        );
      }),
    );
    // Of an access token the signature alone: its claims are words that answers have too.
    const tokens = [...target.tokens].flatMap(([name, text]) =>
      textSecret(`the token ${name}`, text.slice(text.lastIndexOf(".") + 1)),
    );
    const secrets = [...tokens, ...keys.flat(), ...pemSecrets(home)];
    const names = secrets.map(({ name }) => name).join(", ");
    for (const one of [
      "identity",
      "custody",
      "signing-share",
      "passphrase",
      "tls-key",
      "treasury",
    ]) {
      expect(names).toContain(one);
    }
    console.log(`${secrets.length} secrets, ${emitted.count} pieces: ${names}`);
    // The search looks at what it should: it finds the id of a token, which is not secret.
    expect(emitted.has("a planted mistake")).toBe(true);
    expect(emitted.has(/"act":"token"/)).toBe(true);
    expect(emitted.leaks(new SecretSearch(secrets))).toEqual([]);
  });
});
