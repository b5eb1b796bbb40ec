import { render } from "preact";
import "./design/tokens.css";
import "./design/base.css";
import { App } from "./app/app.tsx";
import { startRouter } from "./app/router.ts";
import { chooseLanguage } from "./i18n/index.ts";

startRouter();
void chooseLanguage(navigator.languages).then(() => {
  const root = document.getElementById("app");
  if (root) render(<App />, root);
});
