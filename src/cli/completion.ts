/** `countersign completion`: a script that completes commands, flags and file names in a shell. */
import { type Command, EXIT } from "./command.ts";
import { defineCommand } from "./define-command.ts";

/** `commands` gives all of them, this one included. */
export function createCompletion(commands: () => readonly Command[]): Command {
  return defineCommand({
    name: "completion",
    summary: 'Prints a completion script; in ~/.bashrc: eval "$(countersign completion)".',
    example: "countersign completion --shell zsh",
    operands: [],
    options: {
      shell: {
        kind: "text",
        value: "SHELL",
        summary: "whose script",
        fallback: "bash",
        choices: ["bash", "zsh", "fish"],
      },
    },
    run: ({ values }, terminal) => {
      const script = SCRIPTS[values.shell as keyof typeof SCRIPTS](commands());
      terminal.answer({ value: { shell: values.shell, script }, text: script });
      return Promise.resolve(EXIT.ok);
    },
  });
}

const SCRIPTS = {
  bash: bashScript,
  zsh: (commands: readonly Command[]) =>
    `autoload -U +X bashcompinit && bashcompinit\n${bashScript(commands)}`,
  fish: fishScript,
} as const;

/** Words complete by the words before them; everything else is a file name. */
function bashScript(commands: readonly Command[]): string {
  const cases = commands.map((command) => {
    return `    "${command.name}"*) words="${flagsOf(command).join(" ")}" ;;`;
  });
  const firsts = [...new Set(commands.map(({ name }) => name.split(" ")[0]))];
  const seconds = commands
    .filter(({ name }) => name.includes(" "))
    .map(({ name }) => name.split(" ") as [string, string]);
  const families = [...new Set(seconds.map(([first]) => first))].map((first) => {
    const words = seconds.filter(([one]) => one === first).map(([, second]) => second);
    return `    "${first}"|"help ${first}") words="${words.join(" ")}" ;;`;
  });
  return `_countersign() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before words=""
  before="\${COMP_WORDS[*]:1:COMP_CWORD-1}"
  case "$before" in
    "") words="${firsts.join(" ")} help" ;;
    "help") words="${firsts.join(" ")}" ;;
${families.join("\n")}
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _countersign countersign`;
}

function fishScript(commands: readonly Command[]): string {
  return commands
    .flatMap((command) => {
      const words = command.name.split(" ");
      const seen = words.map((word) => `__fish_seen_subcommand_from ${word}`).join("; and ");
      const [first = "", second] = words;
      const summary = `-d '${command.summary.replaceAll("'", "\\'")}'`;
      const begin =
        second === undefined
          ? `complete -c countersign -n __fish_use_subcommand -a ${first} ${summary}`
          : `complete -c countersign -n '__fish_seen_subcommand_from ${first}' -a ${second} ${summary}`;
      const flags = flagsOf(command).map((flag) => {
        return `complete -c countersign -n '${seen}' -l ${flag.slice(2)}`;
      });
      return [begin, ...flags];
    })
    .join("\n");
}

function flagsOf({ options }: Command): string[] {
  return [...Object.keys(options), "json", "help"].map((name) => `--${name}`);
}
