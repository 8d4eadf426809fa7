/** The page's own help. */
import type { ComponentChildren } from "preact";
import { Card } from "./parts.tsx";
import { linkTo } from "./route.ts";

export function HelpView() {
  return (
    <>
      <h1>Help</h1>
      <Card title="What this page is">
        <p>
          A Countersign network is a ledger of payments that its members keep together, although
          none of them trusts another. This page shows it through one member's node: what it sees
          may differ from what another node sees for a moment, and for as long as the network
          between them is cut.
        </p>
        <p>
          The page reads the node by the same calls as any program, every two seconds while you look
          at it. It loads nothing from anywhere else, and sends nothing anywhere else.
        </p>
      </Card>
      <NetworkTerms />
      <Card title="Find something">
        <p>
          The field at the top takes the id of a wallet, the height of a block or its hash, or the
          two ids of a payment: that of the payer's wallet, a space, and its own. A node does not
          find a payment by its own id alone, because ids are the payer's choice. A wallet's
          statement says who paid it, whom it paid, and for what. Each entry links to its receipt.
        </p>
        <p>Amounts are shown in units of the currency, times in your own time zone.</p>
      </Card>
      <Card title="Receipts and proofs">
        <p>
          <a href={linkTo("receipt")}>Drop a receipt</a>, or a proof of a wallet, a statement or the
          supply, and the page checks it, step by step, with the genesis that this node gives or
          with your own copy. The file is sent nowhere.
        </p>
        <p>
          The page itself comes from this node. A node that lies could show a page that lies. Who
          has to be sure verifies with a program from elsewhere: <code>countersign verify</code>,
          the verifiers in Go and Python, or OpenSSL for the seal.
        </p>
      </Card>
      <Card title="What you may see">
        <p>
          A node may ask for an access token. One with the scope <code>read</code> shows the
          network, its blocks and your own wallets; <code>read:all</code> shows all payments. The
          page keeps the token in this tab until you close it, and shows it to this node alone.
        </p>
      </Card>
    </>
  );
}

function NetworkTerms() {
  return (
    <Card title="The network">
      <dl>
        <Term name="Failures still borne">
          How many more members may fail while payments still settle and are countersigned. With n
          members the network is made for (n − 1) / 3 failures.
        </Term>
        <Term name="Final">
          A block is final when two thirds of the members and more have voted for it. It never
          changes.
        </Term>
        <Term name="Sealed">
          A final block gets a seal: one signature of the group key, which the members make together
          and no machine holds. A receipt with it can be checked by anyone.
        </Term>
        <Term name="Seal margin">
          How many of the share holders that are up may be missing while seals are still made.
        </Term>
        <Term name="View">
          The turn of one member to propose a block. Members of a healthy network are in the same
          one.
        </Term>
        <Term name="Lag">
          The number of blocks between what a member has shown and the highest height that is known.
        </Term>
        <Term name="Key ceremony">The steps in which the members make the group key, once.</Term>
      </dl>
    </Card>
  );
}

function Term({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
