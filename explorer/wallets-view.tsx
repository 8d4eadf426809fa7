/** Wallets by their ids: all, or those that the node keeps for the reader. */
import { useState } from "preact/hooks";
import { useConnection, useLoaded, useSnapshot } from "./hooks.ts";
import { Pager, usePages } from "./pager.tsx";
import { Card, Loading, ProblemBox } from "./parts.tsx";
import { linkTo } from "./route.ts";
import { count, money } from "./texts.ts";

const PAGE_SIZE = 25;

export function WalletsView() {
  const { calls } = useConnection();
  const { network } = useSnapshot();
  const [all, setAll] = useState(true);
  const pages = usePages(String(all));
  const { value, problem, again } = useLoaded(`${all} ${pages.cursor}`, (signal) =>
    calls.listWallets({ all, pageSize: PAGE_SIZE, cursor: pages.cursor }, { signal }),
  );
  return (
    <>
      <h1>Wallets</h1>
      <fieldset class="filters">
        <legend class="hidden">Wallets to show</legend>
        <label class="choice">
          <input type="radio" name="whose" checked={all} onChange={() => setAll(true)} /> All
        </label>
        <label class="choice">
          <input type="radio" name="whose" checked={!all} onChange={() => setAll(false)} /> Kept by
          this node
        </label>
      </fieldset>
      {problem && <ProblemBox problem={problem} again={again} />}
      <Card title="Wallets">
        {!value && !problem && <Loading what="the wallets" />}
        {value?.wallets.length === 0 && <p class="quiet">There are none on this page.</p>}
        {value && value.wallets.length > 0 && (
          <div class="scroll">
            <table class="stacked">
              <caption class="hidden">Wallets</caption>
              <thead>
                <tr>
                  <th scope="col">Wallet</th>
                  <th scope="col" class="number">
                    Balance
                  </th>
                  <th scope="col" class="number">
                    Entries
                  </th>
                  <th scope="col">Key kept by</th>
                </tr>
              </thead>
              <tbody>
                {value.wallets.map(({ id, asset, balance, entries, custodian }) => (
                  <tr key={id}>
                    <th scope="row">
                      <a class="id" href={linkTo("wallets", id)}>
                        {id}
                      </a>
                    </th>
                    <td data-label="Balance" class="number">
                      {money(network, asset, balance)}
                    </td>
                    <td data-label="Entries" class="number">
                      {count(entries)}
                    </td>
                    <td data-label="Key">{custodian ?? "its owner"}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
        <Pager pages={pages} nextCursor={value?.nextCursor ?? ""} />
      </Card>
    </>
  );
}
