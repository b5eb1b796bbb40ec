import { datePieces } from "../i18n/format.ts";
import type { DateGroup } from "../i18n/format.ts";

interface Props {
  at: string;
  timeZone: string;
  /** What of it is set in bold. */
  strong: readonly DateGroup[];
  year?: boolean;
}

/** A moment at the venue, put together as the reader's language does: "Fr., 11. Dez. 2026, 19:30". */
export function When({ at, timeZone, strong, year = true }: Props) {
  const pieces = datePieces(at, timeZone, { year });
  const bold = (i: number): boolean => i in pieces && strong.includes(pieces[i].group);
  return (
    <time dateTime={at}>
      {pieces.map(({ group, text }, i) =>
        bold(i) || (group === "between" && bold(i - 1) && bold(i + 1)) ? <b key={i}>{text}</b> : text,
      )}
    </time>
  );
}
