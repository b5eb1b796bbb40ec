// A promo code on a hold: used, refused, done without.
import { signal } from "@preact/signals";
import type { Problem } from "../../api/problem.ts";
import { asProblem } from "../../api/problem.ts";
import { leavePromo, usePromo } from "../../api/shop.ts";
import type { Hold } from "../../api/types.ts";

export class Promo {
  readonly busy = signal(false);
  readonly problem = signal<Problem | null>(null);
  private readonly event: string;
  private readonly hold: string;
  private readonly take: (hold: Hold) => void;

  constructor(event: string, hold: string, take: (hold: Hold) => void) {
    this.event = event;
    this.hold = hold;
    this.take = take;
  }

  /** Whether it worked. */
  use(code: string): Promise<boolean> {
    return this.ask(() => usePromo(this.event, this.hold, code));
  }

  leave(): Promise<boolean> {
    return this.ask(() => leavePromo(this.event, this.hold));
  }

  private async ask(call: () => Promise<Hold>): Promise<boolean> {
    if (this.busy.value) return false;
    this.busy.value = true;
    try {
      this.take(await call());
      this.problem.value = null;
      return true;
    } catch (thrown) {
      this.problem.value = asProblem(thrown);
      return false;
    } finally {
      this.busy.value = false;
    }
  }
}
