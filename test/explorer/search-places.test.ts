// The search field: a block, a wallet and a payment are told apart by their form, and anything else names no place.
import { expect, it } from "vitest";
import { placeNamed } from "../../explorer/search-places.ts";

const WALLET = "0f8fad5b-d9cb-869f-a165-70867728950e";
const ID = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
const HASH = "ab".repeat(32);

it.each([
  ["50 000", ["blocks", "50000"]],
  ["50\u202f000", ["blocks", "50000"]],
  [HASH.toUpperCase(), ["blocks", HASH]],
  [` ${WALLET.toUpperCase()} `, ["wallets", WALLET]],
  [`${WALLET} ${ID}`, ["receipt", WALLET, ID]],
  [`${WALLET}/${ID}`, ["receipt", WALLET, ID]],
  [`${WALLET},\t${ID}`, ["receipt", WALLET, ID]],
])("%s names a place", (text, place) => {
  expect(placeNamed(text)).toEqual(place);
});

it.each([
  "",
  "-1",
  "1.5",
  "9".repeat(16),
  HASH.slice(1),
  WALLET.slice(1),
  `${WALLET}${ID}`,
  `${WALLET} ${ID} ${ID}`,
  "../x",
])("“%s” names none", (text) => {
  expect(placeNamed(text)).toBeUndefined();
});
