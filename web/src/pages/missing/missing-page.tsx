import { paths } from "../../app/router.ts";
import { useTitle } from "../../app/title.ts";
import { t } from "../../i18n/index.ts";

export function MissingPage() {
  useTitle(t("missing.title"));
  return (
    <main id="main" class="page narrow">
      <h1 tabIndex={-1}>{t("missing.title")}</h1>
      <p class="lead">{t("missing.text")}</p>
      <p class="actions">
        <a class="button primary" href={paths.home()}>
          {t("missing.go")}
        </a>
      </p>
    </main>
  );
}
