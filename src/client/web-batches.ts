/**
 * Batches of text in an IndexedDB database (Indexed Database API 3.0, W3C), in the order in which they were added. What was written is
 * on the disk: its transactions ask for the durability "strict", and a browser that does not know it is refused.
 */

interface Listeners {
  addEventListener(type: string, listener: () => void): void;
}

interface Request<T> extends Listeners {
  readonly result: T;
  readonly error: Error | null;
}

interface Store {
  add(value: string): unknown;
  clear(): unknown;
  getAll(): Request<readonly unknown[]>;
}

interface Transaction extends Listeners {
  /** "strict" if the browser keeps what it was asked for. */
  readonly durability?: string;
  readonly error: Error | null;
  objectStore(name: string): Store;
}

interface Database {
  createObjectStore(name: string, options: { readonly autoIncrement: true }): unknown;
  transaction(
    name: string,
    mode: "readwrite",
    options: { readonly durability: "strict" },
  ): Transaction;
  close(): void;
}

/** A browser's. */
declare const indexedDB: { open(name: string, version: number): Request<Database> };

export interface BatchDatabase {
  /** Those that were there when it was opened. */
  readonly batches: readonly unknown[];
  /** Settles when all that `use` does is durable; false if there was no room, and nothing was done. */
  write(use: (store: Pick<Store, "add" | "clear">) => void): Promise<boolean>;
  close(): void;
}

const STORE = "batches";
const VERSION = 1;

/** Made if there is none. Rejects with what the browser says. */
export async function openBatches(name: string): Promise<BatchDatabase> {
  const opening = indexedDB.open(name, VERSION);
  opening.addEventListener("upgradeneeded", () => {
    opening.result.createObjectStore(STORE, { autoIncrement: true });
  });
  const database = await answerOf(opening);
  const transact = (): Transaction =>
    database.transaction(STORE, "readwrite", { durability: "strict" });
  try {
    const reading = transact();
    if (reading.durability !== "strict") {
      throw new Error("this browser does not promise that what it wrote is on the disk");
    }
    return {
      batches: await answerOf(reading.objectStore(STORE).getAll()),
      write: async (use) => {
        const writing = transact();
        const done = doneOf(writing);
        use(writing.objectStore(STORE));
        return await done;
      },
      close: () => database.close(),
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

function answerOf<T>(request: Request<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error));
  });
}

/** A transaction that is not complete has done nothing. */
function doneOf(transaction: Transaction): Promise<boolean> {
  return new Promise((resolve, reject) => {
    transaction.addEventListener("complete", () => resolve(true));
    transaction.addEventListener("abort", () => {
      if (transaction.error?.name === "QuotaExceededError") resolve(false);
      else reject(transaction.error ?? new Error("the browser has ended the transaction"));
    });
  });
}
