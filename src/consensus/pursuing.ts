/** Going after what is missing: certificates by questions, bodies by fetching (R18, R25). */
import { toHex } from "../primitives/bytes.ts";
import { retryMs, type State, type Want } from "./state.ts";

/** Asks at once for what is newly missing, and again from time to time for as long as it is. */
export function pursueWants(state: State): void {
  const { askedAt, now, timers, wants } = state;
  const keys = new Set(wants.map(keyOf));
  for (const key of askedAt.keys()) if (!keys.has(key)) askedAt.delete(key);
  let next: number | undefined;
  for (const want of wants) {
    const key = keyOf(want);
    const asked = askedAt.get(key);
    if (asked === undefined || now - asked >= retryMs(state)) {
      ask(state, want, asked === undefined);
      askedAt.set(key, now);
    }
    const again = (askedAt.get(key) ?? now) + retryMs(state);
    if (next === undefined || again < next) next = again;
  }
  if (next === undefined) timers.disarm("retry");
  else timers.arm("retry", next);
}

function ask(state: State, want: Want, first: boolean): void {
  if (want.kind === "block") {
    const { block, certificate } = want;
    const signers = certificate.signatures.map(({ signer }) => signer);
    const peers = signers.filter((signer) => signer !== state.config.self);
    const above = state.ancestry.final.header.height;
    state.draft.request({ kind: "fetchBlocks", ...block, above, certificate, peers });
    return;
  }
  const { from, to, block, peer } = want;
  const { epoch } = state.config;
  const whom = first && peer !== undefined ? peer : "all";
  state.draft.send(whom, { kind: "question", epoch, from, to, block });
}

function keyOf(want: Want): string {
  if (want.kind === "block") return `block/${toHex(want.block.hash)}`;
  const block = want.block === undefined ? "" : toHex(want.block);
  return `certificates/${want.from}-${want.to}/${block}`;
}
