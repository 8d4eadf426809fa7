/** One field that finds a block by its height or hash, and a wallet by its id. */
import { useState } from "preact/hooks";
import { linkTo } from "./route.ts";

const WALLET = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The place that a text names; undefined if it names none. */
export function placeNamed(text: string): string | undefined {
  const plain = text
    .trim()
    .toLowerCase()
    .replace(/[\s\u202f]/g, "");
  if (/^\d{1,15}$/.test(plain) || /^[0-9a-f]{64}$/.test(plain)) return linkTo("blocks", plain);
  return WALLET.test(plain) ? linkTo("wallets", plain) : undefined;
}

export function SearchBox() {
  const [isWrong, setWrong] = useState(false);
  const find = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const place = placeNamed(new FormData(form).get("q")?.toString() ?? "");
    setWrong(place === undefined);
    if (place === undefined) return;
    form.reset();
    location.hash = place;
  };
  return (
    <search>
      <form onSubmit={find}>
        <input
          class="search-field"
          type="search"
          name="q"
          aria-label="Find a wallet by its id, or a block by its height or hash"
          aria-describedby="search-problem"
          placeholder="Wallet id, height or hash"
          autocomplete="off"
          spellcheck={false}
        />
        <span id="search-problem" class="search-problem" role="alert">
          {isWrong && "That is neither a wallet's id, nor a block's height or hash."}
        </span>
      </form>
    </search>
  );
}
