// A node's configuration file: the optional keys, and errors that name file, key and remedy for every mistake.
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { networkIdOf } from "../../../src/ledger/genesis.ts";
import { formatGenesis } from "../../../src/ledger/genesis-json.ts";
import { sha256 } from "../../../src/node/base/crypto.ts";
import { readClientTls } from "../../../src/node/files/client-tls.ts";
import {
  ConfigError,
  encodeConfig,
  loadConfig,
  KEYS as READ_KEYS,
} from "../../../src/node/files/config.ts";
import { loadGenesis } from "../../../src/node/files/genesis-file.ts";
import { openMemberFiles } from "../../../src/node/files/node-files.ts";
import { LOG_LEVELS } from "../../../src/primitives/log-level.ts";
import { parseNetworkAddress } from "../../../src/primitives/network-address.ts";
import { createDataFolder } from "../../../src/storage/data-folder.ts";
import {
  createDevelopmentAuthority,
  createListenerCertificate,
  LOOPBACK_HOSTS,
} from "../../../src/transport/development-certificates.ts";
import { createGenesis } from "../../ledger/fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "countersign-config-"));
const file = join(folder, "config.json");
const KEYS = {
  node: "node1",
  genesis: "genesis.json",
  data: "data",
  passphraseFile: "passphrase",
  clientListen: "127.0.0.1:7001",
  clientCertificate: "certificate.pem",
  clientKey: "key.pem",
  peerListen: "127.0.0.1:7101",
  logLevel: "info",
};

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function load(peers?: unknown): ReturnType<typeof loadConfig> {
  const more = peers === undefined ? {} : { peers };
  writeFileSync(file, JSON.stringify({ ...KEYS, ...more }));
  return loadConfig(file);
}

describe("how far behind a node takes a snapshot", () => {
  const loadWith = (snapshotBlocksMin: unknown) => {
    writeFileSync(file, JSON.stringify({ ...KEYS, snapshotBlocksMin }));
    return loadConfig(file).snapshotBlocksMin;
  };

  it("is configured in blocks, and has a default", () => {
    expect(load().snapshotBlocksMin).toBe(20_000);
    expect(loadWith(1)).toBe(1);
    expect(loadWith(Number.MAX_SAFE_INTEGER)).toBe(Number.MAX_SAFE_INTEGER);
  });

  it.each([0, -1, 1.5, "100", null, 2 ** 53])("is not %j", (blocks) => {
    expect(() => loadWith(blocks)).toThrow(
      `${file}: "snapshotBlocksMin" is not a whole number within its range: write plain digits, 1 to`,
    );
  });
});

describe("the engine of a node's store", () => {
  const loadWith = (store: unknown) => {
    writeFileSync(file, JSON.stringify({ ...KEYS, store }));
    return loadConfig(file).storeEngine;
  };

  it("is LevelDB, named or not", () => {
    expect(load().storeEngine).toBe("level");
    expect(loadWith({})).toBe("level");
    expect(loadWith({ engine: "level" })).toBe("level");
  });

  it.each<[unknown, string]>([
    ["level", '"store" is not an object: write an object with engine'],
    [null, '"store" is not an object'],
    [{ engine: 1 }, '"store.engine" has a value that is not known: write one of level'],
    [{ engine: "rocks" }, '"store.engine" has a value that is not known: write one of level'],
    [{ engin: "level" }, '"store.engin" is not known: remove it, or see engine'],
  ])("is not %j", (store, message) => {
    expect(() => loadWith(store)).toThrow(`${file}: ${message}`);
  });
});

describe("the principal that owns wallets without an owner", () => {
  const loadWith = (unownedWallets: unknown) => {
    writeFileSync(file, JSON.stringify({ ...KEYS, access: { unownedWallets } }));
    return loadConfig(file);
  };

  it("is that of a token, of a client certificate or of an access token", () => {
    for (const principal of ["token:treasury", "cert:payments", "jwt:https://a.example#b"]) {
      expect(() => loadWith(principal)).not.toThrow();
    }
  });

  it.each(["treasury", "token:", "wallet:a", "oidc:a", "socket"])("is not %j", (principal) => {
    expect(() => loadWith(principal)).toThrow('"access.unownedWallets" is no principal: write one');
  });
});

