/**
 * Creations without money that come too fast (T9). Most of them are refused here, before the node sponsors them and checks what
 * it would order: that costs several times as much as one signature check. Only the signer of an order learns whether this
 * node knows its id (L25), and a known order goes on to its first result (L8). Nothing is taken from the rate here.
 */
import type { Principal } from "../../access/principal.ts";
import type { LedgerContext } from "../../ledger/context.ts";
import { equalBytes } from "../../primitives/bytes.ts";
import { assembleOperation, operationKey } from "../../primitives/operation.ts";
import type { Store } from "../../storage/contracts.ts";
import { isWhole } from "../../storage/history.ts";
import type {
  CallContext,
  CreationCommand,
  CustodialCreation,
  SignedCreation,
} from "../../transport/ledger-api.ts";
import { Refusal } from "../../transport/refusal.ts";
import type { Intake } from "../intake/intake.ts";
import type { Custody } from "./custody.ts";
import { tooFast, wrongSignature } from "./refusals.ts";
import type { Signing } from "./signing.ts";

export interface CreationPaceParts {
  readonly context: LedgerContext;
  readonly intake: Pick<Intake, "tooFastNow" | "isSigned" | "knows" | "refusedEarly">;
  readonly custody: Pick<Custody, "publicKey" | "signedBefore">;
  readonly signing: Pick<Signing, "complete">;
  readonly store: { readonly blocks: Pick<Store["blocks"], "history"> };
}

export class CreationPace {
  readonly #parts: CreationPaceParts;

  constructor(parts: CreationPaceParts) {
    this.#parts = parts;
  }

  /** The refusal of a creation that is new and comes too fast; undefined for every other one. */
  async refuse(
    command: CreationCommand,
    { caller, countedAs }: Pick<CallContext, "caller" | "countedAs">,
  ): Promise<Refusal | undefined> {
    const { intake, store } = this.#parts;
    if (!isMoneyless(command) || !isWhole(store.blocks.history)) return undefined;
    const verdict = intake.tooFastNow("sponsored", countedAs);
    if (verdict === undefined) return undefined;
    const isNew = await (command.kind === "signed"
      ? this.#isNewOfSigner(command)
      : this.#isNewOfCustodian(command, caller.principal));
    if (isNew instanceof Refusal) return isNew;
    if (!isNew) return undefined;
    intake.refusedEarly(verdict);
    return tooFast(verdict);
  }

  async #isNewOfSigner({ creation, signature }: SignedCreation): Promise<boolean | Refusal> {
    const { context, intake } = this.#parts;
    const { hash, networkId } = context;
    const unsponsored = assembleOperation(hash, networkId, { operation: creation, signature });
    if (!(await intake.isSigned(unsponsored))) return wrongSignature(creation, networkId);
    return !(await intake.knows(unsponsored.key));
  }

  /** False too for what is refused in any case. */
  async #isNewOfCustodian(command: CustodialCreation, principal: Principal): Promise<boolean> {
    const { custody, intake, signing } = this.#parts;
    const { creationId, publicKey } = command;
    if (publicKey !== undefined && !equalBytes(publicKey, custody.publicKey)) return false;
    // The node chooses an id that there is not yet.
    if (creationId === undefined) return true;
    const creation = signing.complete(command);
    if ((await custody.signedBefore(principal, creation)) !== undefined) return false;
    return !(await intake.knows(operationKey(creation)));
  }
}

function isMoneyless(command: CreationCommand): boolean {
  return command.kind === "signed"
    ? command.creation.initialBalance === undefined
    : command.initialBalance === undefined;
}
