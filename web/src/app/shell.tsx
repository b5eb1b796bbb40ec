import type { ComponentChildren } from "preact";
import { paths } from "./router.ts";
import { t } from "../i18n/index.ts";
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
        </nav>
      </header>
      {children}
      <footer class="site-foot">
        <p>{t("app.promise")}</p>
        <p>
          <a href={paths.mailbox()}>{t("app.mailbox")}</a>
        </p>
      </footer>
    </>
  );
}
