/** The faults that doctor.test.ts plants in the folder of a stopped node, each with the one finding that names it. */
import { chmodSync, cpSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FindingCode } from "../../src/cli/doctor/findings.ts";
import type { Machine } from "../../src/cli/doctor/machine.ts";
import { createAuthority, issueCertificate } from "../../src/transport/certificate-authority.ts";

/** A node whose process has ended, in a network whose other nodes run. */
export interface StoppedNode {
  readonly folder: string;
  /** The folder of another node of the network. */
  readonly other: string;
  /** An empty folder for what a fault needs. */
  readonly beside: string;
}

export interface PlantedFault {
  readonly fault: string;
  readonly code: FindingCode;
  /** A part of the finding's own line, or of its remedy's command. */
  readonly says: RegExp;
  readonly plant?: (node: StoppedNode) => void | Promise<void>;
  /** For what cannot be had without root. */
  readonly machine?: Partial<Machine>;
}

const DAY_MS = 86_400_000;
const LOOPBACK = ["localhost", "127.0.0.1", "::1"];

const config = ({ folder }: StoppedNode) => join(folder, "config.json");
const data = ({ folder }: StoppedNode, ...path: string[]) => join(folder, "data", ...path);
const keyFile = (node: StoppedNode) => data(node, "keys", "custody.key.json");
const certificate = ({ folder }: StoppedNode) => join(folder, "tls-certificate.pem");
const certificateKey = ({ folder }: StoppedNode) => join(folder, "tls-key.pem");

function edit(file: string, change: (fields: Record<string, unknown>) => void): void {
  const fields = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  change(fields);
  writeFileSync(file, JSON.stringify(fields));
}

/** A certificate and its key in place of the node's own, issued for so many days, as of then. */
async function issue(
  node: StoppedNode,
  { days, ago = 0, hosts = LOOPBACK }: { days: number; ago?: number; hosts?: readonly string[] },
) {
  const validity = { now: Date.now() - ago * DAY_MS, days };
  const authority = await createAuthority("A test's authority", validity);
  const terms = { commonName: "node", hosts, uses: ["server" as const], validity };
  const issued = await issueCertificate(authority, terms);
  writeFileSync(certificate(node), issued.certificate);
  writeFileSync(certificateKey(node), issued.key);
  return { authority, issued };
}

async function nameAuthority(node: StoppedNode, pem: string): Promise<void> {
  const file = join(node.beside, "authority.pem");
  writeFileSync(file, pem);
  edit(config(node), (fields) => {
    fields["access"] = { clientAuthority: file };
  });
}

