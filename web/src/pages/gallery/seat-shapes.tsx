import { useEffect, useRef } from "preact/hooks";
import { canvasTheme, dark } from "../../design/theme.ts";
import { fit, NO_INSETS } from "../../seatmap/camera.ts";
import { decodeHall, KINDS } from "../../seatmap/geometry.ts";
import { Grid } from "../../seatmap/grid.ts";
import { Painter } from "../../seatmap/painter.ts";
import { steps } from "../../seatmap/palette.ts";
import { AVAILABLE, HELD, SeatStates, SOLD } from "../../seatmap/states.ts";

const LOOKS = [
  "free",
  "filtered out",
  "yours",
  "given back by a swap",
  "held",
  "sold",
  "just lost",
  "offered",
  "focus",
];
const at = (look: string): number => LOOKS.indexOf(look);

/** A row for each kind of seat, a column for each look. */
const hall = decodeHall({
  v: 1,
  hash: "gallery",
  width: 1000,
  height: 600,
  categories: [{ name: "Wanted" }, { name: "Not wanted" }],
  sections: [
    {
      id: "s1",
      name: "Looks",
      shapes: [],
      rows: KINDS.map((kind, row) => ({
        label: kind,
        n: LOOKS.length,
        x: [100, 100],
        y: [100 + row * 100, 0],
        cat: LOOKS.map((look) => [look === "filtered out" ? 1 : 0, 1]),
        first: 1,
        guid: `${row}-`,
        kinds: { [kind]: LOOKS.map((_, i) => i) },
      })),
    },
  ],
});

const column = (look: string): number[] => KINDS.map((_, row) => row * LOOKS.length + at(look));

function states(): SeatStates {
  const made = new SeatStates(hall);
  made.states.fill(AVAILABLE);
  for (const seat of column("held")) made.states[seat] = HELD;
  for (const seat of column("sold")) made.states[seat] = SOLD;
  return made;
}

/** Every kind of seat in every look, drawn by the map's own painter. */
export function SeatShapes() {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (!canvas.current) return;
    const size = { width: canvas.current.clientWidth, height: canvas.current.clientHeight };
    const painter = new Painter(canvas.current);
    painter.resize(size);
    painter.draw(
      {
        hall,
        grid: new Grid(hall),
        states: states(),
        colours: steps(2, dark.value),
        wanted: (category) => category === 0,
        filterKey: "",
        mine: new Set(column("yours")),
        dropped: new Set(column("given back by a swap")),
        lost: new Set(column("just lost")),
        offered: new Set(column("offered")),
        focus: column("focus")[0] ?? -1,
        hover: -1,
        theme: canvasTheme(),
      },
      fit(hall.box, size, NO_INSETS, 24),
    );
  }, [dark.value]);
  return (
    <figure class="gallery-seats">
      <canvas ref={canvas} role="img" aria-label="Seats of each kind in each state" />
      <figcaption>
        <b>Columns</b>: {LOOKS.join(", ")}. <b>Rows</b>: {KINDS.join(", ").replaceAll("_", " ")}.
      </figcaption>
    </figure>
  );
}
