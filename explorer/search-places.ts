/** The places that a text in the search field names. A node has no index of payments by their ids alone. */

const ID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const WALLET = new RegExp(`^${ID}$`);
/** With anything between them that is no part of an id. */
const PAYMENT = new RegExp(`^(${ID})[^0-9a-f-]+(${ID})$`);
const BLOCK = /^(\d{1,15}|[0-9a-f]{64})$/;

/** The view and its parts: a block, a wallet, or the receipt of a payment by its payer and its id; undefined if the text names none. */
export function placeNamed(text: string): readonly [view: string, ...string[]] | undefined {
  const given = text.trim().toLowerCase();
  const plain = given.replace(/[\s\u202f]/g, "");
  if (BLOCK.test(plain)) return ["blocks", plain];
  if (WALLET.test(plain)) return ["wallets", plain];
  const [, payer, id] = PAYMENT.exec(given) ?? [];
  return payer === undefined || id === undefined ? undefined : ["receipt", payer, id];
}
