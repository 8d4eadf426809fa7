/** One field that finds a wallet, a block, or the receipt of a payment. */
import { useState } from "preact/hooks";
import { linkTo } from "./route.ts";
import { placeNamed } from "./search-places.ts";

export function SearchBox() {
  const [isWrong, setWrong] = useState(false);
  const find = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const place = placeNamed(new FormData(form).get("q")?.toString() ?? "");
    setWrong(place === undefined);
    if (place === undefined) return;
    form.reset();
    location.hash = linkTo(...place);
  };
  return (
    <search>
      <form onSubmit={find}>
        <input
          class="search-field"
          type="search"
          name="q"
          aria-label="Find a wallet by its id, a block by its height or hash, or a payment by its payer's wallet and its own id"
          aria-describedby="search-problem"
          placeholder="Search"
          autocomplete="off"
          spellcheck={false}
        />
        <span id="search-problem" class="search-problem" role="alert">
          {isWrong &&
            "That is neither a wallet's id, nor a block's height or hash, nor the two ids of a payment: its payer's wallet, a space, its own."}
        </span>
      </form>
    </search>
  );
}
