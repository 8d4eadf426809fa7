/** The operations whose signatures this node has checked, so that execution does not check them again. */
import type { LedgerContext } from "../../ledger/context.ts";
import { signatureChecks } from "../../ledger/signature-checks.ts";
import type { Epoch } from "../../primitives/numbers.ts";
import type { SignedOperation } from "../../primitives/operation.ts";
import type { SignatureChecker } from "../base/signature-checker.ts";

export class VerifiedOperations {
  readonly #context: LedgerContext;
  readonly #checker: SignatureChecker;
  /** Held weakly: an entry is dropped with its operation. */
  readonly #verified = new WeakSet<SignedOperation>();

  constructor(context: LedgerContext, checker: SignatureChecker) {
    this.#context = context;
    this.#checker = checker;
  }

  has(operation: SignedOperation): boolean {
    return this.#verified.has(operation);
  }

  /** Checks the signatures of an operation that passed `checkOperation`, unless they were checked before. */
  async verify(operation: SignedOperation, ceremonyEpoch: Epoch): Promise<boolean> {
    if (this.#verified.has(operation)) return true;
    const checks = signatureChecks(this.#context, operation, ceremonyEpoch);
    if (checks === undefined || !(await this.#checker.check(checks))) return false;
    this.#verified.add(operation);
    return true;
  }
}
