/** Command lines of backup and restore. */
import { type Lines, NEEDS_CONFIG } from "./lines.ts";

export const BACKUP_LINES: Readonly<Record<string, Lines>> = {
  backup: {
    bad: {
      "--config=": /--config is empty/,
      "--config $HOME/alpha/config.json --out $HOME/b":
        /give one of --recipient AGE, --keys-to DIR/,
      "--config $HOME/alpha/config.json --out $HOME/b --without-keys --rate 0":
        /--rate is "0", but must be a whole number/,
    },
    missing: {
      ...NEEDS_CONFIG,
      "--config $HOME/alpha/config.json": /--out DIR is missing; name the folder to make/,
    },
    // The recipients are looked at first: a backup may take hours.
    fails: [
      "--config $HOME/alpha/config.json --out $HOME/genesis.json --recipient age2",
      /--recipient: number 1 is no recipient of age \(age1…\); give it as age-keygen prints it/,
    ],
    succeeds: "--config $HOME/alpha/config.json --out $HOME/backup --keys-to $HOME/backup-keys",
  },
  "backup verify": {
    bad: { "x y": /"y" is one argument too many/ },
    missing: { "": /BACKUP is missing/ },
    fails: ["$HOME/alpha", /alpha holds no backup \(there is no manifest\.json\)/],
    succeeds: "$HOME/backup",
  },
  restore: {
    bad: {
      "$HOME/backup --config $HOME/alpha/config.json": /holds no keys; name the folder/,
      "$HOME/backup --config $HOME/alpha/config.json --keys x --identity y":
        /--identity and --keys are given; give the one that holds/,
    },
    missing: {
      "": /BACKUP is missing/,
      "$HOME/backup": /--config FILE is missing; name the node's configuration file/,
    },
    fails: [
      "$HOME/backup --config $HOME/alpha/config.json --keys $HOME/backup-keys",
      /"data" is .*alpha\/data, where something is already, and a restore overwrites nothing/,
    ],
  },
};
