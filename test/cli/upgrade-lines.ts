/** Command lines of `upgrade`. */
import { type Lines, NEEDS_CONFIG } from "./lines.ts";

const NOT_RUNNING = /no node listens at .*operator\.sock; start it by countersign node --config/;

export const UPGRADE_LINES: Readonly<Record<string, Lines>> = {
  "upgrade show": {
    bad: { "--config=": /--config is empty/ },
    missing: NEEDS_CONFIG,
    fails: ["--config $HOME/alpha/config.json", NOT_RUNNING],
  },
  "upgrade approve": {
    bad: {
      "--ruleset 1 --from 9 --config x": /--ruleset is "1", but must be a whole number from 2/,
      "--ruleset 2 --from 0 --config x": /--from is "0", but must be a whole number from 1/,
      "--ruleset 2 --from 9 --until soon --config x": /--until is "soon", but must be a whole/,
    },
    missing: {
      "--ruleset 2": /--from is missing; all members name the same ruleset and heights/,
      "--from 9": /--ruleset is missing; all members name the same ruleset and heights/,
      "--ruleset 2 --from 9": /--config FILE is missing/,
    },
    fails: ["--ruleset 2 --from 9 --config $HOME/alpha/config.json", NOT_RUNNING],
  },
};
