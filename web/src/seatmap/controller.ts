// Hands on the map: one or two fingers, mouse, wheel and keys move the camera; a tap is either
// "closer" or "this seat". It knows nothing of holds: it tells what was touched.
import type { Camera, Insets, Size } from "./camera.ts";
import { between, centred, fit, keepInside, NO_INSETS, toHall, zoomAt } from "./camera.ts";
import type { Box } from "./geometry.ts";
import {
  CLOSEST_PX,
  FINGER_PX,
  MOUSE_FROM_PX,
  ROW_LABELS_FROM_PX,
  SEATS_FROM_PX,
  TOUCH_FROM_PX,
} from "./lod.ts";
import { neighbour } from "./nearest.ts";
import type { Scene } from "./painter.ts";
import { Painter } from "./painter.ts";

export interface MapListener {
  /** A seat was tapped, clicked or confirmed by key. */
  onSeat: (seat: number) => void;
  /** The pointer rests on a seat, or on none (-1). */
  onHover: (seat: number, x: number, y: number) => void;
  /** The keys reached a seat, or a pointer took over (-1). */
  onFocus: (seat: number) => void;
  /** Whether all is in view, and which section the middle is over once seats are seen (else -1). */
  onView: (whole: boolean, section: number) => void;
}

interface Finger {
  x: number;
  y: number;
}

/** Seats that were brought into view, and the scale that is close enough for them. */
interface Aim {
  box: Box;
  scale: number;
}

const MOVE_MS = 190;
const TAP_PX = 8;

export class MapController {
  private readonly canvas: HTMLCanvasElement;
  private readonly painter: Painter;
  private readonly listener: MapListener;
  private scene: Scene;
  private camera: Camera = { scale: 1, x: 0, y: 0 };
  private size: Size = { width: 1, height: 1 };
  private insets: Insets = NO_INSETS;
  private placed = false;
  private frame = 0;
  private flight: { from: Camera; to: Camera; start: number } | null = null;
  /** Stays in view when the map's room changes, until a hand moves the hall. */
  private aim: Aim | null = null;
  private fingers = new Map<number, Finger>();
  private moved = false;
  private lastTap = { time: 0, x: 0, y: 0 };
  private readonly observer: ResizeObserver;

  constructor(canvas: HTMLCanvasElement, scene: Scene, listener: MapListener) {
    this.canvas = canvas;
    this.scene = scene;
    this.listener = listener;
    this.painter = new Painter(canvas);
    this.observer = new ResizeObserver(() => this.measure());
    this.observer.observe(canvas);
    canvas.addEventListener("pointerdown", this.down);
    canvas.addEventListener("pointermove", this.move);
    canvas.addEventListener("pointerup", this.up);
    canvas.addEventListener("pointercancel", this.cancel);
    canvas.addEventListener("pointerleave", this.leave);
    canvas.addEventListener("wheel", this.wheel, { passive: false });
    canvas.addEventListener("keydown", this.key);
    this.measure();
  }

  destroy(): void {
    this.observer.disconnect();
    cancelAnimationFrame(this.frame);
    this.canvas.removeEventListener("pointerdown", this.down);
    this.canvas.removeEventListener("pointermove", this.move);
    this.canvas.removeEventListener("pointerup", this.up);
    this.canvas.removeEventListener("pointercancel", this.cancel);
    this.canvas.removeEventListener("pointerleave", this.leave);
    this.canvas.removeEventListener("wheel", this.wheel);
    this.canvas.removeEventListener("keydown", this.key);
  }

  // ---- what the page tells ------------------------------------------------------------------

  show(scene: Scene): void {
    this.scene = scene;
    this.redraw();
  }

  setInsets(insets: Insets): void {
    const whole = this.placed && this.isWhole();
    this.insets = insets;
    if (whole) this.camera = this.whole();
    this.redraw();
  }

  redraw(): void {
    if (this.frame === 0) this.frame = requestAnimationFrame(this.paint);
  }

  showAll(): void {
    this.fly(this.whole());
  }

  zoom(factor: number): void {
    const { left, right, top, bottom } = this.insets;
    const x = left + (this.size.width - left - right) / 2;
    const y = top + (this.size.height - top - bottom) / 2;
    this.fly(zoomAt(this.flight?.to ?? this.camera, x, y, factor, this.limits()));
  }

  /** Moves so that the seats can be seen as seats. */
  showSeats(seats: readonly number[]): void {
    if (seats.length === 0) return;
    const { hall } = this.scene;
    const box: Box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
    for (const seat of seats) {
      box.left = Math.min(box.left, hall.x[seat]);
      box.right = Math.max(box.right, hall.x[seat]);
      box.top = Math.min(box.top, hall.y[seat]);
      box.bottom = Math.max(box.bottom, hall.y[seat]);
    }
    const around = 6 * Math.max(hall.pitch, hall.rowPitch);
    const aim = { box: grow(box, around), scale: (TOUCH_FROM_PX * 1.5) / hall.pitch };
    this.fly(this.fitted(aim.box, aim.scale), aim);
  }

