import { t } from "../i18n/index.ts";

/** The name mark: a stub with its notch and perforation, then the name. */
export function Mark() {
  return (
    <span class="mark">
      <svg viewBox="0 0 34 24" width="34" height="24" aria-hidden="true">
        <path
          class="mark-stub"
          d="M2 2h30v6.2a3.8 3.8 0 0 0 0 7.6V22H2v-6.2a3.8 3.8 0 0 0 0-7.6z"
        />
        <path class="mark-cut" d="M23 3.6v16.8" />
      </svg>
      <span aria-hidden="true">{t("app.name")}</span>
    </span>
  );
}
