import { useEffect, useRef } from "preact/hooks";
import type { Choice, Money } from "../../api/types.ts";
import { money, plus } from "../../i18n/format.ts";
import { t } from "../../i18n/index.ts";
import { word } from "../../i18n/problem.ts";
import { linesOf, severalLabel } from "../../design/item-label.ts";
import { Opening } from "../../design/opening.tsx";
import { Price, Savings } from "../../design/price.tsx";
import { Swatch } from "../../design/swatch.tsx";
import { TimeLeft } from "../../design/time-line.tsx";
import { wide } from "../../design/theme.ts";
import type { Saving } from "../../shop/quote.ts";
import { savingsOf } from "../../shop/quote.ts";
import { online } from "../../app/online.ts";
import { navigate, paths } from "../../app/router.ts";
import { BestForm } from "./best-form.tsx";
import { CodeForm } from "./code-form.tsx";
import { ConflictNote } from "./conflict.tsx";
import { Inside } from "./inside.tsx";
import type { SeatsModel } from "./model.ts";
import { fullLabel } from "./words.ts";

/** What is picked or held, with the full price, and the one next step. A sheet on a phone. */
export function Tray({
  model,
  onHeld,
}: {
  model: SeatsModel;
  onHeld: (hold: string | null) => void;
}) {
  const event = model.event.value;
  const hold = model.hold.value;
  const conflict = model.conflict.value;
  if (!event) return <aside class="tray" />;
  return (
    <aside class="tray" data-held={!hold ? "no" : model.changing.value ? "changing" : "yes"} aria-label={t("tray.title")}>
      {conflict && <ConflictNote model={model} conflict={conflict} />}
      <Notices model={model} />
      <Inside event={event} held={hold !== null} />
      {model.shut.value && (
        <Opening
          at={model.opensAt.value}
          event={event}
          onOpen={() => void model.lookForOpening()}
        />
      )}
      {hold && !model.changing.value ? (
        <Held model={model} />
      ) : hold || model.picked.value > 0 ? (
        <Picked model={model} onHeld={onHeld} />
      ) : (
        <Empty model={model} />
      )}
    </aside>
  );
}

function Notices({ model }: { model: SeatsModel }) {
  const problem = model.problem.value;
  const text = model.noBest.value
    ? t(model.wishful.value ? "best.noneWished" : "best.none", { n: model.people.value })
    : problem
      ? word(problem)
      : noticeWord(model) || saleWord(model);
  return (
    <div role="status">
      {text !== "" && (
        <p class="note" data-kind={problem ? "problem" : "plain"}>
          {text}
        </p>
      )}
    </div>
  );
}

const NOTICES = {
  released: "tray.released",
  over: "time.over",
  limit: "tray.limit",
  together: "seats.together",
  joined: "seats.joined",
  replanned: "seats.replanned",
} as const;

function noticeWord(model: SeatsModel): string {
  const notice = model.notice.value;
  return notice ? t(NOTICES[notice], { n: model.event.value?.limits.per_hold ?? 0 }) : "";
}

function saleWord(model: SeatsModel): string {
  if (!online.value) return t("live.off");
  const sale = model.event.value?.sale.state;
  if (sale === "paused") return t("event.paused");
  if (sale === "closed") return t("event.closed");
  return "";
}

function Empty({ model }: { model: SeatsModel }) {
  const plan = model.event.value?.plan_url !== null;
  return (
    <>
      {plan && !wide.value ? (
        <BestForm model={model} />
      ) : (
        <p class="tray-hint">{plan ? t("tray.empty") : t("tray.emptyAreas")}</p>
      )}
      {!wide.value && <CodeForm model={model} />}
    </>
  );
}

