// Draws the hall. Called once a frame at most, and only when something changed: only sections and
// seats that the view touches are drawn, each seat as a stamp made once for its size and state. While a
// hand moves the hall, what is drawn already is moved along and only what comes into view is drawn.
import type { SeatKind } from "../api/types.ts";
import type { Camera, Size } from "./camera.ts";
import { toHall } from "./camera.ts";
import type { Box, Hall, Section, Shape } from "./geometry.ts";
import { KINDS, seatNumber } from "./geometry.ts";
import type { Grid } from "./grid.ts";
import { detail } from "./lod.ts";
import type { SeatStates } from "./states.ts";
import { AVAILABLE, HELD } from "./states.ts";

export interface Theme {
  paper: string;
  surface: string;
  ink: string;
  quiet: string;
  line: string;
  accent: string;
  font: string;
}

export interface Scene {
  hall: Hall;
  grid: Grid;
  states: SeatStates;
  /** Colour of each plan category. */
  colours: readonly string[];
  /** Whether a plan category passes the price filter. */
  wanted: (category: number) => boolean;
  filterKey: string;
  mine: ReadonlySet<number>;
  /** Seats of our hold that the swap which is going on would give back. */
  dropped: ReadonlySet<number>;
  lost: ReadonlySet<number>;
  offered: ReadonlySet<number>;
  focus: number;
  hover: number;
  theme: Theme;
}

/** How a seat is drawn; the first three in the shape of its kind. */
type Look = "free" | "mine" | "dropped" | "other" | "held" | "sold" | "lost";

interface SectionPicture {
  all: Path2D;
  free: (Path2D | null)[];
  /** Free seats that a code keeps for us. */
  kept: Path2D;
  change: number;
  filterKey: string;
}

const TAU = Math.PI * 2;
const STAMPS_KEPT = 400;
const SMALLEST_NUMBERED_PX = 14;
/** Radius from which the shape of what is ours can be seen. */
const SMALLEST_SHAPE_PX = 5;
/** How far a thing's picture may reach beyond its place: a ring around a seat, the label of a row. */
const REACH_PX = 60;
/** Between the name of a section and its seats, where the name stands outside of them. */
const NAME_GAP_PX = 13;

export class Painter {
  private readonly canvas: HTMLCanvasElement;
  private readonly context: CanvasRenderingContext2D;
  private stamps = new Map<string, HTMLCanvasElement>();
  private stampTheme: Theme | null = null;
  private pictures: (SectionPicture | undefined)[] = [];
  private hall: Hall | null = null;
  /** What the canvas shows. */
  private drawn: { scene: Scene; camera: Camera } | null = null;
  ratio = 1;

  constructor(canvas: HTMLCanvasElement) {
    this.canvas = canvas;
    const context = canvas.getContext("2d", { alpha: false });
    if (!context) throw new Error("this browser draws no canvas");
    this.context = context;
  }

  resize(size: Size): void {
    this.ratio = Math.min(devicePixelRatio || 1, 3);
    this.canvas.width = Math.max(1, Math.round(size.width * this.ratio));
    this.canvas.height = Math.max(1, Math.round(size.height * this.ratio));
    this.drawn = null;
  }

  draw(scene: Scene, wanted: Camera): void {
    if (this.hall !== scene.hall) {
      this.hall = scene.hall;
      this.pictures = [];
    }
    // Whole pixels of the screen, so that what was drawn can be moved without a blur.
    const k = this.ratio;
    const camera = {
      scale: wanted.scale,
      x: Math.round(wanted.x * k) / k,
      y: Math.round(wanted.y * k) / k,
    };
    for (const part of this.uncovered(scene, camera)) this.drawPart(scene, camera, part);
    this.drawn = { scene, camera };
  }

  /** Moves what is drawn to where it is now; what of the screen has still to be drawn. */
  private uncovered(scene: Scene, camera: Camera): Box[] {
    const { drawn, context, ratio } = this;
    // To the last pixel that the canvas has, which need not be where its room ends.
    const width = this.canvas.width / ratio;
    const height = this.canvas.height / ratio;
    const whole = { left: 0, top: 0, right: width, bottom: height };
    if (drawn?.scene !== scene || drawn.camera.scale !== camera.scale) return [whole];
    const dx = camera.x - drawn.camera.x;
    const dy = camera.y - drawn.camera.y;
    if (Math.abs(dx) >= width || Math.abs(dy) >= height) return [whole];
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.globalCompositeOperation = "copy";
    context.drawImage(this.canvas, Math.round(dx * ratio), Math.round(dy * ratio));
    context.globalCompositeOperation = "source-over";
    const parts: Box[] = [];
    if (dx > 0) parts.push({ ...whole, right: dx });
    if (dx < 0) parts.push({ ...whole, left: width + dx });
    if (dy > 0) parts.push({ ...whole, bottom: dy });
    if (dy < 0) parts.push({ ...whole, top: height + dy });
    return parts;
  }

