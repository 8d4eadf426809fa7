/** The progress of the key ceremony, which makes the group key under which results are countersigned. */
import {
  CeremonyStatus,
  type GetNetworkResponse,
} from "../gen/countersign/v1/ledger_service_pb.ts";
import { toHex } from "../src/primitives/bytes.ts";
import { Card, Mark } from "./parts.tsx";
import { time } from "./texts.ts";

export function CeremonyCard({ network }: { readonly network: GetNetworkResponse }) {
  const { ceremony, members, groupPublicKey, threshold, sealFaultsTolerated } = network;
  const isComplete = ceremony?.status === CeremonyStatus.COMPLETE;
  const attempt = ceremony?.attempt ?? 0;
  const missing = ceremony?.missing ?? [];
  const holders = members.filter(({ holdsSealShare }) => holdsSealShare).length;
  const taking = ceremony?.members.length ?? 0;
  const done = isComplete ? holders : taking - missing.length;
  const all = isComplete ? members.length : Math.max(taking, 1);
  const excluded = ceremony?.excluded ?? [];
  return (
    <Card title="Key ceremony">
      <p class="state">
        <Mark tone={isComplete ? "good" : "warn"} />
        <strong>{stateOf(ceremony?.status)}</strong>
        {attempt > 0 && <span class="quiet"> in attempt {attempt}</span>}
      </p>
      <progress max={all} value={done} aria-label="Progress of the key ceremony" />
      <p>
        {isComplete
          ? `${holders} of ${members.length} members hold a share; any ${threshold} of them countersign, so ${sealFaultsTolerated ?? 0} may be missing.`
          : `${done} of ${taking} members have taken this step.`}
      </p>
      {missing.length > 0 && <p>It waits for {missing.join(", ")}.</p>}
      {excluded.length > 0 && <p>Left out: {excluded.join(", ")}.</p>}
      {ceremony?.deadline !== undefined && (
        <p class="quiet">This attempt ends at {time(ceremony.deadline)} at the latest.</p>
      )}
      {groupPublicKey && (
        <p class="quiet">
          Group key <code class="long">{toHex(groupPublicKey)}</code>
        </p>
      )}
    </Card>
  );
}

function stateOf(status: CeremonyStatus | undefined): string {
  switch (status) {
    case CeremonyStatus.COMPLETE:
      return "Complete";
    case CeremonyStatus.RUNNING:
      return "Running";
    default:
      return "Not started";
  }
}
