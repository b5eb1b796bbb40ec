// The access code that a buyer entered: what it opens, looked at again when that was too early.
import { signal } from "@preact/signals";
import type { Problem } from "../../api/problem.ts";
import { asProblem } from "../../api/problem.ts";
import { lookAtCode } from "../../api/shop.ts";
import type { CodeOpens } from "../../api/types.ts";
import { keepCode } from "../../shop/store.ts";

/** An access code that is in force, and what it opens. */
export interface Code {
  text: string;
  opens: CodeOpens;
}

/** Before another look at a code that is shut after its time: clocks of devices are wrong. */
const LOOK_LEAST_MS = 10_000;
const LOOK_MOST_MS = 3_600_000;
const LOOK_SPREAD_MS = 2000;

export class AccessCode {
  readonly inForce = signal<Code | null>(null);
  /** What came of the last code that was tried. */
  readonly problem = signal<Problem | null>(null);

  private readonly event: string;
  private readonly changed: () => void;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private gone = false;

  /** `changed` is called whenever what is opened may be another. */
  constructor(event: string, changed: () => void) {
    this.event = event;
    this.changed = changed;
  }

  async enter(text: string): Promise<void> {
    this.problem.value = null;
    try {
      this.use({ text, opens: await lookAtCode(this.event, text) });
      keepCode(this.event, text);
    } catch (thrown) {
      this.problem.value = asProblem(thrown);
      if (this.problem.value.status === 422) this.forget();
    }
  }

  forget(): void {
    keepCode(this.event, null);
    this.use(null);
  }

  /** What a code opens is in force from here on; one that is too early is looked at again. */
  use(code: Code | null): void {
    clearTimeout(this.timer);
    this.inForce.value = code;
    this.changed();
    if (!code || code.opens.open || code.opens.opens_at === null) return;
    const left = Date.parse(code.opens.opens_at) - Date.now();
    this.lookAgainIn(left > 0 ? Math.min(left, LOOK_MOST_MS) : LOOK_LEAST_MS);
  }

  /** Not all at the same moment. */
  lookAgainIn(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.lookAgain(), ms + Math.random() * LOOK_SPREAD_MS);
  }

  private async lookAgain(): Promise<void> {
    const code = this.inForce.value;
    if (!code || code.opens.open) return;
    const opens = await lookAtCode(this.event, code.text).catch(() => code.opens);
    if (!this.gone && this.inForce.value === code) this.use({ text: code.text, opens });
  }

  /** What a request under the code says. */
  member(): { code?: string } {
    return this.inForce.value ? { code: this.inForce.value.text } : {};
  }

  stop(): void {
    this.gone = true;
    clearTimeout(this.timer);
  }
}
