/** Small parts of which the views consist. */
import type { ComponentChildren } from "preact";
import { useConnection } from "./hooks.ts";
import type { Problem } from "./problem.ts";
import { linkTo } from "./route.ts";
import { short, time } from "./texts.ts";
import type { Tone } from "./verdict.ts";

/** Said by shape and word too, never by colour alone. */
const MARKS: Readonly<Record<Tone, string>> = { good: "✓", warn: "!", bad: "✕" };

export function Mark({ tone }: { readonly tone: Tone }) {
  return (
    <span class={`mark ${tone}`} aria-hidden="true">
      {MARKS[tone]}
    </span>
  );
}

export function Card(props: {
  readonly title: string;
  readonly children: ComponentChildren;
  readonly aside?: ComponentChildren;
  readonly class?: string;
}) {
  return (
    <section class={`card ${props.class ?? ""}`}>
      <header>
        <h2>{props.title}</h2>
        {props.aside}
      </header>
      {props.children}
    </section>
  );
}

export function ProblemBox({
  problem,
  again,
}: {
  readonly problem: Problem;
  readonly again?: () => void;
}) {
  const { askForToken, hasToken } = useConnection();
  const { kind, scope, message, remedy } = problem;
  const needsToken = kind === "token" || kind === "scope";
  return (
    <div class={`problem ${kind === "absent" ? "warn" : "bad"}`} role="alert">
      <p>
        <Mark tone={kind === "absent" ? "warn" : "bad"} />
        <strong>{titleOf(problem)}</strong>
      </p>
      <p>
        {message}. {kind === "scope" ? `It needs the scope ${scope ?? ""}.` : remedy}
      </p>
      {needsToken && (
        <button type="button" onClick={askForToken}>
          {hasToken ? "Enter another token" : "Enter a token"}
        </button>
      )}
      {again && !needsToken && (
        <button type="button" onClick={again}>
          Try again
        </button>
      )}
    </div>
  );
}

function titleOf({ kind }: Problem): string {
  switch (kind) {
    case "token":
      return "This node asks who you are";
    case "scope":
      return "Your token does not show this";
    case "absent":
      return "There is none";
    case "unreached":
      return "The node does not answer";
    case "refused":
      return "The node refused to answer";
  }
}

export function Loading({ what }: { readonly what: string }) {
  return (
    <p class="quiet" role="status">
      Reading {what} …
    </p>
  );
}

export function WalletLink({ id }: { readonly id: string }) {
  return (
    <a class="id" href={linkTo("wallets", id)} title={id}>
      {short(id)}
    </a>
  );
}

export function Time({ ms }: { readonly ms: bigint }) {
  return <time class="number">{time(ms)}</time>;
}
