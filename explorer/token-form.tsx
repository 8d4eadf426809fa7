/** Takes the reader's token. The page keeps it in the tab's storage, and shows it to this node alone. */
import { useEffect, useRef } from "preact/hooks";

export function TokenForm(props: {
  readonly hasToken: boolean;
  readonly use: (token: string | undefined) => void;
  readonly close: () => void;
}) {
  const { hasToken, use, close } = props;
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const submit = (event: Event) => {
    event.preventDefault();
    const text = field.current?.value.trim() ?? "";
    if (text !== "") use(text);
  };
  return (
    <form class="card token" onSubmit={submit}>
      <h2>Your access token</h2>
      <p>
        The operator of this node makes one: <code>countersign token create --scopes read</code>, or{" "}
        <code>read:all</code> for all wallets. The page keeps it until you close this tab.
      </p>
      <label>
        Token
        <input
          class="token-field"
          ref={field}
          type="password"
          autocomplete="off"
          spellcheck={false}
        />
      </label>
      <div class="actions">
        <button type="submit" class="first">
          Use it
        </button>
        {hasToken && (
          <button type="button" onClick={() => use(undefined)}>
            Forget the token
          </button>
        )}
        <button type="button" class="plain" onClick={close}>
          Cancel
        </button>
      </div>
    </form>
  );
}
