/** The secrets of webhook endpoints: encrypted files beside the node's keys, one for each endpoint. */
import type { Bytes } from "../../primitives/bytes.ts";
import type { KeyRing } from "../../storage/key-ring.ts";
import { StorageError } from "../../storage/storage-errors.ts";

const PREFIX = "webhook-";
const KIND = "webhookSecret";

export class WebhookSecrets {
  readonly #ring: Pick<KeyRing, "save" | "load" | "destroy" | "list">;

  constructor(ring: Pick<KeyRing, "save" | "load" | "destroy" | "list">) {
    this.#ring = ring;
  }

  /** Synced when it settles; the caller keeps its copy. */
  async save(endpoint: string, secret: Bytes): Promise<void> {
    await this.#ring.save({ name: PREFIX + endpoint, kind: KIND }, secret);
  }

  /** Undefined if the file is gone, as after a return of the store without the keys. */
  async load(endpoint: string): Promise<Bytes | undefined> {
    try {
      return (await this.#ring.load(PREFIX + endpoint, KIND)).secret;
    } catch (error) {
      if (error instanceof StorageError && error.code === "missing") return undefined;
      throw error;
    }
  }

  async destroy(endpoint: string): Promise<void> {
    await this.#ring.destroy(PREFIX + endpoint);
  }

  /** Destroys the secrets of all other endpoints: a crash may leave one whose endpoint was never stored, or is removed. */
  async keepOnly(endpoints: ReadonlySet<string>): Promise<void> {
    for (const name of await this.#ring.list()) {
      const isOrphan = name.startsWith(PREFIX) && !endpoints.has(name.slice(PREFIX.length));
      if (isOrphan) await this.#ring.destroy(name);
    }
  }
}
