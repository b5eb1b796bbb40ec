import type { ComponentChildren } from "preact";
import { paths, place } from "./router.ts";
import { t } from "../i18n/index.ts";
import { LanguageSwitch } from "./language-switch.tsx";
import { Mark } from "../design/mark.tsx";

/** Head and foot of every ordinary page. */
export function Shell({ children }: { children: ComponentChildren }) {
  return (
    <>
      <a class="skip" href="#main">
        {t("app.skip")}
      </a>
      <header class="site">
        <a class="wordmark" href={paths.home()} aria-label={`${t("app.name")}: ${t("app.home")}`}>
          <Mark />
        </a>
        <nav>
          <a href={paths.home()}>{t("app.home")}</a>
          <a href={paths.tickets()}>{t("app.tickets")}</a>
        </nav>
      </header>
      {children}
      <footer class="site-foot">
        <p>{t("app.promise")}</p>
        <LanguageSwitch />
        <p class="foot-links">
          <Legal />
          <a href={paths.mailbox()}>{t("app.mailbox")}</a>
        </p>
      </footer>
    </>
  );
}

/** Documents of their own, without a script. Reading them is no leaving of the checkout. */
function Legal() {
  const target = place.value.path.includes("/checkout/") ? "_blank" : undefined;
  return (
    <>
      <a href="/imprint" target={target}>
        {t("app.imprint")}
      </a>
      <a href="/terms" target={target}>
        {t("app.terms")}
      </a>
      <a href="/privacy" target={target}>
        {t("app.privacy")}
      </a>
    </>
  );
}
