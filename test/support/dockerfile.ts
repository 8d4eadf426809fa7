/** Reads a Dockerfile into its stages; a form that the project does not use is an error. */
export interface Instruction {
  readonly keyword: string;
  /** Everything behind the keyword, on one line. */
  readonly text: string;
}

export interface Stage {
  /** The argument of FROM, with the defaults of ARG filled in. */
  readonly image: string;
  readonly name: string | undefined;
  readonly instructions: readonly Instruction[];
}

export function readDockerfile(text: string): readonly Stage[] {
  const lines = text
    .replace(/^\s*#.*\n/gm, "")
    .replaceAll("\\\n", " ")
    .split("\n");
  const defaults = new Map<string, string>();
  const stages: { image: string; name: string | undefined; instructions: Instruction[] }[] = [];
  for (const line of lines.filter((one) => one.trim() !== "")) {
    const [, keyword = "", rest = ""] = /^([A-Z]+)\s+(.*)$/.exec(line.trim()) ?? [];
    if (keyword === "") throw new Error(`not an instruction: ${line}`);
    if (keyword === "ARG" && stages.length === 0) {
      const [name = "", value = ""] = rest.split("=");
      defaults.set(name, value);
    } else if (keyword === "FROM") {
      const filled = rest.replace(/\$\{(\w+)\}/g, (_, name) => defaults.get(name) ?? "");
      const [, image = "", name] = /^(\S+)(?: AS (\S+))?$/.exec(filled) ?? [];
      stages.push({ image, name, instructions: [] });
    } else stages.at(-1)?.instructions.push({ keyword, text: rest.replace(/\s+/g, " ").trim() });
  }
  return stages;
}

export function textsOf(stage: Stage, keyword: string): string[] {
  return stage.instructions.filter((one) => one.keyword === keyword).map(({ text }) => text);
}

/** The words of an instruction in the exec form, such as ENTRYPOINT ["node", "main.js"]. */
export function execForm(stage: Stage, keyword: string): string[] {
  const [text = ""] = textsOf(stage, keyword);
  return JSON.parse(text.slice(text.indexOf("["))) as string[];
}

/** The names that a .dockerignore lets into the context: it must leave out everything, and name exceptions without patterns. */
export function contextNames(ignore: string): string[] {
  const [first, ...rest] = ignore.split("\n").filter((line) => !/^\s*(#|$)/.test(line));
  if (first !== "*") throw new Error("a .dockerignore must begin with *");
  return rest.map((line) => {
    const [, name] = /^!([\w.-]+)$/.exec(line) ?? [];
    if (name === undefined) throw new Error(`not an exception: ${line}`);
    return name;
  });
}
