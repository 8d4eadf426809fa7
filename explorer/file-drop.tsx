/** Takes one file, dropped or chosen. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Bytes } from "../src/primitives/bytes.ts";
import { quoted } from "./texts.ts";

export interface TakenFile {
  readonly name: string;
  readonly bytes: Bytes;
}

export function FileDrop(props: {
  readonly bytesMax: number;
  readonly take: (file: TakenFile) => void;
  readonly refuse: (why: string) => void;
  readonly children: ComponentChildren;
}) {
  const { bytesMax, take, refuse, children } = props;
  const [isOver, setOver] = useState(false);
  const read = async (file: File | undefined) => {
    if (file === undefined) return;
    const name = quoted(file.name);
    if (file.size > bytesMax) {
      refuse(`${name}: it has ${file.size} bytes, more than any proof`);
      return;
    }
    const bytes = await file.arrayBuffer().catch(() => undefined);
    if (bytes === undefined) refuse(`${name}: the browser cannot read it`);
    else take({ name, bytes: new Uint8Array(bytes) });
  };
  const over = (event: DragEvent, is: boolean) => {
    event.preventDefault();
    setOver(is);
  };
  return (
    <section
      class={`card drop ${isOver ? "over" : ""}`}
      aria-label="A receipt or a proof from a file"
      onDragOver={(event) => over(event, true)}
      onDragLeave={(event) => over(event, false)}
      onDrop={(event) => {
        over(event, false);
        void read(event.dataTransfer?.files[0]);
      }}
    >
      {children}
      <label class="choose">
        Choose a file
        <input
          type="file"
          onChange={({ currentTarget }) => {
            void read(currentTarget.files?.[0]);
            // The same file can be chosen again after it was changed.
            currentTarget.value = "";
          }}
        />
      </label>
    </section>
  );
}