  private drawPart(scene: Scene, camera: Camera, part: Box): void {
    const { context } = this;
    const level = detail(scene.hall.pitch * camera.scale);
    const from = toHall(camera, part.left - REACH_PX, part.top - REACH_PX);
    const to = toHall(camera, part.right + REACH_PX, part.bottom + REACH_PX);
    const view = { left: from.x, top: from.y, right: to.x, bottom: to.y };
    this.screen();
    context.save();
    context.beginPath();
    context.rect(part.left, part.top, part.right - part.left, part.bottom - part.top);
    context.clip();
    context.fillStyle = scene.theme.paper;
    context.fillRect(part.left, part.top, part.right - part.left, part.bottom - part.top);
    this.drawShapes(scene, camera);
    const near = scene.hall.sections.filter(
      (section) => section.count > 0 && touches(section.box, view),
    );
    if (!level.seats) this.drawRows(scene, camera, near);
    if (level.seats) this.drawSeats(scene, camera, view, level.numbers);
    if (level.rowLabels) this.drawRowLabels(scene, camera, near);
    if (level.sectionNames) this.drawNames(scene, camera, near, level.seats);
    this.drawMarks(scene, camera, level.seats);
    context.restore();
  }

  private world(camera: Camera): void {
    const k = this.ratio;
    this.context.setTransform(camera.scale * k, 0, 0, camera.scale * k, camera.x * k, camera.y * k);
  }

  private screen(): void {
    this.context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
  }

  // ---- the hall itself: stage, pitch, walls -------------------------------------------------

  private drawShapes(scene: Scene, camera: Camera): void {
    for (const shape of scene.hall.shapes) this.drawShape(scene, camera, shape);
    for (const section of scene.hall.sections)
      if (section.count === 0)
        for (const shape of section.shapes) this.drawShape(scene, camera, shape);
  }

  private drawShape(scene: Scene, camera: Camera, shape: Shape): void {
    const { context } = this;
    this.world(camera);
    context.translate(shape.x, shape.y);
    if (shape.rotation !== 0) context.rotate((shape.rotation * Math.PI) / 180);
    if (shape.shape === "text") {
      const px = shape.size * camera.scale;
      if (px < 7) return;
      context.font = `600 ${shape.size}px ${scene.theme.font}`;
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.fillStyle = scene.theme.quiet;
      context.fillText(shape.text, 0, 0);
      return;
    }
    context.beginPath();
    if (shape.shape === "polygon") {
      for (let i = 0; i + 1 < shape.points.length; i += 2)
        context.lineTo(shape.points[i], shape.points[i + 1]);
      context.closePath();
    } else if (shape.shape === "rectangle") context.rect(0, 0, shape.w, shape.h);
    else context.ellipse(0, 0, shape.rx, shape.ry, 0, 0, TAU);
    context.fillStyle = scene.theme.surface;
    context.strokeStyle = scene.theme.line;
    context.lineWidth = 1.2 / camera.scale;
    context.fill();
    context.stroke();
  }

  // ---- far away: rows as lines of what is left ------------------------------------------------

  private picture(scene: Scene, index: number): SectionPicture {
    const section = scene.hall.sections[index];
    let picture = this.pictures[index];
    if (!picture) {
      picture = {
        all: rowLines(scene.hall, section),
        free: [],
        kept: new Path2D(),
        change: -1,
        filterKey: "",
      };
      this.pictures[index] = picture;
    }
    return picture;
  }

