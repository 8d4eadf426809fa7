/** The explorer: a page that shows the network through the node that serves it. */
import { render } from "preact";
import { App } from "./app.tsx";

const place = document.getElementById("app");
if (place !== null) render(<App />, place);
