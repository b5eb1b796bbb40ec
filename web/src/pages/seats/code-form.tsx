import { useSignal } from "@preact/signals";
import { zonedDate } from "../../i18n/format.ts";
import { t } from "../../i18n/index.ts";
import { word } from "../../i18n/problem.ts";
import type { Code, SeatsModel } from "./model.ts";

const LONGEST_CODE = 64;

/** For those with a code: seats that are kept for them become choosable. */
export function CodeForm({ model }: { model: SeatsModel }) {
  const text = useSignal("");
  const event = model.event.value;
  const code = model.code.value;
  const problem = model.codeProblem.value;
  if (!event?.access_codes) return null;
  if (code)
    return (
      <section class="code">
        <p role="status">{codeWord(code, event.timezone)}</p>
        <button type="button" class="button small" onClick={() => model.forgetCode()}>
          {t("code.leave", { name: code.opens.name })}
        </button>
      </section>
    );
  return (
    <details class="code" open={problem !== null}>
      <summary>{t("code.ask")}</summary>
      <form
        onSubmit={(submit) => {
          submit.preventDefault();
          if (text.value.trim() !== "") void model.enterCode(text.value.trim());
        }}
      >
        <input
          type="text"
          aria-label={t("code.label")}
          aria-describedby={problem ? "code-problem" : undefined}
          aria-invalid={problem !== null}
          maxLength={LONGEST_CODE}
          autocomplete="off"
          autocapitalize="characters"
          spellcheck={false}
          value={text.value}
          onInput={(input) => {
            text.value = input.currentTarget.value;
          }}
        />
        <button type="submit" class="button" disabled={model.busy.value !== "none"}>
          {t("code.enter")}
        </button>
      </form>
      <p id="code-problem" class="code-problem" role="alert">
        {problem ? word(problem) : ""}
      </p>
    </details>
  );
}

function codeWord({ opens }: Code, timezone: string): string {
  const { name } = opens;
  if (!opens.open && opens.opens_at !== null)
    return t("code.later", { name, date: zonedDate(opens.opens_at, timezone) });
  return t(opens.left === 0 ? "code.used" : "code.open", { name });
}