  private drawRows(scene: Scene, camera: Camera, sections: readonly Section[]): void {
    const { context } = this;
    this.world(camera);
    context.lineCap = "butt";
    // Far away rows close up, so that a stand is an even colour and what is gone is a gap in it.
    const far = 1 - strengthNear(scene.hall.rowPitch * camera.scale);
    const width =
      Math.min(scene.hall.pitch, scene.hall.rowPitch) * 0.62 * (1 - far) +
      scene.hall.rowPitch * 0.9 * far;
    for (const section of sections) {
      const index = scene.hall.rows[section.firstRow].section;
      const picture = this.picture(scene, index);
      const change = scene.states.changes[index];
      if (picture.change !== change || picture.filterKey !== scene.filterKey) {
        picture.free = freeLines(scene, section);
        picture.kept = keptLines(scene, section);
        picture.change = change;
        picture.filterKey = scene.filterKey;
      }
      context.lineWidth = width;
      context.globalAlpha = 0.9;
      context.strokeStyle = scene.theme.line;
      context.stroke(picture.all);
      context.globalAlpha = 1;
      context.lineWidth = width + 3 / camera.scale;
      context.strokeStyle = scene.theme.ink;
      context.stroke(picture.kept);
      context.lineWidth = width;
      picture.free.forEach((path, category) => {
        if (!path) return;
        context.strokeStyle = scene.colours[category];
        context.stroke(path);
      });
    }
    context.globalAlpha = 1;
  }

  // ---- near: seats --------------------------------------------------------------------------

  private stamp(look: Look, kind: SeatKind, colour: string, scene: Scene, diameter: number) {
    const px = Math.max(2, Math.round(diameter * this.ratio));
    if (scene.theme !== this.stampTheme || this.stamps.size > STAMPS_KEPT) {
      this.stamps.clear();
      this.stampTheme = scene.theme;
    }
    const key = `${look}|${kind}|${px}|${colour}`;
    let stamp = this.stamps.get(key);
    if (!stamp) {
      stamp = document.createElement("canvas");
      stamp.width = stamp.height = px + 4;
      const context = stamp.getContext("2d");
      if (context) drawStamp(context, look, kind, colour, px, scene.theme);
      this.stamps.set(key, stamp);
    }
    return stamp;
  }

  private drawSeats(scene: Scene, camera: Camera, view: Box, numbers: boolean): void {
    const { context, ratio } = this;
    const { hall, states } = scene;
    // A stamp is put on whole pixels as it is: no seat is blurred, and nothing is scaled.
    context.setTransform(1, 0, 0, 1, 0, 0);
    const labelled: number[] = [];
    scene.grid.inBox(view, (seat) => {
      const state = states.states[seat];
      const category = hall.category[seat];
      const diameter = hall.rows[hall.rowOf[seat]].size * camera.scale;
      let look: Look;
      let colour = "";
      if (scene.mine.has(seat)) look = "mine";
      else if (scene.dropped.has(seat)) look = "dropped";
      else if (scene.lost.has(seat)) look = "lost";
      else if (state === AVAILABLE) {
        const fits = scene.wanted(category);
        look = fits ? "free" : "other";
        colour = scene.colours[category] ?? scene.theme.quiet;
        if (numbers && fits) labelled.push(seat);
      } else look = state === HELD ? "held" : "sold";
      const stamp = this.stamp(look, KINDS[hall.kind[seat]], colour, scene, diameter);
      const x = (hall.x[seat] * camera.scale + camera.x) * ratio;
      const y = (hall.y[seat] * camera.scale + camera.y) * ratio;
      const middle = stamp.width / 2;
      context.drawImage(stamp, Math.round(x - middle), Math.round(y - middle));
      if (!states.standsOut(seat)) return;
      context.beginPath();
      context.arc(x, y, (diameter / 2 + 1) * ratio, 0, TAU);
      context.lineWidth = 1.5 * ratio;
      context.strokeStyle = scene.theme.ink;
      context.stroke();
    });
    this.screen();
    if (numbers) this.drawNumbers(scene, camera, labelled);
  }

  private drawNumbers(scene: Scene, camera: Camera, seats: readonly number[]): void {
    const { context } = this;
    const { hall } = scene;
    let size = 0;
    context.textAlign = "center";
    context.textBaseline = "middle";
    const write = (seat: number, colour: string): void => {
      const diameter = hall.rows[hall.rowOf[seat]].size * camera.scale;
      if (diameter < SMALLEST_NUMBERED_PX || KINDS[hall.kind[seat]] === "accessible") return;
      const px = Math.round(diameter * 0.42);
      if (px !== size) {
        size = px;
        context.font = `600 ${px}px ${scene.theme.font}`;
      }
      context.fillStyle = colour;
      context.fillText(
        seatNumber(hall, seat),
        hall.x[seat] * camera.scale + camera.x,
        hall.y[seat] * camera.scale + camera.y + diameter * 0.03,
      );
    };
    for (const seat of seats) write(seat, onColour(scene.colours[hall.category[seat]] ?? ""));
    for (const seat of scene.mine) write(seat, scene.theme.paper);
    for (const seat of scene.dropped) write(seat, scene.theme.ink);
  }

