import type { Order } from "../../api/types.ts";
import { linesOf } from "../../design/item-label.ts";
import { money } from "../../i18n/format.ts";
import { t } from "../../i18n/index.ts";

/** Which tickets were given back, for how much, and where that money is. */
export function Refunds({ order }: { order: Order }) {
  if (order.refunds.length === 0) return null;
  return (
    <section class="refunds">
      <h2>{t("order.refunds")}</h2>
      <ul>
        {order.refunds.map((refund) => (
          <li key={refund.id}>
            <span>
              {linesOf(order.items.filter((item) => item.refund?.id === refund.id)).map(
                ({ label }, i) => (
                  <span key={i} class="refund-place">
                    {label}
                  </span>
                ),
              )}
            </span>
            <span class="refund-sum">
              <b class="figure">{money(refund.amount)}</b>
              <span class="quiet">{t(`refund.${refund.state}`)}</span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
