import { t } from "../i18n/index.ts";

export function setTitle(text: string): void {
  document.title = text === "" ? t("app.name") : `${text} · ${t("app.name")}`;
}
