/** Command lines of every command that are wrong, lack something, fail or succeed, for every-command.test.ts. */

import { BACKUP_LINES } from "./backup-lines.ts";
import { type Lines, NEEDS_CONFIG } from "./lines.ts";
import { PROOF_LINES } from "./proof-command-lines.ts";
import { UPGRADE_LINES } from "./upgrade-lines.ts";

const ABSENT = "0f8e1c52-3a77-8b1e-9d2c-5c1f0e4b7a90";
const PAYEE = "7d3b9f10-64c2-8e5a-a1b7-2f9c8d0e6b43";

const MUST_BE_UUID = /must be a(?: wallet's id, a)? UUID in lower case/;
const NO_NETWORK: Lines["fails"] = ["--network $HOME/no", /genesis cannot be read.*--network DIR/];
const NO_CONFIG: Lines["fails"] = [
  "--config $HOME/no.json",
  /no\.json: cannot be read.*make one by countersign init/,
];
const GIVEN_NODE = "--node mallory --genesis $HOME/genesis.json";
const BAD_NODE = { [GIVEN_NODE]: /--node is "mallory", but the genesis knows alpha/ };
const FROM_TO = `--from ${ABSENT} --to ${PAYEE}`;

/** Commands that ask a running node. */
const OPERATOR_LINES: Lines = {
  bad: { "--config=": /--config is empty/ },
  missing: NEEDS_CONFIG,
  fails: [
    "--config $HOME/alpha/config.json",
    /no node listens at .*operator\.sock; start it by countersign node --config/,
  ],
};

/** Commands that tell a running node the name of something. */
const NAMED_LINES: Lines = {
  bad: { "a --config=": /--config is empty/ },
  missing: { "": /NAME is missing/, a: /--config FILE is missing/ },
  fails: [
    "a --config $HOME/alpha/config.json",
    /no node listens at .*operator\.sock; start it by countersign node --config/,
  ],
};

/** Commands that list the whole chain. */
const CHAIN_LINES: Lines = {
  bad: {
    [GIVEN_NODE]: /genesis knows alpha/,
    "--limit 0": /--limit is "0", but must be a whole number from 1 to 1000000/,
    "--since 2026-02-30": /--since is "2026-02-30", but must be a day \(UTC\) such as/,
    "--until yesterday": /--until is "yesterday", but must be a day \(UTC\) such as/,
  },
  missing: { "--since": /argument missing; it takes --limit N/ },
  fails: NO_NETWORK,
};

export const TABLE: Readonly<Record<string, Lines>> = {
  devnet: {
    bad: {
      "--nodes 1": /--nodes is "1", but must be a whole number from 2 to 31/,
      "--port 80": /--port is "80", but must be a whole number from 1024/,
    },
    missing: { "--port": /argument missing; it takes --nodes N, --port P/ },
    fails: ["--port $PORT", /port \d+ on 127.0.0.1 cannot be had.*give --port for others/],
  },
  node: { bad: { "--config=": /--config is empty/ }, missing: NEEDS_CONFIG, fails: NO_CONFIG },
  "node status": OPERATOR_LINES,
  "node peers": OPERATOR_LINES,
  "node reload": OPERATOR_LINES,
  "node drain": {
    ...OPERATOR_LINES,
    bad: {
      "--config x --wait soon": /--wait is "soon", but must be a whole number from 0 to 3600/,
      "--config x --wait 5 --resume": /--resume waits for nothing; leave --wait out/,
    },
  },
  "node log-level": {
    ...OPERATOR_LINES,
    bad: { "loud --config x": /"loud" is no level; give debug, info, warn, error, silent/ },
  },
  doctor: {
    bad: { "--config=": /--config is empty/ },
    missing: NEEDS_CONFIG,
  },
  "token create": {
    ...OPERATOR_LINES,
    bad: {
      "--config x --name a/b --scopes read": /--name is "a\/b"; give 1 to 64 letters/,
      "--config x --name a --scopes read,all":
        /--scopes has "all", which is no scope; give some of read, read:all/,
      "--config x --name a --scopes read --expires-in soon":
        /--expires-in is "soon"; give a time such as 30m/,
      "--config x --scopes read": /--name is missing/,
      "--config x --name a": /--scopes is missing/,
    },
    missing: { "--name a --scopes read": /--config FILE is missing/ },
    fails: [
      "--config $HOME/alpha/config.json --name a --scopes read",
      /no node listens at .*operator\.sock; start it by countersign node --config/,
    ],
  },
  "token list": OPERATOR_LINES,
  "token revoke": {
    ...NAMED_LINES,
    missing: { "": /TOKEN is missing/, a: /--config FILE is missing/ },
  },
  "webhook add": {
    bad: {
      "https://a.example --config x": /--name NAME is missing: lower-case/,
      "https://a.example --config x --name a --wallet w":
        /--wallet is "w", but must be a wallet's id/,
      "https://a.example --config x --name a --from-height soon":
        /--from-height is "soon", but must be a whole number from 0/,
    },
    missing: {
      "--name a": /URL is missing/,
      "https://a.example --name a": /--config FILE is missing/,
    },
    fails: [
      "https://a.example --name a --config $HOME/alpha/config.json",
      /no node listens at .*operator\.sock; start it by countersign node --config/,
    ],
  },
  "webhook list": OPERATOR_LINES,
  "webhook remove": NAMED_LINES,
  "webhook redeliver": {
    ...NAMED_LINES,
    bad: {
      "a --config x --from-height=-1": /--from-height is "-1", but must be a whole number from 0/,
    },
  },
  ...UPGRADE_LINES,
  keygen: {
    bad: {
      "--node No!": /--node is "No!", but must be 1 to 63 of a-z/,
      "--node a --peer-address x": /--peer-address is "x", but must be host:port/,
    },
    missing: {
      "": /--node is missing/,
      "--node a": /--peer-address is missing; it takes host:port/,
    },
    fails: [
      "--node alpha --peer-address h:1 --client-address h:2 --out $HOME/alpha",
      /holds keys already; they are never overwritten, so give --out/,
    ],
    succeeds: "--node carol --peer-address h:1 --client-address h:2 --out $HOME/carol",
  },
  "passphrase change": {
    bad: {
      "--config a --wallets b --to c": /give either --config FILE or --wallets DIR/,
      "--to c": /give either --config FILE or --wallets DIR/,
    },
    missing: { "--config a": /--to is missing; it takes a file of mode 0600, fd:N/ },
    fails: ["--wallets $HOME/no --to env:NONE", /holds no keys; name the folder of your wallets/],
  },
  "genesis compose": {
    bad: {
      "$HOME/alpha/member.json --issuers mallory":
        /issuer "mallory" is neither a member's name nor/,
      "$HOME/alpha/member.json --issuers alpha --created-at 1790000000":
        /--created-at, in milliseconds since 1970, is "1790000000", but must be a whole number from 1000000000000 /,
      "$HOME/alpha/member.json --assets EUR:99 --issuers alpha":
        /decimals of asset "EUR:99" is "99"/,
    },
    missing: {
      "": /MEMBER is missing: member.json of each node/,
      "$HOME/alpha/member.json": /--issuers is missing; name who may create money/,
    },
    fails: [
      "$HOME/no.json --issuers alpha",
      /no\.json: .*; ask its operator for the member.json that keygen wrote/,
    ],
    succeeds:
      "$HOME/alpha/member.json $HOME/bravo/member.json --issuers alpha --out $HOME/again.json",
  },
  "genesis inspect": {
    bad: { "one two": /"two" is one argument too many; it takes FILE/ },
    missing: { "": /FILE is missing: a genesis file; it takes FILE/ },
    fails: ["$HOME/no.json", /no\.json: the genesis cannot be read.*; name a file/],
    succeeds: "$HOME/genesis.json",
  },
  "genesis hash": {
    bad: { "one two": /"two" is one argument too many; it takes FILE/ },
    missing: { "": /FILE is missing: a genesis file; it takes FILE/ },
    fails: [
      "$HOME/alpha/member.json",
      /member\.json: .* is not known: remove it, or see createdAt/,
    ],
    succeeds: "$HOME/genesis.json",
  },
  init: {
    bad: {
      "$HOME/alpha --client-listen 0.0.0.0": /--client-listen is "0.0.0.0", but must be host:port/,
      "$HOME/alpha --peer-listen 7001": /--peer-listen is "7001", but must be host:port/,
    },
    missing: { "": /DIR is missing: the folder that keygen made/ },
    fails: ["$HOME/none", /none holds no keys; make them by countersign keygen --out/],
    succeeds: "$HOME/bravo --genesis $HOME/genesis.json",
  },
  certs: {
    bad: { "--out=": /--out is empty; it takes DIR/ },
    missing: { "--out": /argument missing; it takes --out DIR/ },
    fails: ["--out $HOME/genesis.json", /genesis\.json cannot be used \(E\w+\); name another path/],
    succeeds: "--out $HOME/certs",
  },
  "certs init": {
    bad: {
      "--days 0": /--days is "0", but must be a whole number from 1 to 36500/,
      "--name é": /--name is "é", but must be 1 to 64 printable ASCII/,
    },
    missing: { "--out": /argument missing; it takes --out DIR/ },
    fails: ["--out $HOME/certs", /ca\.pem exists; give --out for another folder/],
    succeeds: "--out $HOME/authority",
  },
  "certs issue": {
    bad: {
      "--hosts a,b_/": /--hosts has "b_\/", but must hold names such as/,
      "--hosts a --client b": /give --hosts for a listener, or --client for a client/,
    },
    missing: { "": /give --hosts for a listener, or --client for a client/ },
    fails: ["--hosts a --authority $HOME/no", /no\/ca\.pem is missing/],
    succeeds: "--hosts localhost,127.0.0.1 --authority $HOME/authority --out $HOME/issued",
  },
  "certs renew": {
    bad: {
      "$HOME/issued/tls-certificate.pem --days x": /--days is "x", but must be a whole number/,
      "$HOME/genesis.json": /the key of .*genesis\.json is not known; name it by --key FILE/,
    },
    missing: { "": /CERTIFICATE is missing: a certificate that certs issue wrote/ },
    fails: [
      "$HOME/certs/tls-certificate.pem --authority $HOME/authority",
      /was not issued by the authority in .*authority; name the right one by --authority/,
    ],
    succeeds: "$HOME/issued/tls-certificate.pem --authority $HOME/authority",
  },
  "certs revoke": {
    bad: { "$HOME/issued/tls-certificate.pem --days 0": /--days is "0", but must be a whole/ },
    missing: { "--authority": /argument missing; it takes CERTIFICATE, --authority DIR/ },
    fails: [
      "$HOME/certs/tls-certificate.pem --authority $HOME/authority",
      /was not issued by the authority in .*authority; name the right one by --authority/,
    ],
    succeeds: "$HOME/issued/tls-certificate.pem --authority $HOME/authority",
  },
  "certs inspect": {
    bad: { "$HOME/issued/tls-certificate.pem --ca=": /--ca is empty/ },
    missing: { "": /CERTIFICATE is missing: a file in PEM/ },
    fails: ["$HOME/genesis.json", /genesis\.json, which holds no certificate in PEM/],
    succeeds: "$HOME/issued/tls-certificate.pem --ca $HOME/authority/ca.pem",
  },
  check: {
    bad: { "--config=": /--config is empty/ },
    missing: NEEDS_CONFIG,
    fails: NO_CONFIG,
    succeeds: "--config $HOME/alpha/config.json",
  },
  ...BACKUP_LINES,
  "audit verify": {
    bad: { "x --contains=": /--contains is empty/ },
    missing: { "": /FILE is missing: a file of the audit log/ },
    fails: ["$HOME/no.jsonl", /no\.jsonl cannot be used \(ENOENT\); name another path/],
  },
  "evidence list": {
    bad: { "--config=": /--config is empty/ },
    missing: NEEDS_CONFIG,
    fails: NO_CONFIG,
    succeeds: "--config $HOME/alpha/config.json",
  },
  "evidence export": {
    bad: { "--config=": /--config is empty/ },
    missing: {
      "": /--out FILE is missing; name the file to write/,
      "--out x": /--config FILE is missing; name the node's configuration file/,
    },
    fails: [
      "--out x --config $HOME/no.json",
      /no\.json: cannot be read.*make one by countersign init/,
    ],
    succeeds: "--config $HOME/alpha/config.json --out $HOME/evidence.json",
  },
  "evidence verify": {
    bad: { "x --genesis=": /--genesis is empty/ },
    missing: { "": /FILE is missing/ },
    fails: [
      "$HOME/no.json --genesis $HOME/genesis.json",
      /no\.json cannot be read.*name a file that countersign evidence export wrote/,
    ],
  },
  rejoin: {
    bad: { "--config x --wait 0": /--wait must be 1 to 86400 seconds, not "0"/ },
    missing: NEEDS_CONFIG,
    fails: NO_CONFIG,
  },
  "wallet create": {
    bad: {
      "--initial-balance 1.5":
        /--initial-balance is "1.5", but must be an amount with its currency/,
      "--resume x --genesis $HOME/genesis.json --wallets $HOME/more": MUST_BE_UUID,
      "--asset X --genesis $HOME/genesis.json": /--asset is "X", but the network has/,
      "--custodial --asset X --genesis $HOME/genesis.json": /--asset is "X", but the network has/,
    },
    missing: { "--asset": /argument missing; it takes --initial-balance AMOUNT/ },
    fails: NO_NETWORK,
  },
  "wallet show": {
    bad: { "My-Wallet": MUST_BE_UUID, [`${ABSENT} ${GIVEN_NODE}`]: /genesis knows alpha/ },
    missing: { "": /WALLET is missing: the wallet's id, or your name for it; it takes WALLET/ },
    fails: [`${ABSENT} --network $HOME/no`, /genesis cannot be read.*--network DIR/],
  },
  "wallet list": {
    bad: {
      [`${GIVEN_NODE} --wallets $HOME/wallets`]: /--node is "mallory", but the genesis knows/,
      "--all --custodial": /--all is given beside --custodial/,
      "--custodial": /--custodial needs --node NODE/,
      "--all --limit x": /--limit is "x", but must be a whole number/,
    },
    missing: { "--wallets": /argument missing; it takes --all, --custodial, --limit N/ },
    fails: ["--wallets $HOME/wallets --network $HOME/no", /genesis cannot be read.*--network DIR/],
    succeeds: "--wallets $HOME/empty",
  },
  "wallet name": {
    bad: {
      [`Alice ${ABSENT} --wallets $HOME/named`]:
        /NEW is "Alice", but must have 1 to 32 letters a to z/,
      [`deadbeef-1 ${ABSENT}`]: /begins with a letter, but not like an id/,
      "alice bob": MUST_BE_UUID,
    },
    missing: { "": /NEW is missing: the name; it takes NEW, ID/, alice: /ID is missing/ },
    fails: [`alice ${ABSENT} --wallets $HOME/genesis.json/x`, /cannot be used \(ENOTDIR\)/],
    succeeds: `alice ${ABSENT} --wallets $HOME/named`,
  },
  "wallet names": {
    bad: { x: /"x" is one argument too many/ },
    missing: { "--wallets": /argument missing; it takes --wallets DIR/ },
    succeeds: "--wallets $HOME/named",
  },
  "wallet unname": {
    bad: { "x y": /"y" is one argument too many/ },
    missing: { "": /NAMED is missing: the name; it takes NAMED/ },
    fails: ["alicia --wallets $HOME/named", /no name "alicia"; .* did you mean alice\?/],
    succeeds: "alice --wallets $HOME/named",
  },
  statement: {
    bad: {
      "My-Wallet": MUST_BE_UUID,
      [`${ABSENT} ${GIVEN_NODE}`]: /genesis knows alpha/,
      [`${ABSENT} --limit 0`]: /--limit is "0", but must be a whole number from 1 to 1000000/,
      [`${ABSENT} --since 2026-02-30`]:
        /--since is "2026-02-30", but must be a day \(UTC\) such as/,
      [`${ABSENT} --since 2026-02-30T10:00Z`]:
        /is "2026-02-30T10:00Z", but must be a day \(UTC\) such/,
      [`${ABSENT} --until yesterday`]: /--until is "yesterday", but must be a day \(UTC\) such as/,
      [`${ABSENT} --counterparty bob`]: MUST_BE_UUID,
    },
    missing: { "": /WALLET is missing: the wallet's id, or your name for it; it takes WALLET/ },
    fails: [`${ABSENT} --network $HOME/no`, /genesis cannot be read.*--network DIR/],
  },
  export: {
    bad: {
      "My-Wallet": MUST_BE_UUID,
      [`${ABSENT} ${GIVEN_NODE}`]: /genesis knows alpha/,
      [`${ABSENT} --format xml`]: /--format is "xml", but must be csv or jsonl or camt053/,
      [`${ABSENT} --since 2026-02-30`]: /--since is "2026-02-30", but must be a day/,
    },
    missing: { "": /WALLET is missing: the wallet's id, or your name for it; it takes WALLET/ },
    fails: [`${ABSENT} --network $HOME/no`, /genesis cannot be read.*--network DIR/],
  },
  history: CHAIN_LINES,
  watch: {
    bad: {
      "My-Wallet": MUST_BE_UUID,
      [GIVEN_NODE]: /genesis knows alpha/,
      "--limit 0": /--limit is "0", but must be a whole number from 1 to 1000000/,
      "--from x --from-start": /--from and --from-start exclude one another/,
    },
    missing: { "--from": /argument missing; it takes WALLET, --from CURSOR/ },
    fails: NO_NETWORK,
  },
  blocks: CHAIN_LINES,
  transfer: {
    bad: {
      "--from x --to y --amount 1": MUST_BE_UUID,
      [`${FROM_TO} --amount -1`]:
        /--amount is followed by what looks like an option; write --amount=VALUE/,
      [`${FROM_TO} --amount 1e3`]: /--amount is "1e3", but must be an amount with its currency/,
      [`${FROM_TO} --amount 1 --asset eur --genesis $HOME/genesis.json`]:
        /--asset is "eur", but the/,
      [`${FROM_TO} --amount 0 --genesis $HOME/genesis.json`]: /--amount is zero; give at least one/,
      [`--from ${ABSENT} --to ${ABSENT} --amount 1 --genesis $HOME/genesis.json`]:
        /--to is the paying wallet/,
      [`${FROM_TO} --amount 1 --wait long`]: /--wait is "long", but must be final or sealed/,
      [`${FROM_TO} --amount 1 --valid-until soon`]: /--valid-until is "soon", but must be a whole/,
      [`${FROM_TO} --file payments.csv`]: /--to is for one payment, and --file for those of a file/,
      "--from x --file payments.csv": MUST_BE_UUID,
    },
    missing: {
      "": /--from WALLET is missing: the paying wallet/,
      [FROM_TO]: /--amount AMOUNT is missing/,
      "--file payments.csv": /--from WALLET is missing: the paying wallet/,
    },
    fails: [`${FROM_TO} --amount 1 --network $HOME/no`, /genesis cannot be read.*--network DIR/],
  },
  cancel: {
    bad: {
      [`--from x --id ${PAYEE}`]: MUST_BE_UUID,
      [`--from ${ABSENT} --id My-Id`]: MUST_BE_UUID,
      [`--from ${ABSENT} --id ${PAYEE} --valid-until soon`]: /--valid-until is "soon", but must be/,
      [`--from ${ABSENT} --id ${PAYEE} ${GIVEN_NODE}`]: /genesis knows alpha/,
    },
    missing: {
      "": /--from WALLET is missing: the paying wallet, whose key is in --wallets/,
      [`--from ${ABSENT}`]: /--id UUID is missing: the payment's id/,
    },
    fails: [
      `--from ${ABSENT} --id ${PAYEE} --genesis $HOME/genesis.json --wallets $HOME/wallets`,
      /the key of \S+ is not in \S+, and only it can cancel a payment; see wallet list/,
    ],
  },
  sign: {
    bad: {
      [`${FROM_TO} --amount EUR`]: /--amount is "EUR", but must be an amount with its currency/,
      [`${FROM_TO} --amount 1 --asset X --genesis $HOME/genesis.json`]: /--asset is "X", but the/,
    },
    missing: { "": /--from WALLET is missing/, [`--from ${ABSENT}`]: /--to WALLET is missing/ },
    fails: [
      `${FROM_TO} --amount 1 --genesis $HOME/genesis.json --wallets $HOME/wallets`,
      /the key of 0f8e.* is not in .*wallets; see wallet list, and --wallets DIR/,
    ],
    succeeds: `--from $WALLET --to ${PAYEE} --amount 1 --genesis $HOME/genesis.json --wallets $HOME/wallets`,
  },
  "receipt get": {
    bad: {
      "--wallet x": MUST_BE_UUID,
      [`--from ${ABSENT} --id x`]: MUST_BE_UUID,
      [`--wallet ${ABSENT} --as x`]: MUST_BE_UUID,
      "--link https://a.example/":
        /--link is "https:.*", but must be a link of countersign receipt show/,
      [`--link x --wallet ${ABSENT}`]: /--link stands alone/,
    },
    missing: {
      "": /name a payment by --from and --id, or a wallet by --wallet/,
      [`--from ${ABSENT}`]: /name a payment by --from and --id/,
    },
    fails: [`--wallet ${ABSENT} --network $HOME/no`, /genesis cannot be read.*--network DIR/],
  },
  "receipt verify": {
    bad: { "a.json b.json": /"b.json" is one argument too many; it takes FILE/ },
    missing: { "": /FILE is missing: a receipt as the API gave it/ },
    fails: [
      "$HOME/x.json --genesis $HOME/genesis.json",
      /x\.json cannot be read \(ENOENT.*; name a receipt, as countersign receipt get prints it/,
    ],
  },
  "receipt show": {
    bad: { "a.json b.json": /"b.json" is one argument too many; it takes FILE/ },
    missing: { "--genesis": /argument missing; it takes FILE, --genesis FILE/ },
    fails: [
      "$HOME/no.json --genesis $HOME/genesis.json",
      /no\.json cannot be read .*; name a receipt, as countersign receipt get prints it/,
    ],
  },
  "receipt pdf": {
    bad: { "a.json b.json": /"b.json" is one argument too many; it takes FILE/ },
    missing: { "": /FILE is missing: a receipt/, x: /--out FILE is missing: the file to write/ },
    fails: [
      "$HOME/no.json --out $HOME/no.pdf --genesis $HOME/genesis.json",
      /no\.json cannot be read .*; name a receipt, as countersign receipt get prints it/,
    ],
  },
  ...PROOF_LINES,
  status: {
    bad: { "--network=": /--network is empty; it takes DIR/ },
    missing: { "--network": /argument missing; it takes --network DIR/ },
    fails: NO_NETWORK,
  },
  network: { bad: BAD_NODE, missing: { "--node": /argument missing/ }, fails: NO_NETWORK },
  peers: { bad: BAD_NODE, missing: { "--node": /argument missing/ }, fails: NO_NETWORK },
  bench: {
    bad: {
      "--seconds 0": /--seconds is "0", but must be a whole number from 1 to 600/,
      "--payers 1": /--payers is "1", but must be a whole number from 2 to 1000/,
      ...BAD_NODE,
    },
    missing: { "--seconds": /argument missing; it takes --seconds S/ },
    fails: NO_NETWORK,
  },
  completion: {
    bad: { "--shell tcsh": /--shell is "tcsh", but must be bash or zsh or fish/ },
    missing: { "--shell": /argument missing; it takes --shell SHELL/ },
    succeeds: "",
  },
};
