import { useEffect, useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { zonedDate } from "../../i18n/format.ts";
import { t } from "../../i18n/index.ts";
import { word } from "../../i18n/problem.ts";
import type { Code } from "./access-code.ts";
import type { SeatsModel } from "./model.ts";

const LONGEST_CODE = 64;

/** For those with a code: seats that are kept for them become choosable. */
export function CodeForm({ model }: { model: SeatsModel }) {
  const text = useSignal("");
  const event = model.event.value;
  const code = model.code.value;
  const problem = model.codeProblem.value;
  const told = useRef<HTMLParagraphElement>(null);
  const ask = useRef<HTMLElement>(null);
  // What had the focus is gone after a code was taken or removed: it goes to what stands there now.
  const acted = useRef(false);
  useEffect(() => {
    if (acted.current) (code ? told : ask).current?.focus();
    acted.current = false;
  }, [code]);
  const enter = async (): Promise<void> => {
    acted.current = true;
    await model.enterCode(text.value.trim());
    if (model.code.value) model.showKept();
    else acted.current = false;
  };
  if (!event?.access_codes) return null;
  if (code)
    return (
      <section class="code">
        <p role="status" tabIndex={-1} ref={told}>
          {codeWord(code, event.timezone)}
        </p>
        <div class="code-next">
          {code.opens.seats && (
            <button type="button" class="button small" onClick={() => model.showKept()}>
              {t("code.show")}
            </button>
          )}
          <button
            type="button"
            class="button small"
            onClick={() => {
              acted.current = true;
              text.value = "";
              model.forgetCode();
            }}
          >
            {t("code.leave")}
          </button>
        </div>
      </section>
    );
  return (
    <details class="code" open={problem !== null}>
      <summary ref={ask}>{t("code.ask")}</summary>
      <form
        onSubmit={(submit) => {
          submit.preventDefault();
          if (text.value.trim() !== "") void enter();
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
      <p id="code-problem" class="code-problem field-error" role="alert">
        {problem ? word(problem) : ""}
      </p>
    </details>
  );
}

function codeWord({ opens }: Code, timezone: string): string {
  const { name } = opens;
  if (!opens.open && opens.opens_at !== null)
    return t("code.later", { name, date: zonedDate(opens.opens_at, timezone) });
  if (!opens.open) return t("code.withSale", { name });
  if (opens.left === 0) return t("code.used", { name });
  const kept = t("code.open", { name });
  return opens.left === null ? kept : `${kept} ${t("code.left", { n: opens.left })}`;
}
