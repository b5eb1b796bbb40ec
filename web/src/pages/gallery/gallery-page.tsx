import type { ComponentChildren } from "preact";
import { useSignal } from "@preact/signals";
import { useTitle } from "../../app/title.ts";
import { CodeBox } from "../../design/code-box.tsx";
import { Mark } from "../../design/mark.tsx";
import { Price, Savings } from "../../design/price.tsx";
import { Stepper } from "../../design/stepper.tsx";
import { Swatch } from "../../design/swatch.tsx";
import { dark } from "../../design/theme.ts";
import { steps } from "../../seatmap/palette.ts";
import { SeatShapes } from "./seat-shapes.tsx";
import { Colours, Spaces, Types } from "./tokens.tsx";
import "./gallery.css";

/** Everything the pages are made of, for those who make pages. English only, linked from nowhere. */
export function GalleryPage() {
  useTitle("Gallery");
  return (
    <main id="main" class="page gallery" lang="en">
      <h1 tabIndex={-1}>Gallery</h1>
      <p class="lead">
        What the pages are made of: tokens first, then components. The theme is the system’s; look at
        both.
      </p>
      <Part title="Name mark">
        <Mark />
      </Part>
      <Part title="Colours" about="Accent is for the one next step of a screen.">
        <Colours />
      </Part>
      <Part title="Prices" about="From dear to cheap, even in lightness; six of them and three.">
        <Scale n={6} />
        <Scale n={3} />
      </Part>
      <Part title="Type">
        <Types />
      </Part>
      <Part title="Space">
        <Spaces />
      </Part>
      <Part title="Buttons">
        <Buttons />
      </Part>
      <Part title="Fields">
        <Fields />
      </Part>
      <Part title="What is told">
        <Told />
      </Part>
      <Part
        title="Stub"
        about="Notch and perforation mark what is the buyer’s own, and nothing else."
      >
        <div class="stub gallery-stub">
          <div class="stub-head">
            <h3>Velvet Static: Night Bus Tour</h3>
            <p class="quiet">Fri, 18 December 2026 at 19:30</p>
          </div>
          <div class="stub-body">
            <p>
              Floor <b class="figure">US$48.50</b>
            </p>
          </div>
        </div>
      </Part>
      <Part
        title="Seats"
        about="State is told by shape as well as by colour; so is the kind of a seat."
      >
        <SeatShapes />
      </Part>
      <Part title="Motion" about="170 ms, only to show where something went; none where it is unwanted.">
        <button type="button" class="button" aria-busy="true">
          Paying
        </button>
      </Part>
    </main>
  );
}

interface PartProps {
  title: string;
  about?: string;
  children: ComponentChildren;
}

function Part({ title, about, children }: PartProps) {
  return (
    <section class="gallery-part">
      <h2>{title}</h2>
      {about && <p class="quiet">{about}</p>}
      {children}
    </section>
  );
}

function Scale({ n }: { n: number }) {
  return (
    <div class="gallery-row">
      {steps(n, dark.value).map((colour) => (
        <Swatch key={colour} colour={colour} />
      ))}
    </div>
  );
}

function Buttons() {
  return (
    <div class="gallery-row">
      <button type="button" class="button primary large">
        Choose seats
      </button>
      <button type="button" class="button primary">
        Hold 2 tickets
      </button>
      <button type="button" class="button">
        Change seats
      </button>
      <button type="button" class="button small" aria-pressed="true">
        Map
      </button>
      <button type="button" class="button" disabled>
        Not now
      </button>
      <button type="button" class="button quiet-button">
        Give the seats back
      </button>
      <button type="button" class="chip" aria-pressed="false">
        <Swatch colour={steps(3, dark.value)[0] ?? ""} />
        Stalls <span class="figure">£72</span>
      </button>
      <button type="button" class="chip" aria-pressed="true">
        Everywhere
      </button>
    </div>
  );
}

function Fields() {
  const people = useSignal(2);
  const code = useSignal<string | null>(null);
  return (
    <div class="gallery-fields">
      <label class="field">
        <span>
          Name <i>optional</i>
        </span>
        <input type="text" autocomplete="off" />
      </label>
      <label class="field">
        <span>E-mail</span>
        <input type="email" autocomplete="off" aria-invalid="true" value="ada@" />
        <span class="field-error">This does not look like an address.</span>
      </label>
      <label class="select">
        <span>Section</span>
        <select>
          <option>Stalls: 618 left</option>
          <option>Dress Circle: 240 left</option>
        </select>
      </label>
      <Stepper
        value={people.value}
        min={1}
        max={8}
        label="People"
        fewer="One fewer"
        more="One more"
        onChange={(n) => {
          people.value = n;
        }}
      />
      <CodeBox
        ask="Have a code?"
        label="Code"
        used={code.value}
        problem=""
        disabled={false}
        onUse={(given) => {
          code.value = `${given} takes 10% off.`;
          return Promise.resolve(true);
        }}
        onLeave={() => {
          code.value = null;
        }}
      />
    </div>
  );
}

function Told() {
  const euros = (amount: number) => ({ amount, currency: "EUR" });
  return (
    <div class="gallery-told">
      <p class="note">The sale is paused. It goes on here by itself.</p>
      <p class="note" data-kind="problem">
        Row 12 seat 8 was just taken. These three are nearest.
      </p>
      <p>
        <span class="status" data-status="on_sale">
          On sale
        </span>{" "}
        <span class="status" data-status="upcoming">
          On sale soon
        </span>{" "}
        <span class="status" data-status="sold_out">
          Sold out
        </span>
      </p>
      <p>
        <Price now={euros(4500)} before={euros(6000)} />
      </p>
      <Savings
        currency="EUR"
        savings={[{ why: "promo", amount: 1500 }]}
      />
    </div>
  );
}