function Picked({ model, onHeld }: { model: SeatsModel; onHeld: (hold: string | null) => void }) {
  const event = model.event.value;
  const n = model.picked.value;
  const holding = model.busy.value === "holding";
  const changing = model.changing.value;
  const areas = event?.areas.filter((area) => (model.quantities.value.get(area.id) ?? 0) > 0) ?? [];
  return (
    <>
      {changing && (
        <>
          <div class="tray-held">
            <h2>{t("tray.change")}</h2>
            <p class="quiet">
              <TimeLeft end={model.end.value} />
            </p>
          </div>
          <p class="quiet">{t("tray.changeHint")}</p>
        </>
      )}
      <ul class="tray-seats">
        {model.picks.value.map((seat) => (
          <PickedSeat key={seat} model={model} seat={seat} />
        ))}
        {areas.map((area) => {
          const quantity = model.quantities.value.get(area.id) ?? 0;
          const each = model.priceOfArea(area.id);
          const sum: Money | null = each
            ? { amount: each.amount * quantity, currency: each.currency }
            : null;
          return (
            <li key={area.id} class="tray-seat">
              <Swatch colour={model.colours.value.get(area.price_category) ?? ""} />
              <span>{severalLabel(area.name, quantity)}</span>
              <span class="figure">{sum ? money(sum) : ""}</span>
            </li>
          );
        })}
      </ul>
      {!wide.value && <CodeForm model={model} />}
      <div class="tray-next">
        <Total total={model.total.value} savings={model.savings.value} />
        {changing && (
          <button type="button" class="button" onClick={() => model.endChange()}>
            {t("tray.keep")}
          </button>
        )}
        <button
          type="button"
          class="button primary"
          disabled={
            model.busy.value !== "none" ||
            model.shut.value ||
            n === 0 ||
            (changing && !model.differs.value)
          }
          aria-busy={holding}
          onClick={() => void model.holdPicks().then(changing ? undefined : onHeld)}
        >
          {holding ? t("tray.holding") : t(changing ? "tray.changed" : "tray.hold", { n })}
        </button>
      </div>
    </>
  );
}

function PickedSeat({ model, seat }: { model: SeatsModel; seat: number }) {
  const view = model.view.value;
  const item = useRef<HTMLLIElement>(null);
  useEffect(() => item.current?.scrollIntoView({ block: "nearest", inline: "nearest" }), []);
  if (!view) return null;
  const price = model.priceOfSeat(seat);
  const index = view.priceOf[view.hall.category[seat]];
  const label = fullLabel(model, seat);
  return (
    <li class="tray-seat" ref={item}>
      <Swatch colour={model.colours.value.get(index) ?? ""} />
      <button type="button" class="plain" onClick={() => model.lookAt([seat])}>
        {label}
      </button>
      <span class="figure">{price ? money(price) : ""}</span>
      <button
        type="button"
        class="icon"
        aria-label={t("tray.remove", { seat: label })}
        onClick={() => model.toggle(seat)}
      >
        ×
      </button>
    </li>
  );
}

function Held({ model }: { model: SeatsModel }) {
  const hold = model.hold.value;
  if (!hold) return null;
  return (
    <>
      <div class="tray-held">
        <h2>{t("tray.held", { n: hold.items.length })}</h2>
        <p class="quiet">
          <TimeLeft end={model.end.value} />
        </p>
      </div>
      {hold.choice && <p class="quiet">{choiceWords(hold.choice)}</p>}
      <ul class="tray-seats">
        {linesOf(hold.items).map((line, i) => (
          <li key={line.item.seat ?? i} class="tray-seat">
            <Swatch colour={model.colours.value.get(line.item.category_index) ?? ""} />
            <span>{line.label}</span>
            <Price now={plus(line.price, line.fee)} before={plus(line.list, line.fee)} />
          </li>
        ))}
      </ul>
      <div class="tray-next">
        <Total total={hold.total} savings={savingsOf(hold, model.event.value)} />
        {hold.order_id === undefined && model.heldSeats.value.length === hold.items.length && (
          <button
            type="button"
            class="button"
            disabled={model.busy.value !== "none"}
            onClick={() => model.startChange()}
          >
            {t("tray.change")}
          </button>
        )}
        <button
          type="button"
          class="button"
          disabled={model.busy.value !== "none"}
          onClick={() => void model.release()}
        >
          {t("tray.release")}
        </button>
        <button
          type="button"
          class="button primary"
          onClick={() => navigate(paths.checkout(model.id, hold.id))}
        >
          {t("tray.checkout")}
        </button>
      </div>
    </>
  );
}

const REASONS = {
  adjacent: "best.adjacent",
  companions: "best.companions",
  area: "best.area",
} as const;

/** Why the box office chose these. */
function choiceWords(choice: Choice): string {
  const reason = t(REASONS[choice.reason]);
  return choice.restricted_view ? `${reason} ${t("best.restricted")}` : reason;
}

function Total({ total, savings }: { total: Money; savings: readonly Saving[] }) {
  return (
    <div class="tray-total">
      <b class="figure">{money(total)}</b>
      <span class="quiet">{t("tray.total")}</span>
      <Savings savings={savings} currency={total.currency} />
    </div>
  );
}
