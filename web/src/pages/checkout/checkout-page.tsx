import type { VNode } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { guardLinks, paths } from "../../app/router.ts";
import { useTitle } from "../../app/title.ts";
import { Failure } from "../../design/failure.tsx";
import { TimeLeft, TimeLine } from "../../design/time-line.tsx";
import { money } from "../../i18n/format.ts";
import type { Key } from "../../i18n/index.ts";
import { t } from "../../i18n/index.ts";
import { word } from "../../i18n/problem.ts";
import { leftMs } from "../../shop/clock.ts";
import { AwayNote } from "./away-note.tsx";
import { Bank } from "./bank.tsx";
import { CaptchaStep } from "./captcha-step.tsx";
import { GiveBack } from "./give-back.tsx";
import type { Ending } from "./model.ts";
import { CheckoutModel } from "./model.ts";
import { Summary } from "./summary.tsx";
import { WaysForm } from "./ways-form.tsx";
import "./checkout.css";

/** One page from held seats to paid ones. */
export function CheckoutPage({ id, hold }: { id: string; hold: string }) {
  const model = useMemo(() => new CheckoutModel(id, hold), [id, hold]);
  const leave = useSignal<VNode | null>(null);
  useTitle(t("checkout.title"));
  useEffect(() => {
    void model.start();
    const free = guardLinks((to, go) => {
      if (!model.canGiveBack || to === paths.seats(id)) return false;
      const close = (): void => {
        leave.value = null;
      };
      void import("./leave-ask.tsx").then(({ LeaveAsk }) => {
        leave.value = <LeaveAsk model={model} go={go} onClose={close} />;
      }, go);
      return true;
    });
    return () => {
      free();
      model.stop();
    };
  }, [model]);

  const phase = model.phase.value;
  if (model.failure.value)
    return <Failure problem={model.failure.value} onRetry={() => location.reload()} />;
  if (phase === "loading") return <main id="main" class="page wait" aria-busy="true" />;
  if (phase === "ended") return <Ended id={id} ending={model.ending.value} />;
  return (
    <main id="main" class="page checkout">
      <TimeLine end={model.end.value} />
      <div class="checkout-head">
        <h1 tabIndex={-1}>{t("checkout.title")}</h1>
        <p class="quiet">
          <TimeLeft end={model.end.value} />
        </p>
      </div>
      <Summary model={model} />
      {phase === "bank" ? <Bank model={model} /> : <Form model={model} />}
      {leave.value}
    </main>
  );
}

const ENDINGS: Record<Ending, { title: Key; text: Key }> = {
  over: { title: "checkout.ended", text: "checkout.endedText" },
  done: { title: "checkout.done", text: "checkout.doneText" },
  unknown: { title: "checkout.noHold", text: "checkout.noHoldText" },
};

function Ended({ id, ending }: { id: string; ending: Ending }) {
  const { title, text } = ENDINGS[ending];
  return (
    <main id="main" class="page narrow">
      <h1 tabIndex={-1}>{t(title)}</h1>
      <p class="lead">{t(text)}</p>
      <p class="actions">
        <a class="button primary" href={paths.seats(id)}>
          {t("checkout.again")}
        </a>
      </p>
    </main>
  );
}

const ADDRESS = /^\S+@\S+\.\S+$/;

function Form({ model }: { model: CheckoutModel }) {
  const email = useRef<HTMLInputElement>(null);
  const emailError = useSignal("");
  const phase = model.phase.value;
  const order = model.order.value;
  const busy = phase !== "form";
  const total = model.total.value;
  const event = model.event.value;
  const provider = event?.payment.provider;
  const away = model.away.value;
  const told = useRef<HTMLDivElement>(null);
  useEffect(
    () => told.current?.scrollIntoView({ block: "nearest" }),
    [away, model.decline.value, model.problem.value],
  );
  const free = total?.amount === 0;
  // With a provider's own form the order comes first: the form belongs to it.
  const toForm = model.ownForm && !order;
  const formComes = model.ownForm && order !== null && model.fields.value === null;

  const submit = (submitted: Event): void => {
    submitted.preventDefault();
    const address = model.email.value.trim();
    emailError.value =
      address === ""
        ? t("checkout.emailEmpty")
        : ADDRESS.test(address)
          ? ""
          : t("checkout.emailBad");
    if (emailError.value !== "") {
      email.current?.focus();
      return;
    }
    void model.pay();
  };

  const problem = model.problem.value;
  const aboutEmail = problem?.code === "email_invalid";
  const shown = emailError.value || (aboutEmail ? word(problem) : "");
  const label =
    phase === "placing"
      ? t("checkout.placing")
      : phase === "paying" || phase === "asking"
        ? t("checkout.paying")
        : away
          ? t("checkout.awayNow")
          : free
            ? t("checkout.take")
            : toForm
              ? t("tray.checkout")
              : t("checkout.pay", { price: total ? money(total) : "" });

  return (
    <form class="checkout-form" onSubmit={submit} noValidate aria-busy={busy}>
      <fieldset disabled={busy}>
        <legend>{t("checkout.contact")}</legend>
        {order ? (
          <p>{t("checkout.fixed", { email: model.email.value })}</p>
        ) : (
          <>
            <label class="field">
              <span>{t("checkout.email")}</span>
              <input
                ref={email}
                type="email"
                name="email"
                autocomplete="email"
                inputMode="email"
                maxLength={254}
                required
                value={model.email.value}
                aria-invalid={shown !== ""}
                aria-describedby="email-note"
                onInput={(input) => {
                  model.email.value = input.currentTarget.value;
                  emailError.value = "";
                }}
              />
              <span id="email-note" class={shown ? "field-error" : "field-hint"}>
                {shown || t("checkout.emailHint")}
              </span>
            </label>
            <label class="field">
              <span>
                {t("checkout.name")} <i>{t("checkout.optional")}</i>
              </span>
              <input
                type="text"
                name="name"
                autocomplete="name"
                maxLength={100}
                value={model.name.value}
                onInput={(input) => {
                  model.name.value = input.currentTarget.value;
                }}
              />
            </label>
          </>
        )}
      </fieldset>
      {!free && event && <WaysForm model={model} event={event} disabled={busy} />}
      <div class="checkout-told" role="alert" ref={told}>
        {model.decline.value && (
          <p class="note" data-kind="problem">
            <strong>{t(model.decline.value)}</strong>{" "}
            {t(
              (event?.payment_methods.length ?? 1) > 1
                ? "checkout.declinedHintWays"
                : "checkout.declinedHint",
            )}
          </p>
        )}
        {problem && !aboutEmail && (
          <p class="note" data-kind="problem">
            {word(problem)}
          </p>
        )}
        {model.waits.value > 0 && (
          <p class="note">{t("checkout.captchaWaits", { seconds: String(model.waits.value) })}</p>
        )}
        {phase === "asking" && <p class="note">{t("checkout.unknown")}</p>}
        {away && <AwayNote away={away} leftToPayMs={leftMs(model.end.value)} />}
      </div>
      {model.captcha.value && <CaptchaStep captcha={model.captcha.value} />}
      <div class="checkout-next">
        <button
          type="submit"
          class="button primary large"
          disabled={busy || (!free && (provider === "none" || formComes))}
          aria-busy={busy}
        >
          {label}
        </button>
      </div>
      <GiveBack model={model} disabled={busy} />
    </form>
  );
}
