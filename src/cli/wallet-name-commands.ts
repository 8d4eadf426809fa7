/** `countersign wallet name`, `wallet names` and `wallet unname`: the user's own names for wallets. */
import { printable } from "../primitives/printable.ts";
import { usage } from "./arguments.ts";
import { CommandError, EXIT } from "./command.ts";
import { defineCommand } from "./define-command.ts";
import { readId } from "./id-arguments.ts";
import { nearest } from "./nearest.ts";
import { formatTable } from "./table.ts";
import { isWalletName, NAME_FORM } from "./wallet-name.ts";
import { changeNames, WALLET_NAMES_OPTION, WalletNames } from "./wallet-names.ts";

const DETAILS =
  "Names are yours alone: they stay in --wallets, no node learns them, and a payment is signed with the id. Commands take a name " +
  "wherever they take a wallet, and show it before the id.";

const WALLET_NAME = "wallet name";

export const walletName = defineCommand({
  name: WALLET_NAME,
  example: "countersign wallet name alice 0f8e1c52-3a77-8b1e-9d2c-5c1f0e4b7a90",
  details: `${DETAILS} A name has ${NAME_FORM}.`,
  operands: [
    { name: "NEW", summary: "the name" },
    { name: "ID", summary: "the wallet's id" },
  ],
  options: WALLET_NAMES_OPTION,
  run: async ({ values, operands: [name = "", given = ""] }, terminal) => {
    if (!isWalletName(name)) {
      throw usage(`${WALLET_NAME}: NEW is "${printable(name)}", but must have ${NAME_FORM}`);
    }
    const id = readId(`${WALLET_NAME}: ID`, given);
    await changeNames(WALLET_NAME, values, (names) => {
      const [like, held] = [names.like(name), names.nameOf(id)];
      if (held === name) return new Map(names.all);
      const remedy = (old: string) =>
        `choose another name, or remove that one first: countersign wallet unname ${old}`;
      if (like !== undefined) {
        const why = like === name ? "is" : `looks like "${like}", which is`;
        throw new CommandError(
          `${WALLET_NAME}: "${name}" ${why} the name of ${names.idOf(like)}; ${remedy(like)}`,
        );
      }
      if (held !== undefined) {
        throw new CommandError(`${WALLET_NAME}: ${id} has the name "${held}"; ${remedy(held)}`);
      }
      return new Map([...names.all, [name, id]]);
    });
    terminal.answer({ value: { name, id }, text: `${name} is ${id}` });
    return EXIT.ok;
  },
});

const WALLET_NAMES = "wallet names";

export const walletNames = defineCommand({
  name: WALLET_NAMES,
  example: "countersign wallet names",
  details: DETAILS,
  operands: [],
  options: WALLET_NAMES_OPTION,
  run: async ({ values }, terminal) => {
    const { all } = WalletNames.read(WALLET_NAMES, values);
    terminal.answer({
      value: { names: all.map(([name, id]) => ({ name, id })) },
      text:
        all.length === 0
          ? `no names in ${values.wallets}; give one by: countersign wallet name NAME ID`
          : formatTable(["name", "wallet"], all),
    });
    return EXIT.ok;
  },
});

const WALLET_UNNAME = "wallet unname";

export const walletUnname = defineCommand({
  name: WALLET_UNNAME,
  example: "countersign wallet unname alice",
  details: "Removes the name. The wallet and its key stay as they are.",
  operands: [{ name: "NAMED", summary: "the name" }],
  options: WALLET_NAMES_OPTION,
  run: async ({ values, operands: [name = ""] }, terminal) => {
    const all = new Map(WalletNames.read(WALLET_UNNAME, values).all);
    const id = all.get(name);
    if (id === undefined) {
      const meant = nearest(name, [...all.keys()]);
      const suggestion = meant === undefined ? "" : `; did you mean ${meant}?`;
      throw new CommandError(
        `${WALLET_UNNAME}: there is no name "${printable(name)}"; see countersign wallet names${suggestion}`,
      );
    }
    await changeNames(WALLET_UNNAME, values, (names) => {
      return new Map(names.all.filter(([one]) => one !== name));
    });
    terminal.answer({ value: { name, id }, text: `${name} is no name any more; it was ${id}` });
    return EXIT.ok;
  },
});
