// The captcha that may be asked of whoever joins while very many do, where the box office uses one.
import { personIn } from "../captcha/widget.ts";
import type { Asked, Page } from "./types.ts";
import "./words.ts";

/** As often in a row the service may say no; then it is a wait. */
const TRIES = 3;
let refused = 0;

/** Shows the widget between the words and the buttons. `give` gets its token, `wait` is for whoever
 * cannot or does not want to use it. */
export function askPerson(
  page: Page,
  { challenge, reason }: Asked,
  give: (token: string) => void,
  wait: () => void,
): void {
  refused = reason ? refused + 1 : 0;
  const stop = new AbortController();
  const box = Object.assign(document.createElement("div"), { className: "captcha", role: "group" });
  box.ariaLabel = WORDS.personBox;
  const end = (then: () => void): void => {
    if (stop.signal.aborted) return;
    stop.abort();
    box.remove();
    then();
  };
  if (!challenge || refused === TRIES) {
    refused = 0;
    wait();
    return;
  }
  document.getElementById("go")?.before(box);
  page.cover({
    title: WORDS.oneMoment,
    next: `${reason ? WORDS.notWorked : WORDS.manyCome} ${WORDS.personNext}`,
    other: [WORDS.waitInstead, () => end(wait)],
  });
  personIn(box, challenge, stop.signal).then(
    (token) => end(() => give(token)),
    () => end(wait),
  );
}
