/** The steps of a check, which appear one after another, so that a reader can follow. */
import { useEffect, useState } from "preact/hooks";
import type { Bytes } from "../src/primitives/bytes.ts";
import type { Step } from "./check-step.ts";
import { Mark } from "./parts.tsx";
import { quoted } from "./texts.ts";

/** Between two steps. */
const STEP_MS = 220;

/** Counts up to `count` for each new `key`; at once for readers who want no motion. */
export function useSteps(count: number, key: Bytes): number {
  const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const [shown, setShown] = useState(isStill ? count : 0);
  useEffect(() => {
    if (isStill) return;
    setShown(0);
    const timer = setInterval(() => {
      setShown((before) => {
        if (before + 1 >= count) clearInterval(timer);
        return Math.min(before + 1, count);
      });
    }, STEP_MS);
    return () => clearInterval(timer);
  }, [count, key]);
  return Math.min(shown, count);
}

export function StepList({ steps }: { readonly steps: readonly Step[] }) {
  return (
    <ol class="steps">
      {steps.map((step) => (
        <StepItem key={step.name} step={step} />
      ))}
    </ol>
  );
}

function StepItem({ step }: { readonly step: Step }) {
  const { title, holds, text, facts } = step;
  const judged = holds === true ? "holds" : "fails";
  const said = holds === undefined ? "not checked" : judged;
  return (
    <li class={`step ${holds === false ? "fails" : ""}`}>
      <Sign holds={holds} />
      <div>
        <h3>
          {title} <span class="quiet">{said}</span>
        </h3>
        <p>{quoted(text)}</p>
        {facts.length > 0 && (
          <details>
            <summary>Show the bytes</summary>
            <dl>
              {facts.map(([name, value]) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>
                    <code class="long">{value}</code>
                  </dd>
                </div>
              ))}
            </dl>
          </details>
        )}
      </div>
    </li>
  );
}

function Sign({ holds }: { readonly holds: boolean | undefined }) {
  if (holds === undefined) return <Mark tone="warn" />;
  return <Mark tone={holds ? "good" : "bad"} />;
}
