/**
 * The reasons why the network tolerates fewer failures than it promises, as far as this node knows, for GetStatus and
 * the log. Until the next failure such a network works as before, so nothing else shows it.
 */

import type { Core } from "../../consensus/core.ts";
import {
  ceremonyDeadline,
  ceremonyMembers,
  missingMembers,
} from "../../ledger/ceremony-progress.ts";
import type { CeremonyRecord } from "../../ledger/ceremony-record.ts";
import type { LedgerContext } from "../../ledger/context.ts";
import type { View } from "../../primitives/numbers.ts";
import { printable } from "../../primitives/printable.ts";
import type { Validator } from "../../primitives/validators.ts";
import { formatTime } from "../../transport/iso-time.ts";
import type { System } from "../base/system.ts";
import type { Finalizer } from "../execution/finalizer.ts";
import type { Approvals } from "../peers/approvals.ts";
import type { PeerContacts } from "../peers/peer-contacts.ts";
import type { Registry } from "../peers/registry.ts";
import type { Sealing } from "../sealing/sealing.ts";

export interface Shortfall {
  /** A sentence that names the member or node; all nodes that know the reason use the same sentence. */
  readonly text: string;
  /** True if it does not end by itself, or not soon. */
  readonly isLasting: boolean;
}

export interface ShortfallParts {
  readonly context: LedgerContext;
  readonly self: Validator;
  readonly firstView: View;
  /** The certificate that clients are shown, with its expiry, milliseconds since 1970. */
  readonly certificate: { readonly endsAt: number } | undefined;
  readonly system: Pick<System, "wall">;
  readonly finalizer: Pick<Finalizer, "committed" | "keyCertificate">;
  readonly consensus: { readonly core: Pick<Core, "status"> };
  readonly registry: Pick<Registry, "of">;
  readonly approvals: Pick<Approvals, "planOf">;
  readonly contacts: Pick<PeerContacts, "links" | "silentMs" | "software" | "bodies">;
  readonly sealing: Pick<Sealing, "outlook" | "driver">;
}

export function shortfallsOf(parts: ShortfallParts): Shortfall[] {
  return [...ofRules(parts), ...ofVotes(parts), ...ofSeals(parts)];
}

/** The node has gone back to software that its own approval rules out (L30). */
function ofRules({ context, self, approvals, finalizer }: ShortfallParts): Shortfall[] {
  const plan = approvals.planOf(self.index);
  const { height } = finalizer.committed.state;
  if (plan === undefined || plan.ruleset <= context.rulesetMax || plan.until <= height) return [];
  const { ruleset, from, version } = plan;
  const text =
    `${self.id} has approved ruleset ${ruleset} from height ${from} on, and its software knows the rulesets up to ` +
    `${context.rulesetMax}: install version ${printable(JSON.stringify(version))} or later`;
  return [{ text, isLasting: true }];
}

/** The reason why there is no group key; undefined if there is one. */
export function keylessBecause(context: LedgerContext, record: CeremonyRecord): string | undefined {
  if (record.kind === "final") return undefined;
  if (record.kind === "idle") {
    const next = `attempt ${record.attempt + 1} at it is about to be opened`;
    return `there is no group key yet: ${next}`;
  }
  const names = context.members(record.epoch);
  const waits = missingMembers(context, record).map(
    (index) => names[index]?.id ?? `member ${index}`,
  );
  const until = formatTime(ceremonyDeadline(context, record));
  return `there is no group key yet: the ceremony waits for ${waits.join(", ")}, until ${until}`;
}

function ofVotes(parts: ShortfallParts): Shortfall[] {
  const { context, self, firstView, consensus, registry, contacts } = parts;
  const { certificate, system, finalizer } = parts;
  const endsAt = certificate?.endsAt ?? Number.POSITIVE_INFINITY;
  const found: Shortfall[] = [];
  if (consensus.core.status().view < firstView) {
    const text = `${self.id} has rejoined, and does not vote before view ${firstView}`;
    found.push({ text, isLasting: false });
  }
  if (system.wall() > endsAt) {
    const at = formatTime(endsAt);
    const text = `${self.id} shows clients a certificate that expired at ${at}: renew it, and reload`;
    found.push({ text, isLasting: true });
  }
  for (const { index, id } of context.members(finalizer.committed.state.epoch)) {
    if (index === self.index || contacts.links.isConnected(index)) continue;
    const mismatch = contacts.software.refusalOf(index);
    if (mismatch !== undefined) {
      found.push({ text: `there is no link to ${id}: ${mismatch.message}`, isLasting: true });
      continue;
    }
    const isKnown = registry.of(index) !== undefined;
    const text = isKnown ? `${id} is away: there is no link to it` : `${id} has never been reached`;
    found.push({ text, isLasting: false });
  }
  return found;
}

function ofSeals(parts: ShortfallParts): Shortfall[] {
  const { context, self, finalizer, sealing } = parts;
  const { ceremony } = finalizer.committed.state;
  const keyless = keylessBecause(context, ceremony);
  if (keyless !== undefined) return [{ text: keyless, isLasting: false }];
  const found: Shortfall[] = [];
  const holders = ceremonyMembers(context, ceremony);
  for (const { index, id } of context.members(ceremony.epoch)) {
    if (!holders.includes(index)) {
      const text = `${id} holds no share of the group key, and never will: the key was made without it`;
      found.push({ text, isLasting: true });
    } else if (sealing.driver.isBlamed(index)) {
      const text = `${id} has sent a wrong share or seal, and is not asked again before this node restarts`;
      found.push({ text, isLasting: true });
    }
  }
  if (sealing.outlook.share === "missing") {
    const text = `${self.id} has lost its share of the group key: put its keys back from their backup`;
    found.push({ text, isLasting: true });
  }
  return found;
}
