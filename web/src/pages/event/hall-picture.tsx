import { useEffect, useMemo, useRef } from "preact/hooks";
import type { PriceCategory } from "../../api/types.ts";
import { paths } from "../../app/router.ts";
import { canvasTheme, dark } from "../../design/theme.ts";
import { t } from "../../i18n/index.ts";
import { fit, NO_INSETS } from "../../seatmap/camera.ts";
import { Grid } from "../../seatmap/grid.ts";
import { Painter } from "../../seatmap/painter.ts";
import { coloursByIndex, priceOfPlanCategory } from "../../seatmap/palette.ts";
import type { SeatStates } from "../../seatmap/states.ts";

interface Props {
  id: string;
  states: SeatStates | null;
  prices: readonly PriceCategory[];
}

/** The hall in small: a picture that leads to the map. */
export function HallPicture({ id, states, prices }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const hall = states?.hall;
  const grid = useMemo(() => (hall ? new Grid(hall) : null), [hall]);
  useEffect(() => {
    const element = canvas.current;
    if (!element || !states || !grid) return;
    const painter = new Painter(element);
    const draw = (): void => {
      const size = { width: element.clientWidth, height: element.clientHeight };
      if (size.width < 1) return;
      painter.resize(size);
      const colours = coloursByIndex(prices, dark.value);
      const scene = {
        hall: states.hall,
        grid,
        states,
        colours: Array.from(
          priceOfPlanCategory(states.hall, prices),
          (price) => colours.get(price) ?? "",
        ),
        wanted: () => true,
        filterKey: "",
        mine: new Set<number>(),
        dropped: new Set<number>(),
        lost: new Set<number>(),
        offered: new Set<number>(),
        focus: -1,
        hover: -1,
        theme: canvasTheme(),
      };
      painter.draw(scene, fit(states.hall.box, size, NO_INSETS, 4));
    };
    const observer = new ResizeObserver(draw);
    observer.observe(element);
    draw();
    return () => observer.disconnect();
  }, [states, grid, prices, dark.value]);
  return (
    <a class="hall" href={paths.seats(id)} aria-label={t("event.choose")}>
      <canvas ref={canvas} role="img" aria-label={t("event.hallAlt")} />
    </a>
  );
}