describe("where a node's operator is served", () => {
  const loadWith = (operatorListen: unknown, access?: object) => {
    writeFileSync(file, JSON.stringify({ ...KEYS, operatorListen, access }));
    return loadConfig(file).operatorListen;
  };

  it("is a socket beside the configuration if it is not named", () => {
    const socket = { path: join(folder, "operator.sock"), isDefault: true };
    expect(loadWith(undefined)).toEqual({ socket, address: undefined });
  });

  it("is a socket, an address, or one of each", () => {
    const socket = { path: join(folder, "run/op"), isDefault: false };
    const address = { host: "127.0.0.1", port: 7201 };
    expect(loadWith("unix:run/op")).toEqual({ socket, address: undefined });
    expect(loadWith("unix:/run/op").socket?.path).toBe("/run/op");
    expect(loadWith(["unix:run/op"])).toEqual({ socket, address: undefined });
    expect(loadWith("127.0.0.1:7201", {})).toMatchObject({ socket: undefined, address });
    for (const both of [
      ["unix:run/op", "127.0.0.1:7201"],
      ["127.0.0.1:7201", "unix:run/op"],
    ]) {
      expect(loadWith(both, {})).toMatchObject({ socket, address });
    }
  });

  it.each<[unknown, string]>([
    ["127.0.0.1:7201", '"operatorListen" is an address, at which every caller has to show a'],
    [
      ["unix:run/op", "127.0.0.1:7201"],
      '"operatorListen[1]" is an address, at which every caller has to show a credential',
    ],
    ["operator.sock", '"operatorListen" is neither a socket nor an address: write unix:'],
    ["unix:", '"operatorListen" is neither a socket nor an address'],
    [[], '"operatorListen" is not a list of an allowed length: write a list of 1 to 2'],
    [["unix:a", "unix:b"], '"operatorListen" has two places of one kind: name one socket'],
    [7, '"operatorListen" is not a list'],
  ])("is not %j on a node that takes no credential", (operatorListen, message) => {
    expect(() => loadWith(operatorListen)).toThrow(message);
  });
});

describe("peers in a node's configuration", () => {
  it("are absent by default: every node is dialled where the genesis says", () => {
    writeFileSync(file, encodeConfig(KEYS));
    expect(loadConfig(file).peerAddresses.size).toBe(0);
  });

  it("name the address at which a node is dialled instead", () => {
    const peers = {
      node2: "192.0.2.1:9102",
      node3: "node3.example:9103",
      node4: "[2001:db8::4]:9104",
    };
    expect([...load(peers).peerAddresses]).toEqual(Object.entries(peers));
  });

  it.each([
    [
      ["127.0.0.1:9102"],
      '"peers" is not an object: write an object such as {"node2": "127.0.0.1:7102"}',
    ],
    ["127.0.0.1:9102", '"peers" is not an object'],
    [{ node2: 9102 }, '"peers.node2" must be a text'],
    [
      { node2: "127.0.0.1:99999" },
      '"peers.node2" is no address that can be dialled: write host:port',
    ],
    [{ node2: "0.0.0.0:9102" }, '"peers.node2" is no address that can be dialled'],
    [{ node2: "[::]:9102" }, '"peers.node2" is no address that can be dialled'],
    [{ node2: "node2.example" }, '"peers.node2" is no address that can be dialled'],
  ])("%j is refused by name", (peers, message) => {
    expect(() => load(peers)).toThrow(message);
  });
});

