/** Reads the terms of a payment, and refuses what could never be applied before it is signed. */
import type { Amount } from "../primitives/amount.ts";
import { utf8 } from "../primitives/bytes.ts";
import { parseUuid } from "../primitives/ids.ts";
import { LIMITS } from "../primitives/limits.ts";
import type { LedgerClient } from "./ledger-client.ts";
import { LedgerError } from "./ledger-error.ts";
import type { TransferTerms, Wallet } from "./wallet.ts";

export interface PaymentTerms {
  readonly to: string;
  /** "0.25 EUR", or minor units of an asset. */
  readonly amount: string | { readonly asset: string; readonly amount: Amount };
  /** At most `LIMITS.referenceLengthMax` bytes of UTF-8. */
  readonly reference?: string | undefined;
  /** Chosen once for each payment, and kept with what is paid: the same id again is the same payment. Default: a random one. */
  readonly id?: string | undefined;
  /** The time in which it may be applied, milliseconds; default: half an hour, or half of what the network allows. */
  readonly lifetimeMs?: number | undefined;
}

const LIFETIME_MS = 30 * 60_000;

/** Throws LedgerError INVALID, which names the field. `now`: milliseconds since the epoch. */
export function readTerms(
  { ledger, wallet }: { readonly ledger: LedgerClient; readonly wallet: Pick<Wallet, "id"> },
  now: number,
  { to, amount: given, reference, id, lifetimeMs }: PaymentTerms,
): TransferTerms {
  const { lifetimeMsMax, clockSkewMs } = ledger.genesis.timings;
  const payee = parseUuid(to);
  const own = id === undefined ? ledger.newId() : parseUuid(id);
  const { asset, amount } = typeof given === "string" ? ledger.money(given) : given;
  const longest = lifetimeMsMax - 2 * clockSkewMs;
  const lifetime = lifetimeMs ?? Math.min(LIFETIME_MS, Math.floor(lifetimeMsMax / 2));
  if (payee === undefined || payee === wallet.id) {
    throw new LedgerError("INVALID", "to: must be the id of another wallet, in lower case");
  }
  if (own === undefined) throw new LedgerError("INVALID", "id: must be a UUID in lower case");
  if (amount < 1n) throw new LedgerError("INVALID", "amount: must be above 0");
  if (!ledger.genesis.assets.some(({ code }) => code === asset)) {
    throw new LedgerError("INVALID", "amount: its currency is not one of the network's");
  }
  if (utf8(reference ?? "").length > LIMITS.referenceLengthMax) {
    const most = LIMITS.referenceLengthMax;
    throw new LedgerError("INVALID", `reference: may have ${most} bytes of UTF-8 at most`);
  }
  if (!(Number.isInteger(lifetime) && lifetime > 0 && lifetime <= longest)) {
    throw new LedgerError("INVALID", `lifetimeMs: must be a whole number from 1 to ${longest}`);
  }
  return { id: own, to: payee, asset, amount, reference, validUntil: now + lifetime };
}