  showSection(index: number): void {
    const section = this.scene.hall.sections[index];
    if (section && section.count > 0)
      this.fly(this.fitted(grow(section.box, this.scene.hall.rowPitch * 2)));
  }

  // ---- camera -------------------------------------------------------------------------------

  private limits(): { min: number; max: number } {
    return {
      min: this.whole().scale * 0.8,
      max: Math.max(CLOSEST_PX / this.scene.hall.pitch, this.whole().scale),
    };
  }

  private fitted(box: Box, maxScale = Infinity): Camera {
    return fit(
      box,
      this.size,
      this.insets,
      16,
      Math.min(maxScale, CLOSEST_PX / this.scene.hall.pitch),
    );
  }

  private whole(): Camera {
    return this.fitted(this.scene.hall.box);
  }

  private isWhole(): boolean {
    const whole = this.whole();
    return this.camera.scale <= whole.scale * 1.02;
  }

  private sectionInView(): number {
    const { hall, grid } = this.scene;
    const seatPx = hall.pitch * this.camera.scale;
    if (seatPx < ROW_LABELS_FROM_PX) return -1;
    const middle = toHall(this.camera, this.size.width / 2, this.size.height / 2);
    const reach = this.size.width / 3 / this.camera.scale;
    const seat = grid.nearest(middle.x, middle.y, reach);
    return seat < 0 ? -1 : hall.rows[hall.rowOf[seat]].section;
  }

