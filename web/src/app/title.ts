import { useEffect } from "preact/hooks";
import { t } from "../i18n/index.ts";

/** The document's title while a page is shown. It follows the texts when the reader changes them. */
export function useTitle(text: string): void {
  const title = text === "" ? t("app.name") : `${text} · ${t("app.name")}`;
  useEffect(() => {
    document.title = title;
  }, [title]);
}
