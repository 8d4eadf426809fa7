/** The command line: finds the command by its words and turns failures into one line and an exit code. */
import { withoutTokens } from "../access/token.ts";
import { usage } from "./arguments.ts";
import { CommandError, EXIT } from "./command.ts";
import { type CommandEntry, ENTRIES } from "./commands.ts";
import { helpOn, helpOnAll, helpOnGroup } from "./help.ts";
import { nearest } from "./nearest.ts";
import { isReaderGone } from "./output.ts";
import { createTerminal, formatJson, type Outputs, openOutputs, type Streams } from "./terminal.ts";
import { softwareVersion } from "./version.ts";

/** Resolves to the exit code when all output is written. An error other than CommandError is a bug, and is thrown. */
export async function runCommandLine(given: readonly string[], streams: Streams): Promise<number> {
  const outputs = openOutputs(streams);
  const { words, rest } = split(given);
  const json = words.includes("--json");
  const args = [...words.filter((word) => word !== "--json"), ...rest];
  let exitCode = await attempt(() => run(args, json, outputs), json, outputs);
  const lost = await outputs.answers.settled();
  if (lost !== undefined && !isReaderGone(lost)) {
    const ended = exitCode;
    exitCode = await attempt(() => Promise.reject(unwritten(lost, ended)), json, outputs);
  }
  await outputs.notes.settled();
  return exitCode;
}

async function attempt(
  act: () => Promise<number>,
  json: boolean,
  { notes }: Outputs,
): Promise<number> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const { message, exitCode, details } = error;
    const line = json
      ? formatJson({ error: { message, exitCode, ...details } })
      : `countersign: ${message}`;
    // The message quotes words of the command line, and one of them may be a token in the wrong place.
    notes.write(`${withoutTokens(line)}\n`);
    return exitCode;
  }
}

function unwritten({ message }: Error, ended: number): CommandError {
  return new CommandError(
    `standard output cannot be written (${message}); the command itself ended with exit code ${ended}, and what it has done ` +
      "stands: make room, or write elsewhere",
    EXIT.output,
  );
}

/** Everything after "--" is an operand, even if it looks like an option. */
function split(given: readonly string[]): {
  readonly words: readonly string[];
  readonly rest: readonly string[];
} {
  const end = given.indexOf("--");
  if (end === -1) return { words: given, rest: [] };
  return { words: given.slice(0, end), rest: given.slice(end) };
}

async function run(args: readonly string[], json: boolean, outputs: Outputs): Promise<number> {
  const [first] = args;
  const say = (text: string) => outputs.answers.write(`${text}\n`);
  if (first === undefined || first === "help" || isHelp(first)) {
    const about = first === "help" ? args.slice(1).filter((word) => !isHelp(word)) : [];
    say(about.length === 0 ? helpOnAll(ENTRIES) : await helpAbout(about));
    return first === undefined ? EXIT.usage : EXIT.ok;
  }
  if (first === "--version" || first === "-v" || first === "version") {
    say(softwareVersion());
    return EXIT.ok;
  }
  if (split(args).words.some(isHelp)) {
    say(await helpAbout(args.filter((word) => !isHelp(word))));
    return EXIT.ok;
  }
  const entry = find(args);
  const command = await entry.load();
  return await command.run(args.slice(wordsOf(entry).length), createTerminal(json, outputs));
}

function isHelp(word: string): boolean {
  return word === "--help" || word === "-h";
}

async function helpAbout(args: readonly string[]): Promise<string> {
  const [first = "", second] = args;
  const group = groupOf(first);
  const isWhole = second === undefined || second.startsWith("-");
  const own = ENTRIES.find(({ name }) => name === first);
  if (own !== undefined && group.length > 0 && isWhole) {
    return `${helpOn(own, await own.load())}\n\n${helpOnGroup(first, group)}`;
  }
  if (group.length > 0 && isWhole) return helpOnGroup(first, group);
  const entry = find(args);
  return helpOn(entry, await entry.load());
}

/** The command whose words stand first. */
function find(args: readonly string[]): CommandEntry {
  const [first = "", second] = args;
  const group = groupOf(first);
  const fitting = ENTRIES.filter((entry) => {
    return wordsOf(entry).every((word, index) => args[index] === word);
  });
  const found = fitting.find(({ name }) => name !== first) ?? fitting[0];
  // A command that is the first word of others, such as "node", takes no operands.
  const isOther = found?.name === first && group.length > 0 && second?.startsWith("-") === false;
  if (found !== undefined && !isOther) return found;
  if (group.length > 0) {
    const names = group.map(({ name }) => `"${name}"`).join(", ");
    if (second === undefined || second.startsWith("-")) {
      throw usage(`"${first}" needs a second word: ${names}`);
    }
    const seconds = group.map((entry) => wordsOf(entry)[1] ?? "");
    const meant = didYouMean(`${first} `, nearest(second, seconds));
    throw usage(`unknown command "${first} ${second}"; ${meant}with "${first}" begin: ${names}`);
  }
  throw usage(`unknown command "${first}"; ${meantBy(first, second)}see "countersign help"`);
}

function meantBy(first: string, second: string | undefined): string {
  const whole = ENTRIES.map(({ name }) => name);
  // "wallet create" typed as one word: wallet-create or walletcreate.
  const joined = whole.find((name) => name.replace(" ", "") === first.replace(/[-_:.]/, ""));
  if (joined !== undefined) return didYouMean("", joined);
  const firsts = [...new Set(ENTRIES.map((entry) => wordsOf(entry)[0] ?? "")), "help", "version"];
  const word = nearest(first, firsts);
  const both = word === undefined || second === undefined ? undefined : `${word} ${second}`;
  if (both !== undefined && whole.includes(both)) return didYouMean("", both);
  if (word !== undefined) return didYouMean("", word);
  // The second word of a command alone, if at most two commands have it.
  const having = whole.filter((name) => name.endsWith(` ${first}`));
  return having.length <= 2 ? didYouMean("", having.join('" or "') || undefined) : "";
}

function didYouMean(before: string, word: string | undefined): string {
  return word === undefined ? "" : `did you mean "${before}${word}"? `;
}

function groupOf(first: string): readonly CommandEntry[] {
  return ENTRIES.filter(({ name }) => name.startsWith(`${first} `));
}

function wordsOf({ name }: CommandEntry): readonly string[] {
  return name.split(" ");
}
