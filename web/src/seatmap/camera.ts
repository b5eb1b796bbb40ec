// Where we look: screen = hall * scale + offset, in CSS pixels. Pure values, so that movement can be
// tested without a canvas.
import type { Box } from "./geometry.ts";

export interface Camera {
  scale: number;
  x: number;
  y: number;
}

export interface Size {
  width: number;
  height: number;
}

/** What covers the edges of the map (the tray, the legend) and must not hide what we show. */
export interface Insets {
  top: number;
  right: number;
  bottom: number;
  left: number;
}

export const NO_INSETS: Insets = { top: 0, right: 0, bottom: 0, left: 0 };

/** Shows the whole box, centred in what the insets leave. */
export function fit(
  box: Box,
  size: Size,
  insets: Insets,
  margin: number,
  maxScale = Infinity,
): Camera {
  const width = Math.max(1, size.width - insets.left - insets.right - 2 * margin);
  const height = Math.max(1, size.height - insets.top - insets.bottom - 2 * margin);
  const scale = Math.min(
    width / Math.max(1, box.right - box.left),
    height / Math.max(1, box.bottom - box.top),
    maxScale,
  );
  return {
    scale,
    x: insets.left + margin + width / 2 - ((box.left + box.right) / 2) * scale,
    y: insets.top + margin + height / 2 - ((box.top + box.bottom) / 2) * scale,
  };
}

/** Shows a point of the hall in the middle of what the insets leave. */
export function centred(
  at: { x: number; y: number },
  scale: number,
  size: Size,
  insets: Insets,
): Camera {
  const { left, right, top, bottom } = insets;
  return {
    scale,
    x: left + (size.width - left - right) / 2 - at.x * scale,
    y: top + (size.height - top - bottom) / 2 - at.y * scale,
  };
}

/** Scales by `factor` around a point of the screen, within the limits. */
export function zoomAt(
  camera: Camera,
  px: number,
  py: number,
  factor: number,
  limits: { min: number; max: number },
): Camera {
  const scale = Math.max(limits.min, Math.min(limits.max, camera.scale * factor));
  const k = scale / camera.scale;
  return { scale, x: px - (px - camera.x) * k, y: py - (py - camera.y) * k };
}

/** Keeps at least the middle of the view over the hall, so that nobody gets lost. */
export function keepInside(camera: Camera, box: Box, size: Size): Camera {
  const left = size.width / 2 - box.right * camera.scale;
  const right = size.width / 2 - box.left * camera.scale;
  const top = size.height / 2 - box.bottom * camera.scale;
  const bottom = size.height / 2 - box.top * camera.scale;
  return {
    scale: camera.scale,
    x: Math.max(left, Math.min(right, camera.x)),
    y: Math.max(top, Math.min(bottom, camera.y)),
  };
}

export function toHall(camera: Camera, px: number, py: number): { x: number; y: number } {
  return { x: (px - camera.x) / camera.scale, y: (py - camera.y) / camera.scale };
}

/** Between two views; scale moves evenly to the eye, which is by factors. */
export function between(a: Camera, b: Camera, t: number, size: Size): Camera {
  const scale = a.scale * (b.scale / a.scale) ** t;
  const cx = size.width / 2;
  const cy = size.height / 2;
  const from = toHall(a, cx, cy);
  const to = toHall(b, cx, cy);
  // The middle moves as fast as the scale allows, so that the path is straight on the screen.
  const w = a.scale === b.scale ? t : (scale - a.scale) / (b.scale - a.scale);
  const k = a.scale === b.scale ? t : (w * b.scale) / scale;
  const x = from.x + (to.x - from.x) * k;
  const y = from.y + (to.y - from.y) * k;
  return { scale, x: cx - x * scale, y: cy - y * scale };
}
