import { render } from "preact";
import "./design/tokens.css";
import "./design/base.css";
import "./design/document.css";
import { App } from "./app/app.tsx";
import { startRouter } from "./app/router.ts";
import { startLanguage } from "./i18n/index.ts";
import { watchLeaving } from "./shop/leaving.ts";

startRouter();
watchLeaving();
void startLanguage().then(
  () => {
    const root = document.getElementById("app");
    // What the server laid in is drawn anew, at the same place and with the same words.
    root?.replaceChildren();
    if (root) render(<App />, root);
  },
  // A new version of the shop was laid out meanwhile, or the network is gone: the browser says which.
  () => setTimeout(() => location.reload(), 2000),
);
