/** `countersign keygen`: makes an operator's node keys, and the public file that the other operators need. */

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { signingKeyOf } from "../node/base/crypto.ts";
import { drawNodeSeeds, saveNodeKeys } from "../node/files/node-keys.ts";
import { toHex, utf8 } from "../primitives/bytes.ts";
import { ADDRESS_FORM, isNetworkAddress } from "../primitives/network-address.ts";
import { PUBLIC_FILE_MODE, writeFileDurably } from "../storage/atomic-file.ts";
import { stateOf } from "../storage/data-folder.ts";
import { namesIn } from "../storage/folder-names.ts";
import { KeyRing } from "../storage/key-ring.ts";
import { makeFolder } from "../storage/make-folder.ts";
import { createPassphraseFile, loadPassphrase } from "../storage/passphrase.ts";
import { usage } from "./arguments.ts";
import { CommandError, EXIT } from "./command.ts";
import { defineCommand } from "./define-command.ts";
import { formatMember } from "./member-file.ts";
import { operatorFolder } from "./operator-folder.ts";

const NAME = "keygen";
const NODE_NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

export const keygen = defineCommand({
  name: NAME,
  example:
    "countersign keygen --node node1 --peer-address 127.0.0.1:7101 --client-address 127.0.0.1:7001",
  details:
    "This is the first step to a network of separate machines (docs/operations.md). Give " +
    "member.json to the other operators. Give no other file of the folder to anyone.",
  operands: [],
  options: {
    node: { kind: "text", value: "NAME", summary: "the node's name in the network" },
    "peer-address": {
      kind: "text",
      value: "H:P",
      summary: "address at which the other nodes reach it",
    },
    "client-address": { kind: "text", value: "H:P", summary: "address at which clients reach it" },
    out: { kind: "text", value: "DIR", summary: "folder to make (default: the node's name)" },
    "passphrase-file": {
      kind: "text",
      value: "FILE",
      summary: "passphrase of the keys, mode 0600 (default: a random one kept in DIR)",
    },
  },
  run: async ({ values }, terminal) => {
    const id = matching("--node", values.node, NODE_NAME, "1 to 63 of a-z, 0-9 and hyphen");
    const peerAddress = addressOf("--peer-address", values["peer-address"]);
    const clientAddress = addressOf("--client-address", values["client-address"]);
    const folder = resolve(values.out ?? id);
    const files = operatorFolder(folder);
    const isThere = (await namesIn(folder)) !== undefined;
    const found = isThere ? ((await namesIn(files.keys)) ?? []) : [];
    if (found.length > 0 || (await stateOf(files.data)) !== "absent") {
      throw new CommandError(
        `${NAME}: ${folder} holds keys already; they are never overwritten, so give --out for another folder`,
      );
    }
    if (existsSync(files.member)) {
      throw new CommandError(`${NAME}: ${files.member} exists; give --out for another folder`);
    }
    await makeFolder(folder, 0o700);
    const given = values["passphrase-file"];
    if (given === undefined) await createPassphraseFile(files.passphrase);
    const passphrase = await loadPassphrase(given ?? files.passphrase, { isNew: true });
    const seeds = drawNodeSeeds();
    const identity = signingKeyOf(seeds.identity);
    const { publicKey: custodyKey } = signingKeyOf(seeds.custody);
    const ring = await KeyRing.open(files.keys, passphrase);
    await saveNodeKeys(ring, seeds);
    await ring.close();
    passphrase.fill(0);
    const { publicKey: identityKey } = identity;
    const member = { id, peerAddress, clientAddress, identityKey, custodyKey };
    await writeFileDurably(files.member, utf8(formatMember(member, identity)), PUBLIC_FILE_MODE);
    const keys = { identityKey: toHex(identityKey), custodyKey: toHex(custodyKey) };
    terminal.answer({
      value: { folder, member: files.member, id, ...keys },
      text:
        `Keys of ${id} are in ${files.keys}.\nidentity key  ${keys.identityKey}\n` +
        `Give ${files.member} to the other operators, and read the identity key to them.`,
    });
    return EXIT.ok;
  },
});

function addressOf(flag: string, text: string | undefined): string {
  if (text === undefined) throw usage(`${NAME}: ${flag} is missing; it takes ${ADDRESS_FORM}`);
  if (isNetworkAddress(text)) return text;
  throw usage(`${NAME}: ${flag} is "${text}", but must be ${ADDRESS_FORM}`);
}

function matching(flag: string, text: string | undefined, form: RegExp, words: string): string {
  if (text === undefined) throw usage(`${NAME}: ${flag} is missing; it takes ${words}`);
  if (form.test(text)) return text;
  throw usage(`${NAME}: ${flag} is "${text}", but must be ${words}`);
}
