import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { t } from "../i18n/index.ts";

const LONGEST_CODE = 64;

interface Props {
  /** The line that opens the field. */
  ask: string;
  label: string;
  /** What the code in force gives; null: there is none. */
  used: string | null;
  problem: string;
  disabled: boolean;
  /** Whether the code was taken. */
  onUse: (code: string) => Promise<boolean>;
  onLeave: () => void;
  /** More that can be done with the code in force. */
  children?: ComponentChildren;
}

/** A field for a code; once it is in force, what it gives, and the way back. */
export function CodeBox(props: Props) {
  const { ask, label, used, problem, disabled, onUse, onLeave, children } = props;
  const text = useSignal("");
  const field = useRef<HTMLInputElement>(null);
  const asked = useRef<HTMLElement>(null);
  const told = useRef<HTMLParagraphElement>(null);
  // What had the focus is gone after a code was taken or removed: it goes to what stands there now.
  const acted = useRef(false);
  const inForce = used !== null;
  useEffect(() => {
    if (acted.current) (inForce ? told : asked).current?.focus();
    acted.current = false;
  }, [inForce]);
  const enter = async (submit: Event): Promise<void> => {
    submit.preventDefault();
    const code = text.value.trim();
    if (code === "") return;
    acted.current = true;
    if (await onUse(code)) return;
    acted.current = false;
    field.current?.focus();
  };
  if (inForce)
    return (
      <section class="code">
        <p role="status" tabIndex={-1} ref={told}>
          {used}
        </p>
        <div class="code-next">
          {children}
          <button
            type="button"
            class="button small"
            disabled={disabled}
            onClick={() => {
              acted.current = true;
              text.value = "";
              onLeave();
            }}
          >
            {t("code.leave")}
          </button>
        </div>
      </section>
    );
  return (
    <details class="code" open={problem !== ""}>
      <summary ref={asked}>{ask}</summary>
      <form onSubmit={(submit) => void enter(submit)}>
        <input
          ref={field}
          type="text"
          aria-label={label}
          aria-describedby={problem ? "code-problem" : undefined}
          aria-invalid={problem !== ""}
          maxLength={LONGEST_CODE}
          autocomplete="off"
          autocapitalize="characters"
          spellcheck={false}
          value={text.value}
          onInput={(input) => {
            text.value = input.currentTarget.value;
          }}
        />
        <button type="submit" class="button" disabled={disabled}>
          {t("code.enter")}
        </button>
      </form>
      <p id="code-problem" class="code-problem field-error" role="alert">
        {problem}
      </p>
    </details>
  );
}
