import { CodeBox } from "../../design/code-box.tsx";
import { zonedDate } from "../../i18n/format.ts";
import { t } from "../../i18n/index.ts";
import { word } from "../../i18n/problem.ts";
import type { Code } from "./access-code.ts";
import type { SeatsModel } from "./model.ts";

/** For those with a code: seats that are kept for them become choosable. */
export function CodeForm({ model }: { model: SeatsModel }) {
  const event = model.event.value;
  const code = model.code.value;
  const problem = model.codeProblem.value;
  if (!event?.access_codes) return null;
  return (
    <CodeBox
      ask={t("code.ask")}
      label={t("code.label")}
      used={code && codeWord(code, event.timezone)}
      problem={problem ? word(problem) : ""}
      disabled={model.busy.value !== "none"}
      onUse={async (text) => {
        await model.enterCode(text);
        if (model.code.value) model.showKept();
        return model.code.value !== null;
      }}
      onLeave={() => model.forgetCode()}
    >
      {code?.opens.seats && (
        <button type="button" class="button small" onClick={() => model.showKept()}>
          {t("code.show")}
        </button>
      )}
    </CodeBox>
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