export const FAULTS_OF_FILES: readonly PlantedFault[] = [
  {
    fault: "a key of the configuration has a wrong value",
    code: "CONFIG_INVALID",
    says: /"logLevel" is no level/,
    plant: (node) => edit(config(node), (fields) => (fields["logLevel"] = "loud")),
  },
  {
    fault: "the genesis is not there",
    code: "GENESIS_INVALID",
    says: /"genesis" names nothing/,
    plant: (node) => edit(config(node), (fields) => (fields["genesis"] = "gone.json")),
  },
  {
    fault: "the genesis is cut off",
    code: "GENESIS_INVALID",
    says: /countersign genesis hash /,
    plant: (node) => {
      const file = join(node.beside, "genesis.json");
      writeFileSync(file, readFileSync(join(node.folder, "..", "genesis.json")).subarray(0, 300));
      edit(config(node), (fields) => (fields["genesis"] = file));
    },
  },
  {
    fault: "the configuration names a node that the genesis does not have",
    code: "NODE_UNKNOWN",
    says: /the members of .* are node1, node2, node3, node4/,
    plant: (node) => edit(config(node), (fields) => (fields["node"] = "node9")),
  },
  {
    fault: "the genesis of another network",
    code: "GENESIS_OTHER",
    says: /has the hash [0-9a-f]{64}, and .* belongs to the network [0-9a-f]{64}/,
    plant: (node) => {
      const file = join(node.beside, "genesis.json");
      cpSync(join(node.folder, "..", "genesis.json"), file);
      edit(file, (fields) => (fields["createdAt"] = Number(fields["createdAt"]) + 1));
      edit(config(node), (fields) => (fields["genesis"] = file));
    },
  },
  {
    fault: "the data folder is gone",
    code: "DATA_FOLDER_MISSING",
    says: /countersign rejoin --config /,
    plant: (node) => renameSync(data(node), join(node.beside, "data")),
  },
  {
    fault: "the data folder's marker is damaged",
    code: "DATA_FOLDER_INVALID",
    says: /countersign\.json does not name the node/,
    plant: (node) => writeFileSync(data(node, "countersign.json"), '{"version":1}'),
  },
  {
    fault: "a newer version wrote the data folder",
    code: "DATA_FOLDER_NEWER",
    says: /folder layout 900/,
    plant: (node) => edit(data(node, "countersign.json"), (fields) => (fields["version"] = 900)),
  },
  {
    fault: "the data folder of another node",
    code: "DATA_FOLDER_FOREIGN",
    says: /is the data folder of node2, and "node" is node1/,
    plant: (node) => edit(data(node, "countersign.json"), (fields) => (fields["nodeId"] = "node2")),
  },
  {
    fault: "others may write into the data folder",
    code: "DATA_FOLDER_EXPOSED",
    says: /mode 0777.*chmod -R go-rwx /s,
    plant: (node) => chmodSync(data(node), 0o777),
  },
  {
    fault: "the store is gone",
    code: "STORE_MISSING",
    says: /countersign rejoin --config /,
    plant: (node) => rmSync(data(node, "store"), { recursive: true }),
  },
  {
    fault: "the passphrase's file is gone",
    code: "PASSPHRASE_MISSING",
    says: /passphrase's file is not there/,
    plant: (node) => rmSync(join(node.folder, "passphrase")),
  },
  {
    fault: "others may read the passphrase",
    code: "PASSPHRASE_EXPOSED",
    says: /mode 0644.*chmod 600 .*passphrase/s,
    plant: (node) => chmodSync(join(node.folder, "passphrase"), 0o644),
  },
  {
    fault: "the passphrase of other keys",
    code: "PASSPHRASE_WRONG",
    says: /none of the \d key files/,
    plant: (node) => writeFileSync(join(node.folder, "passphrase"), "another\n"),
  },
  {
    fault: "a key file is gone",
    code: "KEY_MISSING",
    says: /custody\.key\.json is not there/,
    plant: (node) => rmSync(keyFile(node)),
  },
  {
    fault: "others may read a key file",
    code: "KEY_EXPOSED",
    says: /mode 0640.*chmod 600 .*custody\.key\.json/s,
    plant: (node) => chmodSync(keyFile(node), 0o640),
  },
  {
    fault: "one digit of a key file has changed",
    code: "KEY_DAMAGED",
    says: /custody\.key\.json does not open/,
    plant: (node) =>
      edit(keyFile(node), (fields) => {
        const [first = "", rest = ""] = [
          `${fields["sealed"]}`.slice(0, 1),
          `${fields["sealed"]}`.slice(1),
        ];
        fields["sealed"] = `${first === "0" ? "1" : "0"}${rest}`;
      }),
  },
  {
    fault: "the keys of another node",
    code: "KEYS_FOREIGN",
    says: /are not those of node1/,
    plant: (node) => {
      rmSync(data(node, "keys"), { recursive: true });
      cpSync(join(node.other, "data", "keys"), data(node, "keys"), { recursive: true });
      chmodSync(data(node, "keys"), 0o700);
      cpSync(join(node.other, "passphrase"), join(node.folder, "passphrase"));
    },
  },
  {
    fault: "the certificate is cut off",
    code: "CERTIFICATE_INVALID",
    says: /holds a certificate that is cut off/,
    plant: (node) => {
      writeFileSync(certificate(node), readFileSync(certificate(node), "utf8").slice(0, -60));
    },
  },
  {
    fault: "others may read the certificate's key",
    code: "CERTIFICATE_KEY_EXPOSED",
    says: /mode 0644.*chmod 600 .*tls-key\.pem/s,
    plant: (node) => chmodSync(certificateKey(node), 0o644),
  },
  {
    fault: "the key of another certificate",
    code: "CERTIFICATE_KEY_FOREIGN",
    says: /tls-key\.pem is not the key of .*tls-certificate\.pem/,
    plant: (node) => cpSync(join(node.other, "tls-key.pem"), certificateKey(node)),
  },
  {
    fault: "the certificate has expired",
    code: "CERTIFICATE_EXPIRED",
    says: /, 10 days ago.*countersign node reload --config /s,
    plant: async (node) => void (await issue(node, { days: 10, ago: 20 })),
  },
  {
    fault: "the certificate expires within a month",
    code: "CERTIFICATE_EXPIRES",
    says: /, in 11 days/,
    plant: async (node) => void (await issue(node, { days: 12 })),
  },
  {
    fault: "the certificate is not valid yet",
    code: "CERTIFICATE_NOT_YET_VALID",
    says: /is valid from .* on/,
    plant: async (node) => void (await issue(node, { days: 90, ago: -5 })),
  },
  {
    fault: "the certificate is for another host",
    code: "CERTIFICATE_NAME",
    says: /names DNS:elsewhere\.example, and the genesis announces 127\.0\.0\.1/,
    plant: async (node) => void (await issue(node, { days: 90, hosts: ["elsewhere.example"] })),
  },
  {
    fault: "the chain holds an authority that did not issue the certificate",
    code: "CERTIFICATE_CHAIN",
    says: /certificate 2 of 2 .* did not issue the one before it/,
    plant: async (node) => {
      const { issued } = await issue(node, { days: 90 });
      const stranger = await createAuthority("Another", { now: Date.now(), days: 90 });
      writeFileSync(certificate(node), `${issued.certificate}\n${stranger.certificate}`);
    },
  },
  {
    fault: "the authority of client certificates has expired",
    code: "ACCESS_INVALID",
    says: /"access\.clientAuthority" is .* expired at/,
    plant: async (node) => {
      const validity = { now: Date.now() - 20 * DAY_MS, days: 10 };
      await nameAuthority(node, (await createAuthority("Clients", validity)).certificate);
    },
  },
  {
    fault: "the data folder's file system takes no file",
    code: "DISK_UNWRITABLE",
    says: /takes no file \(EROFS\): mount its file system for writing/,
    machine: {
      syncTimesMs: async () => {
        throw Object.assign(new Error("EROFS: read-only file system, open"), { code: "EROFS" });
      },
    },
  },
  {
    fault: "the disk is nearly full",
    code: "DISK_SPACE_LOW",
    says: /4000 MB are free/,
    machine: { freeBytes: async () => 4_000_000_000 },
  },
  {
    fault: "the disk is full",
    code: "DISK_FULL",
    says: /20 MB are free/,
    machine: { freeBytes: async () => 20_000_000 },
  },
  {
    fault: "the disk is slow",
    code: "DISK_SLOW",
    says: /half of 5 writes of 4 KiB .* took 180 ms/,
    machine: { syncTimesMs: async () => [90, 170, 180, 190, 400] },
  },
];
