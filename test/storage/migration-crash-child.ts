/**
 * A process that upgrades a store on disk and kills itself at one of its reports. It prints nothing if it reaches the
 * end.
 */
import { levelEngine } from "../../src/storage/level-engine.ts";
import { openStoreOn } from "../../src/storage/open-store.ts";
import { STORE_OPEN_FILES_MAX } from "../../src/storage/store-engine.ts";
import { identity } from "./crash-record.ts";
import { NEXT_BUT_ONE } from "./migration-steps.ts";

const [location = "", killAt = ""] = process.argv.slice(2);
let reports = 0;
const keyValue = await levelEngine.open(location, { openFilesMax: STORE_OPEN_FILES_MAX });
const store = await openStoreOn(keyValue, {
  identity,
  create: false,
  place: location,
  layouts: NEXT_BUT_ONE,
  space: () => levelEngine.space(location),
  upgrade: {
    report: () => {
      reports += 1;
      if (reports === Number(killAt)) process.kill(process.pid, "SIGKILL");
    },
  },
});
await store.close();
