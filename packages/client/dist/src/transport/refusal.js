/**
 * Refusals: a node does not do what it was asked, and nothing was ordered. A refusal is a value with a closed reason;
 * only errors.ts knows its form on the wire (T10).
 */
export class Refusal {
    reason;
    message;
    field;
    remedy;
    metadata;
    constructor(reason, parts) {
        this.reason = reason;
        this.message = parts.message;
        this.field = parts.field ?? "";
        this.remedy = parts.remedy;
        this.metadata = parts.metadata ?? {};
    }
}
