/** `countersign network`: shows the network's rules, members and group key, and checks the key's certificate. */
import { toJson } from "@bufbuild/protobuf";
import {
  CeremonyStatus,
  type GetNetworkResponse,
  GetNetworkResponseSchema,
} from "../../gen/countersign/v1/ledger_service_pb.ts";
import { equalBytes, toHex } from "../primitives/bytes.ts";
import { formatTime } from "../transport/iso-time.ts";
import { askFirst } from "./calls.ts";
import { CommandError, EXIT } from "./command.ts";
import { defineCommand } from "./define-command.ts";
import {
  membersFor,
  NETWORK_OPTIONS,
  type NetworkAccess,
  NODE_OPTION,
  openNetwork,
} from "./network-access.ts";
import { formatSummary } from "./receipt-summary.ts";
import { formatTable } from "./table.ts";

const NAME = "network";

export const network = defineCommand({
  name: NAME,
  example: "countersign network --node node2",
  details: "It is an error if the node belongs to another network than the genesis.",
  operands: [],
  options: { ...NODE_OPTION, ...NETWORK_OPTIONS },
  run: async ({ values }, terminal) => {
    const access = openNetwork(NAME, values);
    try {
      const members = membersFor(NAME, access, values.node);
      const { member, answer } = await askFirst(NAME, members, (calls) => calls.getNetwork({}));
      if (!equalBytes(answer.networkId, access.trust.networkId)) {
        throw new CommandError(
          `${NAME}: ${member.id} is of another network than this genesis; name the right one by --genesis FILE`,
        );
      }
      terminal.answer({
        value: toJson(GetNetworkResponseSchema, answer, { alwaysEmitImplicit: true }),
        text: describe(access, answer),
      });
      return EXIT.ok;
    } finally {
      access.close();
    }
  },
});

function describe({ genesis }: NetworkAccess, answer: GetNetworkResponse): string {
  const { validators, faultsTolerated, threshold, epoch, groupPublicKey } = answer;
  const assets = genesis.assets.map(({ code, scale }) => `${code} (${scale} decimals)`);
  const rows = genesis.validators.map(({ id, clientAddress, peerAddress, identityKey }) => {
    return [id, clientAddress, peerAddress, toHex(identityKey)];
  });
  const summary = formatSummary([
    ["network", toHex(answer.networkId)],
    [
      "nodes",
      `${validators}, of which ${faultsTolerated} may fail or lie; a quorum is ${threshold}`,
    ],
    ["epoch", `${epoch}`],
    ["assets", assets.join(", ")],
    [
      "group key",
      groupPublicKey === undefined
        ? `not yet: ${ceremonyText(answer)}`
        : `${toHex(groupPublicKey)}${withoutText(answer)}`,
    ],
    ["seals", sealsText(answer)],
  ]);
  const heads = ["node", "clients", "peers", "identity key"];
  return `${summary}\n\n${formatTable(heads, rows)}`;
}

/** A key made without some members is valid, but tolerates that many fewer faults among its holders. */
function withoutText({ ceremony }: Pick<GetNetworkResponse, "ceremony">): string {
  const excluded = ceremony?.excluded ?? [];
  return excluded.length === 0 ? "" : `, made without ${excluded.join(", ")}`;
}

/** Words the number of failures that seals tolerate, next to that of everything else. */
function sealsText({ sealFaultsTolerated, faultsTolerated }: GetNetworkResponse): string {
  if (sealFaultsTolerated === undefined) return "none until there is a group key";
  const tolerated = `${sealFaultsTolerated} of the holders of a share may fail`;
  if (sealFaultsTolerated >= faultsTolerated) return tolerated;
  return `${tolerated}, which is LESS than the ${faultsTolerated} promised; only a new network can have a new key`;
}

function ceremonyText({ ceremony }: GetNetworkResponse): string {
  if (ceremony === undefined || ceremony.status === CeremonyStatus.NOT_STARTED) {
    return "the ceremony has not begun";
  }
  const waits = ceremony.missing.join(", ");
  const attempt = `attempt ${ceremony.attempt} of the ceremony`;
  const { deadline } = ceremony;
  const until = deadline === undefined ? "" : `, until ${formatTime(Number(deadline))}`;
  return `${attempt} waits for ${waits === "" ? "no member" : waits}${until}${withoutText({ ceremony })}`;
}