  private fly(to: Camera, aim: Aim | null = null): void {
    this.aim = aim;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
      this.camera = to;
      this.flight = null;
    } else this.flight = { from: this.camera, to, start: performance.now() };
    this.redraw();
  }

  private measure(): void {
    const box = this.canvas.getBoundingClientRect();
    if (box.width < 1 || box.height < 1) return;
    const whole = !this.placed || this.isWhole();
    this.size = { width: box.width, height: box.height };
    this.painter.resize(this.size);
    if (whole && !this.flight) this.camera = this.whole();
    else if (this.aim) {
      this.flight = null;
      this.camera = this.fitted(this.aim.box, this.aim.scale);
    }
    this.placed = true;
    this.paint();
  }

  private paint = (): void => {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    if (!this.placed) return;
    const now = performance.now();
    if (this.flight) {
      const t = Math.min(1, (now - this.flight.start) / MOVE_MS);
      const eased = 1 - (1 - t) ** 3;
      this.camera = between(this.flight.from, this.flight.to, eased, this.size);
      if (t >= 1) {
        this.camera = this.flight.to;
        this.flight = null;
      } else this.redraw();
    }
    this.painter.draw(this.scene, this.camera);
    this.listener.onView(this.isWhole(), this.sectionInView());
  };

  private place(camera: Camera): void {
    this.aim = null;
    this.flight = null;
    this.camera = keepInside(camera, this.scene.hall.box, this.size);
    this.redraw();
  }

  // ---- fingers and mouse --------------------------------------------------------------------

  private spot(event: PointerEvent | WheelEvent): Finger {
    const box = this.canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  private down = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    if (this.fingers.size === 0) this.moved = false;
    this.fingers.set(event.pointerId, this.spot(event));
    try {
      this.canvas.setPointerCapture(event.pointerId);
    } catch {
      /* the pointer has gone already */
    }
  };

  private move = (event: PointerEvent): void => {
    const spot = this.spot(event);
    const before = this.fingers.get(event.pointerId);
    if (!before) {
      if (event.pointerType === "mouse") this.hover(spot);
      return;
    }
    if (this.fingers.size === 1) {
      const dx = spot.x - before.x;
      const dy = spot.y - before.y;
      if (!this.moved && Math.hypot(dx, dy) < TAP_PX) return;
      this.moved = true;
      this.place({ scale: this.camera.scale, x: this.camera.x + dx, y: this.camera.y + dy });
    } else if (this.fingers.size === 2) {
      this.moved = true;
      const other = [...this.fingers].find(([id]) => id !== event.pointerId)?.[1];
      if (other) this.pinch(before, spot, other);
    }
    this.fingers.set(event.pointerId, spot);
  };

  private pinch(before: Finger, now: Finger, other: Finger): void {
    const was = Math.hypot(before.x - other.x, before.y - other.y) || 1;
    const is = Math.hypot(now.x - other.x, now.y - other.y) || 1;
    const cx = (now.x + other.x) / 2;
    const cy = (now.y + other.y) / 2;
    const scaled = zoomAt(this.camera, cx, cy, is / was, this.limits());
    this.place({
      scale: scaled.scale,
      x: scaled.x + (now.x - before.x) / 2,
      y: scaled.y + (now.y - before.y) / 2,
    });
  }

  private up = (event: PointerEvent): void => {
    if (!this.fingers.delete(event.pointerId) || this.moved || this.fingers.size > 0) return;
    this.tap(this.spot(event), event.pointerType === "mouse");
  };

  private cancel = (event: PointerEvent): void => {
    this.fingers.delete(event.pointerId);
  };

  private leave = (): void => {
    if (this.fingers.size === 0) this.listener.onHover(-1, 0, 0);
  };

  private wheel = (event: WheelEvent): void => {
    event.preventDefault();
    const spot = this.spot(event);
    const lines = event.deltaMode === 1 ? 16 : 1;
    const factor = Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0022));
    this.place(zoomAt(this.camera, spot.x, spot.y, factor, this.limits()));
    this.listener.onHover(-1, 0, 0);
  };

  private seatAt(spot: Finger, reachPx: number): number {
    const at = toHall(this.camera, spot.x, spot.y);
    return this.scene.grid.nearest(at.x, at.y, reachPx / this.camera.scale);
  }

  private hover(spot: Finger): void {
    const seatPx = this.scene.hall.pitch * this.camera.scale;
    const seat = seatPx >= SEATS_FROM_PX ? this.seatAt(spot, seatPx * 0.6) : -1;
    this.canvas.style.cursor = seat >= 0 ? "pointer" : "grab";
    this.listener.onHover(seat, spot.x, spot.y);
  }

  private tap(spot: Finger, mouse: boolean): void {
    const seatPx = this.scene.hall.pitch * this.camera.scale;
    const now = performance.now();
    const twice =
      now - this.lastTap.time < 320 &&
      Math.hypot(spot.x - this.lastTap.x, spot.y - this.lastTap.y) < 24;
    this.lastTap = { time: twice ? 0 : now, ...spot };
    if (seatPx >= (mouse ? MOUSE_FROM_PX : TOUCH_FROM_PX)) {
      const step = Math.max(seatPx, this.scene.hall.rowPitch * this.camera.scale);
      const seat = this.seatAt(spot, Math.max(step * 0.7, mouse ? 0 : 16));
      if (seat >= 0) {
        this.aim = null; // the hall stays where it is under the finger
        this.listener.onFocus(-1);
        this.listener.onSeat(seat);
        return;
      }
      if (!twice) return;
    }
    this.closer(spot, seatPx, mouse);
  }

  /** Not close enough to mean a seat: come closer to what was touched; empty ground is nothing. */
  private closer(spot: Finger, seatPx: number, mouse: boolean): void {
    const wanted = (mouse ? 16 : TOUCH_FROM_PX * 1.35) / seatPx;
    const near = touched(this.scene, this.camera, spot);
    if (!near) return;
    const scale = Math.min(this.limits().max, this.camera.scale * Math.max(wanted, 1.6));
    this.fly(centred(near, scale, this.size, this.insets));
  }

  // ---- keys ---------------------------------------------------------------------------------

  private key = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const steps: Record<string, [number, number]> = {
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, -1],
      ArrowDown: [0, 1],
    };
    const step = steps[event.key];
    if (step) this.stepTo(step[0], step[1]);
    else if (event.key === "Enter" || event.key === " ") {
      if (this.scene.focus >= 0) this.listener.onSeat(this.scene.focus);
      else this.stepTo(0, 0);
    } else if (event.key === "+" || event.key === "=") this.zoom(1.6);
    else if (event.key === "-") this.zoom(1 / 1.6);
    else if (event.key === "0" || event.key === "Escape") this.showAll();
    else return;
    event.preventDefault();
  };

  private stepTo(dx: number, dy: number): void {
    const { scene } = this;
    let seat: number;
    if (scene.focus < 0) {
      const middle = toHall(this.camera, this.size.width / 2, this.size.height / 2);
      seat = scene.grid.nearest(middle.x, middle.y, scene.hall.width + scene.hall.height);
    } else seat = neighbour(scene.hall, scene.focus, dx, dy);
    if (seat < 0) return;
    this.listener.onFocus(seat);
    this.follow(seat);
  }

  /** Brings the keyboard's seat into view, close enough to be seen as one. */
  private follow(seat: number): void {
    const { hall } = this.scene;
    const target = this.flight?.to ?? this.camera;
    const x = hall.x[seat] * target.scale + target.x;
    const y = hall.y[seat] * target.scale + target.y;
    const { left, right, top, bottom } = this.insets;
    const margin = 40;
    const inside =
      x > left + margin &&
      x < this.size.width - right - margin &&
      y > top + margin &&
      y < this.size.height - bottom - margin;
    if (hall.pitch * target.scale < 14 || !inside) {
      const scale = Math.max(target.scale, 20 / hall.pitch);
      this.fly(centred({ x: hall.x[seat], y: hall.y[seat] }, scale, this.size, this.insets));
    } else this.redraw();
  }
}

/** The place in the hall that a tap means: the nearest seat within a finger's width, if any. */
export function touched(
  { hall, grid }: Pick<Scene, "hall" | "grid">,
  camera: Camera,
  spot: { x: number; y: number },
): { x: number; y: number } | null {
  const at = toHall(camera, spot.x, spot.y);
  const seat = grid.nearest(at.x, at.y, FINGER_PX / camera.scale);
  return seat < 0 ? null : { x: hall.x[seat], y: hall.y[seat] };
}

function grow(box: Box, by: number): Box {
  return { left: box.left - by, top: box.top - by, right: box.right + by, bottom: box.bottom + by };
}