describe("a node's configuration", () => {
  it.each([
    ["node", '{"node": "node2",'],
    ["peers.node2", '{"peers": {"node2": "127.0.0.1:1", "node2": "127.0.0.1:2"},'],
  ])("is refused if it has %s twice, for readers would differ", (key, beginning) => {
    writeFileSync(file, JSON.stringify(KEYS).replace("{", beginning));
    expect(() => loadConfig(file)).toThrow(`${file}: "${key}" is given twice: keep one of them`);
  });

  function refused(text: string, name = file): string {
    if (name === file) writeFileSync(file, text);
    try {
      loadConfig(name);
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError);
      return (error as ConfigError).message;
    }
    throw new Error("this configuration was to be refused");
  }
  const changed = (key: string, value: unknown) => JSON.stringify({ ...KEYS, [key]: value });
  const required = Object.keys(KEYS);

  it("is read with paths beside the file", () => {
    const config = load({});
    expect(config).toMatchObject({
      node: "node1",
      genesisFile: join(folder, "genesis.json"),
      dataFolder: join(folder, "data"),
      passphraseFile: join(folder, "passphrase"),
      clientListen: { host: "127.0.0.1", port: 7001 },
      clientCertificateFile: join(folder, "certificate.pem"),
      clientKeyFile: join(folder, "key.pem"),
      peerListen: { host: "127.0.0.1", port: 7101 },
      logLevel: "info",
    });
  });

  it.each(required)("without %s is refused by file, key and what belongs there", (key) => {
    const meaning = READ_KEYS[key as keyof typeof READ_KEYS];
    expect(refused(changed(key, undefined))).toBe(`${file}: "${key}" is missing: ${meaning}`);
  });

  it.each(required.flatMap((key) => [null, 7, "", [], {}].map((value) => ({ key, value }))))(
    "with $key = $value is refused by file, key and what belongs there",
    ({ key, value }) => {
      const meaning = READ_KEYS[key as keyof typeof READ_KEYS];
      expect(refused(changed(key, value))).toBe(`${file}: "${key}" must be a text: ${meaning}`);
    },
  );

  it.each(["clientListen", "peerListen"])(
    "T16: listens beyond loopback only if it says who may call: %s",
    (key) => {
      const beyond = ["0.0.0.0:7001", "192.0.2.1:7001", "[::]:7001", "example.org:7001"];
      const malformed = [
        "127.0.0.1",
        "127.0.0.1:0",
        "127.0.0.1:65536",
        ":7001",
        "127.0.0.256:7001",
      ];
      for (const text of beyond) {
        const message = refused(changed(key, text));
        expect(message).toContain(`${file}: "${key}" is "${text}"`);
        expect(message).toContain(
          'which other machines reach, but no key says who may call: set "access"',
        );
        const access = { tokens: true };
        writeFileSync(file, JSON.stringify({ ...KEYS, [key]: text, access }));
        expect(loadConfig(file)).toMatchObject({ [key]: parseNetworkAddress(text) });
      }
      for (const text of [...malformed, "https://127.0.0.1:7001"]) {
        const message = refused(changed(key, text));
        expect(message).toContain(`${file}: "${key}" is no address that can be listened on: write`);
      }
      for (const text of ["localhost:1", "[::1]:65535", "127.0.0.2:7001"]) {
        writeFileSync(file, changed(key, text));
        expect(() => loadConfig(file)).not.toThrow();
      }
    },
  );

  it("names the log levels that there are", () => {
    expect(refused(changed("logLevel", "loud"))).toBe(
      `${file}: "logLevel" is no level: write one of ${LOG_LEVELS.join(", ")}`,
    );
  });

  it("with an unknown key is refused, and the error lists the known keys", () => {
    for (const key of ["listen", "Node", "toString"]) {
      const message = refused(changed(key, "x"));
      expect(message).toContain(
        `${file}: "${key}" is not known: remove it, or see node, genesis, `,
      );
    }
  });

  it.each([
    ["", "is not JSON"],
    ["node: node1", "is not JSON"],
    [`${JSON.stringify(KEYS).slice(0, -1)},}`, "is not JSON"],
    ["[]", "is not an object"],
    ["null", "is not an object"],
    ['"node1"', "is not an object"],
  ])("%j is refused with the keys it should have", (text, problem) => {
    const message = refused(text);
    expect(message).toContain(`${file}: ${problem}`);
    expect(message).toContain("it must hold one JSON object with the keys node, genesis, ");
  });

  it("that cannot be read is named, with the command that makes one", () => {
    const missing = join(folder, "nowhere.json");
    expect(refused("", missing)).toMatch(
      /nowhere\.json: cannot be read \(ENOENT.*countersign init$/,
    );
    expect(refused("", folder)).toMatch(/: cannot be read \(EISDIR.*countersign init$/);
  });

  it("has every key explained in docs/operations.md, and no other", () => {
    const page = readFileSync(new URL("../../../docs/operations.md", import.meta.url), "utf8");
    const section = page.split("\n## ").find((text) => text.startsWith("The configuration file"));
    const documented = [...(section ?? "").matchAll(/^\| `(\w+)` \|/gm)].map(([, key]) => key);
    expect(documented).toEqual(Object.keys(READ_KEYS));
  });
});

describe("what a configuration names", () => {
  const genesis = createGenesis();
  const [first, second] = genesis.validators.map(({ id }) => id);

  function openWith(keys: object) {
    writeFileSync(join(folder, "genesis.json"), formatGenesis(genesis));
    writeFileSync(file, JSON.stringify({ ...KEYS, node: first, ...keys }));
    return openMemberFiles(loadConfig(file));
  }

  it("is a node of the genesis, and peers of it are others", async () => {
    await expect(openWith({ node: "mallory" })).rejects.toThrow(
      `${file}: "node" is no node of the genesis; its nodes are ${first}, ${second}`,
    );
    for (const peer of ["mallory", first ?? ""]) {
      await expect(openWith({ peers: { [peer]: "127.0.0.1:7102" } })).rejects.toThrow(
        `${file}: "peers.${peer}" is no other node of the genesis; name one of its nodes`,
      );
    }
    await expect(openWith({ data: "nowhere" })).rejects.toThrow(
      /"data" names nothing that is there; put it back, or write the path of this node's data folder/,
    );
  });

  it("is a data folder with the engine that the configuration names", async () => {
    await expect(openWith({})).rejects.toThrow(/"data" names nothing that is there/);
    const owner = { networkId: networkIdOf(sha256, genesis), nodeId: first ?? "" };
    await createDataFolder(
      join(folder, "data"),
      { ...owner, engine: "level" },
      async () => undefined,
    );
    // As a version with several engines would read it.
    const config = { ...loadConfig(file), storeEngine: "other" as "level" };
    await expect(openMemberFiles(config)).rejects.toThrow(
      `${file}: "store.engine" is "other", but ${join(folder, "data")} was made with engine "level"; write that name`,
    );
  });

  it("is a certificate and its key", async () => {
    const validity = { now: Date.now(), days: 1 };
    const authority = await createDevelopmentAuthority(validity);
    const pair = () => createListenerCertificate(authority, LOOPBACK_HOSTS, validity);
    const [own, other] = await Promise.all([pair(), pair()]);
    const readWith = (certificate: string | undefined, key: string | undefined) => {
      const { clientCertificate, clientKey } = KEYS;
      for (const [name, text] of Object.entries({
        [clientCertificate]: certificate,
        [clientKey]: key,
      })) {
        rmSync(join(folder, name), { force: true });
        if (text !== undefined) writeFileSync(join(folder, name), text, { mode: 0o600 });
      }
      return readClientTls(load());
    };
    expect(readWith(own.certificate, own.key)).toEqual({
      certificate: own.certificate,
      key: own.key,
    });
    for (const mode of [0o644, 0o640, 0o602]) {
      chmodSync(join(folder, KEYS.clientKey), mode);
      expect(() => readClientTls(load())).toThrow(
        /"clientKey" is .*key\.pem, which others may read \(mode 06\d\d\); .*chmod 600/,
      );
    }
    const cases = [
      [undefined, own.key, /"clientCertificate" names nothing that is there; put it back/],
      [own.certificate, undefined, /"clientKey" names nothing that is there; put it back/],
      ["no PEM", own.key, /"clientCertificate" is .*certificate\.pem, which holds no certificate/],
      ["", own.key, /"clientCertificate" is .*certificate\.pem, which is empty/],
      [" \n", own.key, /"clientCertificate" is .*certificate\.pem, which is empty/],
      [own.certificate, "", /"clientKey" is .*key\.pem, which is empty/],
      [
        `${own.certificate}${authority.certificate.replace(/M/g, "A")}`,
        own.key,
        /certificate\.pem, in which certificate 2 of 2 is not a certificate/,
      ],
      [
        `${own.certificate}${authority.certificate.slice(0, 200)}`,
        own.key,
        /certificate\.pem, which holds a certificate that is cut off/,
      ],
      [own.certificate, "no PEM", /"clientKey" is .*key\.pem, which is not that certificate's key/],
      [own.certificate, other.key, /"clientKey" is .*key\.pem, which is not that certificate's/],
    ] as const;
    for (const [certificate, key, message] of cases) {
      expect(() => readWith(certificate, key)).toThrow(message);
      expect(() => readWith(certificate, key)).toThrow(
        /config\.json: .*; (name the right file|put it back)/,
      );
    }
  });
});

describe("a genesis file", () => {
  it("that cannot be read is named, with what to do", () => {
    const missing = join(folder, "no-genesis.json");
    expect(() => loadGenesis(missing)).toThrow(
      /no-genesis\.json: the genesis cannot be read \(ENOENT.*; name a file that this user may read$/,
    );
  });

  it("that is wrong is named, with the field and the remedy", () => {
    for (const [text, message] of [
      [
        "no",
        "the genesis is not JSON (line 1, column 1: a value is expected): write one JSON object",
      ],
      ["{}", "createdAt is missing: add it"],
      ['{"createdAt":1,"fee":2}', "fee is not known: remove it, or see createdAt, validators"],
    ] as const) {
      writeFileSync(file, text);
      expect(() => loadGenesis(file)).toThrow(`${file}: ${message}`);
    }
  });
});
