import { signal } from "@preact/signals";
import type { Language } from "../i18n/choice.ts";
import { LANGUAGES, NAMES } from "../i18n/choice.ts";
import { language, t, takeLanguage } from "../i18n/index.ts";

/** The one that is on its way, on a slow network. */
const coming = signal<Language | null>(null);

async function take(wanted: Language): Promise<void> {
  coming.value = wanted;
  // Without a network the page stays as it is, and the reader may press again.
  await takeLanguage(wanted).catch(() => undefined);
  coming.value = null;
}

/** The reader's choice of language; the page stays where it is, and so does what was typed. */
export function LanguageSwitch() {
  return (
    <ul class="languages" aria-label={t("app.language")}>
      {LANGUAGES.map((each) => (
        <li key={each}>
          <button
            type="button"
            lang={each}
            aria-current={each === language() ? "true" : undefined}
            aria-busy={each === coming.value}
            onClick={() => void take(each)}
          >
            {NAMES[each]}
          </button>
        </li>
      ))}
    </ul>
  );
}
