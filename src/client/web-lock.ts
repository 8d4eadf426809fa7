/** A lock among the pages of one origin (Web Locks API, W3C), which the browser gives back when its page ends in any way. */

interface Locks {
  request(
    name: string,
    options: { readonly ifAvailable: true },
    use: (lock: unknown) => Promise<void>,
  ): Promise<void>;
}

/** A browser's; it has locks in secure contexts alone. */
declare const navigator: { readonly locks?: Locks };

/** Gives what releases it; undefined if another page has it, or this one. Rejects where there are no locks. */
export async function takeWebLock(name: string): Promise<(() => Promise<void>) | undefined> {
  const { locks } = navigator;
  if (locks === undefined) throw new Error("only a page over HTTPS, or of localhost, has locks");
  const taken = Promise.withResolvers<boolean>();
  const over = Promise.withResolvers<void>();
  const held = locks.request(name, { ifAvailable: true }, async (lock) => {
    taken.resolve(lock !== null);
    if (lock !== null) await over.promise;
  });
  held.catch(taken.reject);
  if (!(await taken.promise)) return undefined;
  return async () => {
    over.resolve();
    await held;
  };
}