  // ---- words --------------------------------------------------------------------------------

  private drawRowLabels(scene: Scene, camera: Camera, sections: readonly Section[]): void {
    const { context } = this;
    const { hall } = scene;
    this.screen();
    const px = Math.max(10, Math.min(13, hall.pitch * camera.scale * 0.5));
    context.font = `500 ${px}px ${scene.theme.font}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillStyle = scene.theme.quiet;
    for (const section of sections) {
      for (let r = section.firstRow; r < section.firstRow + section.rowCount; r++) {
        const row = hall.rows[r];
        if (row.count === 0) continue;
        const a = row.first;
        const b = row.first + (row.count > 1 ? 1 : 0);
        let dx = hall.x[a] - hall.x[b];
        let dy = hall.y[a] - hall.y[b];
        const length = Math.hypot(dx, dy) || 1;
        dx = (dx / length) * hall.pitch;
        dy = (dy / length) * hall.pitch;
        if (a === b) dx = -hall.pitch;
        context.fillText(
          row.label,
          (hall.x[a] + dx) * camera.scale + camera.x,
          (hall.y[a] + dy) * camera.scale + camera.y,
        );
      }
    }
  }

  private drawNames(
    scene: Scene,
    camera: Camera,
    sections: readonly Section[],
    seats: boolean,
  ): void {
    const { context, ratio } = this;
    this.screen();
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineJoin = "round";
    for (const section of sections) {
      const wide = (section.box.right - section.box.left) * camera.scale;
      const high = (section.box.bottom - section.box.top) * camera.scale;
      const room = Math.min(wide, high * 2.4);
      const label = shortName(section.name);
      const px = Math.max(10, Math.min(seats ? 15 : 20, room * 0.3));
      context.font = `700 ${px}px ${scene.theme.font}`;
      if (context.measureText(label).width > wide * 1.05 || high < px * 1.1) continue;
      const at = seats ? besideSeats(scene, camera, section) : section.centre;
      const x = at.x * camera.scale + camera.x;
      const y = at.y * camera.scale + camera.y;
      context.lineWidth = 4 / Math.min(ratio, 1.5);
      context.strokeStyle = scene.theme.paper;
      context.globalAlpha = 0.88;
      context.strokeText(label, x, y);
      context.globalAlpha = 1;
      context.fillStyle = scene.theme.ink;
      context.fillText(label, x, y);
    }
  }

  // ---- what needs the eye: picks far away, offers, the keyboard's seat -----------------------

  private drawMarks(scene: Scene, camera: Camera, seats: boolean): void {
    const { context } = this;
    const { hall, theme } = scene;
    this.screen();
    const radiusOf = (seat: number): number =>
      (hall.rows[hall.rowOf[seat]].size * camera.scale) / 2;
    const at = (seat: number): [number, number] => [
      hall.x[seat] * camera.scale + camera.x,
      hall.y[seat] * camera.scale + camera.y,
    ];
    const circle = (seat: number, r: number): void => {
      const [x, y] = at(seat);
      context.beginPath();
      context.arc(x, y, r, 0, TAU);
    };
    const dot = (seat: number, fill: string): void => {
      circle(seat, 4.5);
      context.fillStyle = fill;
      context.fill();
      context.lineWidth = 2.5;
      context.strokeStyle = theme.accent;
      context.stroke();
    };
    const tiny = (seat: number): boolean => !seats || radiusOf(seat) < SMALLEST_SHAPE_PX;
    for (const seat of scene.dropped) if (tiny(seat)) dot(seat, theme.paper);
    for (const seat of scene.mine) if (tiny(seat)) dot(seat, theme.ink);
    context.lineWidth = 2.5;
    context.strokeStyle = theme.accent;
    context.setLineDash([4, 3]);
    for (const seat of scene.offered) {
      circle(seat, Math.max(6, radiusOf(seat) + 3));
      context.stroke();
    }
    context.setLineDash([]);
    if (scene.hover >= 0 && seats && scene.hover !== scene.focus) {
      circle(scene.hover, radiusOf(scene.hover) + 2);
      context.lineWidth = 2;
      context.strokeStyle = theme.ink;
      context.stroke();
    }
    if (scene.focus >= 0) {
      circle(scene.focus, Math.max(8, radiusOf(scene.focus) + 5));
      context.lineWidth = 6;
      context.strokeStyle = theme.paper;
      context.stroke();
      context.lineWidth = 3;
      context.strokeStyle = theme.ink;
      context.stroke();
    }
  }
}

/** Where a section's name hides no seat: above it or below it, where nobody sits; else in its middle. */
function besideSeats(
  { grid }: Scene,
  camera: Camera,
  { box, centre }: Section,
): { x: number; y: number } {
  const gap = NAME_GAP_PX / camera.scale;
  for (const y of [box.top - gap, box.bottom + gap])
    if (grid.nearest(centre.x, y, gap * 0.8) < 0) return { x: centre.x, y };
  return centre;
}

/** 0 where rows lie closer than two pixels, 1 from five on. */
function strengthNear(rowPx: number): number {
  return Math.max(0, Math.min(1, (rowPx - 2) / 3));
}

function touches(a: Box, b: Box): boolean {
  return a.left <= b.right && a.right >= b.left && a.top <= b.bottom && a.bottom >= b.top;
}

/** Whether a run turns a corner, as seats of a box do: a line through them would look like a tick. */
function turns(hall: Hall, a: number, b: number): boolean {
  for (let i = a + 1; i < b; i++) {
    const ux = hall.x[i] - hall.x[i - 1];
    const uy = hall.y[i] - hall.y[i - 1];
    const vx = hall.x[i + 1] - hall.x[i];
    const vy = hall.y[i + 1] - hall.y[i];
    if (ux * vx + uy * vy < 0.5 * Math.hypot(ux, uy) * Math.hypot(vx, vy)) return true;
  }
  return false;
}

/** Adds a line through seats from `a` to `b`, a little longer than their middles. */
function addRun(hall: Hall, path: Path2D, a: number, b: number): void {
  const other = a === b ? (b > 0 && hall.rowOf[b - 1] === hall.rowOf[b] ? b - 1 : b + 1) : b;
  let dx = (hall.x[other] ?? hall.x[a]) - hall.x[a];
  let dy = (hall.y[other] ?? hall.y[a]) - hall.y[a];
  const length = Math.hypot(dx, dy) || 1;
  dx = (dx / length) * hall.pitch * 0.42;
  dy = (dy / length) * hall.pitch * 0.42;
  if (a === b) {
    path.moveTo(hall.x[a] - dx, hall.y[a] - dy);
    path.lineTo(hall.x[a] + dx, hall.y[a] + dy);
    return;
  }
  if (turns(hall, a, b)) {
    for (let i = a; i <= b; i++) {
      path.moveTo(hall.x[i] - hall.pitch * 0.3, hall.y[i]);
      path.lineTo(hall.x[i] + hall.pitch * 0.3, hall.y[i]);
    }
    return;
  }
  path.moveTo(hall.x[a] - dx, hall.y[a] - dy);
  // Rows are straight or gently bent: every third seat is enough to follow them.
  for (let i = a + 3; i < b; i += 3) path.lineTo(hall.x[i], hall.y[i]);
  path.lineTo(hall.x[b] + dx, hall.y[b] + dy);
}

function rowLines(hall: Hall, section: Section): Path2D {
  const path = new Path2D();
  for (let r = section.firstRow; r < section.firstRow + section.rowCount; r++) {
    const row = hall.rows[r];
    if (row.count > 0) addRun(hall, path, row.first, row.first + row.count - 1);
  }
  return path;
}

/** For each plan category a path along the free seats that the filter lets pass. */
function freeLines(scene: Scene, section: Section): (Path2D | null)[] {
  const { hall, states } = scene;
  const paths: (Path2D | null)[] = hall.categories.map(() => null);
  for (let r = section.firstRow; r < section.firstRow + section.rowCount; r++) {
    const row = hall.rows[r];
    let start = -1;
    for (let i = row.first; i <= row.first + row.count; i++) {
      const category = i < row.first + row.count ? hall.category[i] : -1;
      const free = category >= 0 && states.states[i] === AVAILABLE && scene.wanted(category);
      if (start >= 0 && (!free || category !== hall.category[start])) {
        const path = (paths[hall.category[start]] ??= new Path2D());
        addRun(hall, path, start, i - 1);
        start = -1;
      }
      if (free && start < 0) start = i;
    }
  }
  return paths;
}

/** A path along the free seats that a code keeps for us. */
function keptLines({ hall, states }: Scene, section: Section): Path2D {
  const path = new Path2D();
  for (let i = section.first; i < section.first + section.count; i++) {
    if (!states.standsOut(i)) continue;
    const first = i;
    while (hall.rowOf[i + 1] === hall.rowOf[first] && states.standsOut(i + 1)) i++;
    addRun(hall, path, first, i);
  }
  return path;
}

/** "Sector 12" is "12" on the map; a word without a figure stays. */
export function shortName(name: string): string {
  const figure = /^(?:\p{L}+\.?\s+)(\d+\S*)$/u.exec(name);
  return figure?.[1] ?? name;
}

/** Black or white, whichever reads better on the colour. */
function onColour(colour: string): string {
  const parts = colour.match(/\d+/g)?.map(Number) ?? [];
  const [r = 0, g = 0, b = 0] = parts;
  return 0.299 * r + 0.587 * g + 0.114 * b > 140 ? "#17130e" : "#ffffff";
}

/**
 * The kinds of seats are told by their shapes: rounded squares for wheelchairs (with a bright middle)
 * and their companions, a disc cut off below for a restricted view, a diamond for VIP.
 */
function shapeOf(kind: SeatKind, c: number, r: number): Path2D {
  const path = new Path2D();
  switch (kind) {
    case "standard":
      path.arc(c, c, r, 0, TAU);
      break;
    case "restricted_view":
      path.arc(c, c, r, 0.16 * TAU, 0.34 * TAU, true);
      break;
    case "vip":
      for (const [x, y] of [[0, -1], [1, 0], [0, 1], [-1, 0]])
        path.lineTo(c + x * (r + 1.5), c + y * (r + 1.5));
      break;
    case "accessible":
    case "companion":
      path.roundRect(c - r * 0.92, c - r * 0.92, r * 1.84, r * 1.84, r * 0.3);
      break;
  }
  path.closePath();
  return path;
}

function drawStamp(
  context: CanvasRenderingContext2D,
  look: Look,
  kind: SeatKind,
  colour: string,
  px: number,
  theme: Theme,
): void {
  const c = px / 2 + 2;
  const r = px / 2;
  const disc = (radius: number): void => {
    context.beginPath();
    context.arc(c, c, Math.max(0.5, radius), 0, TAU);
  };
  // Ours have a broad edge.
  const shape = (fill: string, edge: number): void => {
    const path = shapeOf(kind, c, r - edge / 2);
    context.fillStyle = fill;
    context.fill(path);
    if (edge > 0) {
      context.lineWidth = edge;
      context.lineJoin = "round";
      context.strokeStyle = theme.accent;
      context.stroke(path);
    }
    if (kind !== "accessible") return;
    disc((r - edge) * 0.38);
    context.fillStyle = look === "dropped" ? theme.accent : theme.paper;
    context.fill();
  };
  const edge = Math.max(2, px * 0.16);
  switch (look) {
    case "free":
      shape(colour, 0);
      break;
    case "mine":
      shape(theme.ink, edge);
      break;
    case "dropped":
      shape(theme.paper, edge * 0.75);
      break;
    case "other":
      disc(r * 0.55);
      context.globalAlpha = 0.28;
      context.fillStyle = colour;
      context.fill();
      break;
    case "held":
      disc(r - 0.5);
      context.lineWidth = Math.max(1, px * 0.07);
      context.strokeStyle = theme.quiet;
      context.globalAlpha = 0.75;
      context.stroke();
      context.clip();
      context.beginPath();
      for (let k = -px; k < px * 2; k += Math.max(3, px / 4)) {
        context.moveTo(k, px + 4);
        context.lineTo(k + px + 4, 0);
      }
      context.lineWidth = Math.max(0.8, px * 0.045);
      context.stroke();
      break;
    case "sold":
      disc(Math.max(1, r * 0.3));
      context.fillStyle = theme.line;
      context.fill();
      break;
    case "lost":
      disc(r - 1);
      context.lineWidth = Math.max(1.5, px * 0.1);
      context.strokeStyle = theme.ink;
      context.stroke();
      context.beginPath();
      context.moveTo(c - r * 0.42, c - r * 0.42);
      context.lineTo(c + r * 0.42, c + r * 0.42);
      context.moveTo(c + r * 0.42, c - r * 0.42);
      context.lineTo(c - r * 0.42, c + r * 0.42);
      context.stroke();
      break;
  }
}
