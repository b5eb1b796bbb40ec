// Whether the page is dark, and the tokens' values for what is drawn by hand on a canvas.
import { signal } from "@preact/signals";
import type { Theme } from "../seatmap/painter.ts";

const wantsDark =
  typeof matchMedia === "undefined" ? null : matchMedia("(prefers-color-scheme: dark)");

export const dark = signal(wantsDark?.matches ?? false);
wantsDark?.addEventListener("change", (change) => {
  dark.value = change.matches;
});

const isWide = typeof matchMedia === "undefined" ? null : matchMedia("(min-width: 60rem)");

/** Whether there is room for a panel beside the map. */
export const wide = signal(isWide?.matches ?? false);
isWide?.addEventListener("change", (change) => {
  wide.value = change.matches;
});

export function canvasTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    paper: token("paper"),
    surface: token("surface"),
    ink: token("ink"),
    quiet: token("quiet"),
    line: token("seat-off"),
    accent: token("accent"),
    font: token("font"),
  };
}
