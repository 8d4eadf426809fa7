/** The built files of the explorer as a module of texts, which a node loads at its start: the same text from the same sources. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";

const FOLDER = join(import.meta.dirname, "../../explorer");

/** In the order in which they apply. */
const STYLES = [
  ...["base", "frame", "parts", "network", "tables", "forms", "narrow"],
  ...["lists", "receipt"],
];

/** Of the libraries whose code is in the script. */
const NOTICE = `/*! Countersign, Apache-2.0. Contains Preact (MIT, (c) Jason Miller), Connect and Protobuf-ES (Apache-2.0, (c) The Connect
Authors and Buf Technologies), noble-curves and noble-hashes (MIT, (c) Paul Miller). MIT: permission is granted, free of charge,
to use, copy, modify, merge, publish, distribute, sublicense and sell copies, provided that this notice is kept; it comes "as is",
without warranty of any kind. Full texts: the packages preact, @noble/curves and @noble/hashes. */`;

/** The text of gen/explorer/files.ts. */
export async function explorerFiles(): Promise<string> {
  const read = (name: string) => readFileSync(join(FOLDER, name), "utf8");
  const [html, icon] = ["index.html", "explorer.svg"].map(read);
  const css = STYLES.map((name) => read(`styles/${name}.css`)).join("");
  const files = [
    { path: "/", contentType: "text/html; charset=utf-8", text: html },
    { path: "/explorer.css", contentType: "text/css; charset=utf-8", text: css },
    { path: "/explorer.svg", contentType: "image/svg+xml", text: icon },
    { path: "/explorer.js", contentType: "text/javascript; charset=utf-8", text: await script() },
  ];
  const items = files.map((file) => `  ${JSON.stringify(file)},\n`).join("");
  return `// Made by \`npm run generate\` from explorer/ and what it imports. Do not edit.
export const EXPLORER_FILES: readonly {
  readonly path: string;
  readonly contentType: string;
  readonly text: string;
}[] = [
${items}];
`;
}

async function script(): Promise<string> {
  const result = await build({
    root: FOLDER,
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      target: "es2023",
      lib: { entry: join(FOLDER, "main.tsx"), formats: ["es"] },
      rolldownOptions: { output: { minify: true } },
    },
  });
  const [output] = Array.isArray(result) ? result : [result];
  if (output === undefined || !("output" in output)) throw new Error("the bundler made nothing");
  const [{ code }, ...others] = output.output;
  if (others.length > 0) throw new Error("the script of the explorer has more than one part");
  return `${NOTICE}\n${code}`;
}
