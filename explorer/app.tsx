/** The frame of the page: its head, its views, and the connection to the node, made anew for each token. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { BlockView } from "./block-view.tsx";
import { BlocksView } from "./blocks-view.tsx";
import { HelpView } from "./help-view.tsx";
import { ConnectionContext, useConnection, useSnapshot } from "./hooks.ts";
import { NetworkView } from "./network-view.tsx";
import { NodeWatch } from "./node-watch.ts";
import { Mark } from "./parts.tsx";
import { PaymentsView } from "./payments-view.tsx";
import { ReceiptView } from "./receipt-view.tsx";
import { linkTo, type Route, useRoute } from "./route.ts";
import { SearchBox } from "./search-box.tsx";
import { connect, keepToken, readToken } from "./session.ts";
import { TokenForm } from "./token-form.tsx";
import { verdictOf } from "./verdict.ts";
import { WalletView } from "./wallet-view.tsx";
import { WalletsView } from "./wallets-view.tsx";

const VIEWS = [
  ["network", "Network"],
  ["payments", "Payments"],
  ["wallets", "Wallets"],
  ["blocks", "Blocks"],
  ["receipt", "Receipt"],
  ["help", "Help"],
] as const;

export function App() {
  const route = useRoute();
  const [token, setToken] = useState(readToken);
  const [isAsking, setAsking] = useState(false);
  const connection = useMemo(() => {
    const client = connect(token);
    return { client, calls: client.calls, watch: new NodeWatch(client.calls) };
  }, [token]);
  useEffect(() => {
    const end = new AbortController();
    void connection.watch.run(end.signal);
    return () => {
      end.abort();
      connection.client.close();
    };
  }, [connection]);
  const shared = useMemo(() => {
    const { calls, watch } = connection;
    return { calls, watch, hasToken: token !== undefined, askForToken: () => setAsking(true) };
  }, [connection, token]);
  const use = (text: string | undefined) => {
    keepToken(text);
    setToken(text);
    setAsking(false);
  };
  return (
    <ConnectionContext.Provider value={shared}>
      <a class="skip" href={`#${MAIN}`} onClick={skip}>
        Skip to the content
      </a>
      <Head route={route} />
      <main id={MAIN} tabIndex={-1}>
        {isAsking && (
          <TokenForm hasToken={token !== undefined} use={use} close={() => setAsking(false)} />
        )}
        <View route={route} />
      </main>
    </ConnectionContext.Provider>
  );
}

const MAIN = "content";

/** The address behind the # is the place in the page, so the link must not change it. */
function skip(event: Event): void {
  event.preventDefault();
  document.getElementById(MAIN)?.focus();
}

function Head({ route }: { readonly route: Route }) {
  return (
    <header class="head">
      <a class="brand" href={linkTo("network")}>
        <img src="/explorer.svg" alt="" width="28" height="28" />
        <span>Countersign</span>
      </a>
      <SearchBox />
      <Health />
      <nav class="views" aria-label="Views">
        {VIEWS.map(([view, name]) => (
          <a key={view} href={linkTo(view)} aria-current={route.view === view ? "page" : undefined}>
            {name}
          </a>
        ))}
      </nav>
    </header>
  );
}

/** One mark in every view. */
function Health() {
  const { status, network, movedAt, heardAt, problem } = useSnapshot();
  const { askForToken, hasToken } = useConnection();
  const name = status?.nodeId ?? location.host;
  const verdict = status && network && verdictOf({ network, status }, heardAt - movedAt);
  const tone = problem === undefined ? verdict?.tone : "bad";
  return (
    <div class="health">
      {tone && <Mark tone={tone} />}
      <span>
        <span class="quiet">through </span>
        {name}
      </span>
      {hasToken && (
        <button type="button" class="plain" onClick={askForToken}>
          Token
        </button>
      )}
    </div>
  );
}

function View({ route }: { readonly route: Route }) {
  const title = VIEWS.find(([view]) => view === route.view)?.[1] ?? "Not found";
  const last = useRef([route.view, ...route.parts].join("/"));
  useEffect(() => {
    document.title = `${title} · Countersign`;
    const place = [route.view, ...route.parts].join("/");
    if (last.current === place) return;
    last.current = place;
    document.getElementById(MAIN)?.focus({ preventScroll: true });
    scrollTo(0, 0);
  });
  const [first] = route.parts;
  switch (route.view) {
    case "network":
      return <NetworkView />;
    case "payments":
      return <PaymentsView />;
    case "wallets":
      return first === undefined ? <WalletsView /> : <WalletView key={first} id={first} />;
    case "blocks":
      return first === undefined ? <BlocksView /> : <BlockView key={first} place={first} />;
    case "receipt":
      return <ReceiptView parts={route.parts} />;
    case "help":
      return <HelpView />;
    default:
      return (
        <>
          <h1>Not found</h1>
          <p>
            The page has no such place. <a href={linkTo("network")}>Show the network</a>
          </p>
        </>
      );
  }
}
