/** Scripts that complete commands, flags, values and file names in a shell. */
import type { Command } from "./command.ts";
import type { CommandEntry } from "./commands.ts";
import { VALUES_OF } from "./completion-values.ts";

export interface Listed {
  readonly entry: CommandEntry;
  readonly command: Command;
}

export const SCRIPTS = {
  bash: bashScript,
  zsh: (listed: readonly Listed[]) =>
    `autoload -U +X bashcompinit && bashcompinit\n${bashScript(listed)}`,
  fish: fishScript,
} as const;

/** Options and their values are completed from the words before them, and everything else as a file name. */
function bashScript(listed: readonly Listed[]): string {
  const values = listed.flatMap(({ command }) => {
    return Object.entries(command.options).flatMap(([flag, option]) => {
      const words = bashWords(option.kind === "flag" ? undefined : option);
      return words === undefined ? [] : `    "${command.name} "*"--${flag}") ${words} ;;`;
    });
  });
  // The first pattern that fits is taken, so "node drain" stands before "node".
  const longestFirst = [...listed].sort((one, other) => {
    return other.command.name.length - one.command.name.length;
  });
  const cases = longestFirst.map(({ command }) => {
    const flags = flagsOf(command).join(" ");
    const [operand] = command.operands;
    const kind = VALUES_OF[operand?.name ?? ""];
    const own = kind === undefined ? "" : ` $(_countersign_values ${kind})`;
    return `    "${command.name}"*) words="${flags}${own}" ;;`;
  });
  const names = listed.map(({ entry }) => entry.name);
  const firsts = [...new Set(names.map((name) => name.split(" ")[0]))].join(" ");
  const seconds = names
    .filter((name) => name.includes(" "))
    .map((name) => name.split(" ") as [string, string]);
  const groups = [...new Set(seconds.map(([first]) => first))].map((first) => {
    const words = seconds.filter(([one]) => one === first).map(([, second]) => second);
    const own = listed.find(({ command }) => command.name === first);
    const flags = own === undefined ? "--help" : flagsOf(own.command).join(" ");
    return `    "${first}"|"help ${first}") words="${words.join(" ")} ${flags}" ;;`;
  });
  return `_countersign_values() {
  local place given=()
  for ((place = 1; place < COMP_CWORD; place++)); do
    case "\${COMP_WORDS[place]}" in
      --network|--genesis|--wallets) given+=("\${COMP_WORDS[place]}=\${COMP_WORDS[place + 1]}") ;;
    esac
  done
  command countersign completion --values "$1" "\${given[@]}" 2>/dev/null
}
_countersign() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before words=""
  before="\${COMP_WORDS[*]:1:COMP_CWORD-1}"
  case "$before" in
    "") words="${firsts} help version --help --version" ;;
    "help") words="${firsts}" ;;
${values.join("\n")}
${groups.join("\n")}
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _countersign countersign`;
}

interface Valued {
  readonly value: string;
  readonly choices?: readonly string[];
}

/** Undefined if file names are to be offered, or if there is nothing to offer. */
function bashWords(option: Valued | undefined): string | undefined {
  if (option?.choices !== undefined) return `words="${option.choices.join(" ")}"`;
  const kind = VALUES_OF[option?.value ?? ""];
  return kind === undefined ? undefined : `words="$(_countersign_values ${kind})"`;
}

function fishScript(listed: readonly Listed[]): string {
  return listed
    .flatMap(({ entry, command }) => {
      const words = command.name.split(" ");
      const seen = words.map((word) => `__fish_seen_subcommand_from ${word}`).join("; and ");
      const [first = "", second] = words;
      const summary = `-d '${entry.summary.replaceAll("'", "\\'")}'`;
      const begin =
        second === undefined
          ? `complete -c countersign -n __fish_use_subcommand -a ${first} ${summary}`
          : `complete -c countersign -n '__fish_seen_subcommand_from ${first}' -a ${second} ${summary}`;
      const flags = flagsOf(command).map((flag) => {
        const option = command.options[flag.slice(2)];
        const values = fishValues(option?.kind === "text" ? option : undefined);
        return `complete -c countersign -n '${seen}' -l ${flag.slice(2)}${values}`;
      });
      const own = VALUES_OF[command.operands[0]?.name ?? ""];
      const operand =
        own === undefined ? [] : [`complete -c countersign -n '${seen}' -a '${fishList(own)}'`];
      return [begin, ...flags, ...operand];
    })
    .join("\n");
}

function fishValues(option: Valued | undefined): string {
  if (option?.choices !== undefined) return ` -x -a '${option.choices.join(" ")}'`;
  const kind = VALUES_OF[option?.value ?? ""];
  if (kind !== undefined) return ` -x -a '${fishList(kind)}'`;
  return option === undefined ? "" : " -r";
}

function fishList(kind: string): string {
  return `(command countersign completion --values ${kind} 2>/dev/null)`;
}

function flagsOf({ options }: Command): string[] {
  return [...Object.keys(options), "json", "help"].map((name) => `--${name}`);
}
