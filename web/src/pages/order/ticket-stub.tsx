import type { EventDetail, OrderTicket } from "../../api/types.ts";
import { When } from "../../design/when.tsx";
import { t } from "../../i18n/index.ts";

interface Props {
  ticket: OrderTicket;
  event: EventDetail | null;
  place: number;
  all: number;
  /** Shows the code as large as it goes. */
  onShow: () => void;
}

/** A ticket: what a door and its holder need, and the code on white so that scanners like it. */
export function TicketStub({ ticket, event, place, all, onShow }: Props) {
  return (
    <li class="stub ticket">
      <div class="stub-head ticket-what">
        <p class="ticket-count figure">{t("ticket.of", { n: place, all })}</p>
        <h2>{event?.name ?? "\u00a0"}</h2>
        {event && (
          <p class="ticket-when">
            <When at={event.starts_at} timeZone={event.timezone} strong={["weekday", "day"]} year={false} />
            <br />
            {event.venue.name}
            {event.venue.city ? `, ${event.venue.city}` : ""}
          </p>
        )}
        <Where ticket={ticket} />
      </div>
      <div class="stub-body ticket-code">
        <button type="button" onClick={onShow} aria-label={t("ticket.large", { n: place })}>
          <img
            src={ticket.svg_url}
            width="280"
            height="280"
            alt={t("ticket.code", { n: place })}
            decoding="async"
          />
        </button>
      </div>
    </li>
  );
}

/** "Box 3" stands under "Box", and "12" under "Row". */
function rowTerm(row: string): [term: string, name: string] {
  const named = /^(.*\S)\s+(\S+)$/u.exec(row);
  return named ? [named[1], named[2]] : [t("ticket.row"), row];
}

function Where({ ticket }: { ticket: OrderTicket }) {
  const seated = ticket.seat !== undefined;
  const [term, row] = rowTerm(ticket.row ?? "");
  return (
    <dl class="ticket-where">
      {seated ? (
        <>
          <div>
            <dt>{t("ticket.section")}</dt>
            <dd>{ticket.section}</dd>
          </div>
          <div>
            <dt>{term}</dt>
            <dd>{row}</dd>
          </div>
          <div>
            <dt>{t("ticket.seat")}</dt>
            <dd>{ticket.number}</dd>
          </div>
        </>
      ) : (
        <div>
          <dt>{t("ticket.area")}</dt>
          <dd>{ticket.area_name ?? ticket.area ?? ticket.category}</dd>
        </div>
      )}
    </dl>
  );
}
