// The hall, decoded from the compact geometry (docs/seat-map.md) into flat arrays: 70,000 seats are
// a few typed arrays, not 70,000 objects. A seat is its number everywhere in the map; names are made
// when somebody asks.

import type { SeatKind } from "../api/types.ts";

export const KINDS: readonly SeatKind[] = [
  "standard",
  "accessible",
  "companion",
  "restricted_view",
  "vip",
];

export interface Shape {
  shape: "polygon" | "rectangle" | "ellipse" | "circle" | "text";
  x: number;
  y: number;
  rotation: number;
  points: number[];
  w: number;
  h: number;
  rx: number;
  ry: number;
  text: string;
  size: number;
  color: string | null;
}

export interface Row {
  section: number;
  label: string;
  first: number;
  count: number;
  /** Diameter that lets each seat stand free of its neighbours. */
  size: number;
  numbers: readonly string[] | null;
  numberFirst: number;
  numberStep: number;
  guids: readonly string[] | null;
  guidPrefix: string;
}

export interface Section {
  id: string;
  name: string;
  level: string;
  first: number;
  count: number;
  firstRow: number;
  rowCount: number;
  shapes: Shape[];
  centre: { x: number; y: number };
  box: Box;
}

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export interface Hall {
  hash: string;
  name: string;
  width: number;
  height: number;
  categories: string[];
  sections: Section[];
  rows: Row[];
  shapes: Shape[];
  stage: { x: number; y: number } | null;
  seatCount: number;
  x: Float32Array;
  y: Float32Array;
  category: Uint8Array;
  kind: Uint8Array;
  rowOf: Uint16Array;
  /** For each seat of a group that is sold together: all of them. */
  groups: ReadonlyMap<number, readonly number[]>;
  /** For each companion the seat it goes with. */
  companions: ReadonlyMap<number, number>;
  /** Typical distance between neighbours in a row, and between rows. */
  pitch: number;
  rowPitch: number;
  box: Box;
}

export class GeometryError extends Error {}

type Json = { [key: string]: unknown };

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function objects(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
function num(value: unknown, fallback: number): number {
  return typeof value === "number" && Number.isFinite(value) ? value : fallback;
}
function str(value: unknown, fallback = ""): string {
  return typeof value === "string" ? value : fallback;
}
function nums(value: unknown): number[] {
  return Array.isArray(value) ? value.map((each) => num(each, 0)) : [];
}

/** `[start, d1, d2, ...]`: a list that is too short goes on with its last difference. */
export function unroll(list: readonly number[], n: number, into: Float32Array, at: number): void {
  let value = list[0] ?? 0;
  let step = 0;
  for (let i = 0; i < n; i++) {
    if (i > 0) {
      if (i < list.length) step = list[i];
      value += step;
    }
    into[at + i] = value;
  }
}

function readShape(json: Json): Shape | null {
  const shape = str(json.shape);
  if (
    shape !== "polygon" &&
    shape !== "rectangle" &&
    shape !== "ellipse" &&
    shape !== "circle" &&
    shape !== "text"
  )
    return null;
  const r = num(json.r, 0);
  return {
    shape,
    x: num(json.x, 0),
    y: num(json.y, 0),
    rotation: num(json.rotation, 0),
    points: nums(json.points),
    w: num(json.w, 0),
    h: num(json.h, 0),
    rx: num(json.rx, r),
    ry: num(json.ry, r),
    text: str(json.text),
    size: num(json.size, 160),
    color: typeof json.color === "string" ? json.color : null,
  };
}

function readShapes(value: unknown): Shape[] {
  return objects(value).flatMap((json) => readShape(json) ?? []);
}

function readCategories(row: Json, first: number, n: number, into: Uint8Array): void {
  if (!Array.isArray(row.cat)) {
    into.fill(num(row.cat, 0), first, first + n);
    return;
  }
  let at = first;
  for (const run of row.cat as unknown[]) {
    if (!Array.isArray(run)) continue;
    const end = Math.min(first + n, at + num(run[1], 0));
    into.fill(num(run[0], 0), at, end);
    at = end;
  }
}

function readKinds(row: Json, first: number, n: number, into: Uint8Array): void {
  if (!isObject(row.kinds)) return;
  for (const [name, list] of Object.entries(row.kinds)) {
    const kind = KINDS.indexOf(name as SeatKind);
    if (kind <= 0) continue;
    for (const i of nums(list)) if (i >= 0 && i < n) into[first + i] = kind;
  }
}

function readGroups(value: unknown): Map<number, readonly number[]> {
  const groups = new Map<number, readonly number[]>();
  for (const group of Array.isArray(value) ? value : []) {
    const seats = nums(group);
    for (const seat of seats) groups.set(seat, seats);
  }
  return groups;
}

function readCompanions(value: unknown): Map<number, number> {
  const pairs = Array.isArray(value) ? value.map(nums) : [];
  return new Map(pairs.map(([companion, seat]) => [companion, seat]));
}

function readRow(json: Json, section: number, first: number, count: number): Row {
  return {
    section,
    label: str(json.label),
    first,
    count,
    size: 2 * num(json.r, 100),
    numbers: Array.isArray(json.numbers) ? json.numbers.map(String) : null,
    numberFirst: num(json.first, 1),
    numberStep: num(json.step, 1),
    guids: Array.isArray(json.guids) ? json.guids.map(String) : null,
    guidPrefix: str(json.guid),
  };
}

export function emptyBox(): Box {
  return { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
}

function widen(box: Box, x: number, y: number): void {
  if (x < box.left) box.left = x;
  if (x > box.right) box.right = x;
  if (y < box.top) box.top = y;
  if (y > box.bottom) box.bottom = y;
}

function finishSection(hall: Hall, section: Section): void {
  const box = emptyBox();
  let sx = 0;
  let sy = 0;
  for (let i = section.first; i < section.first + section.count; i++) {
    const x = hall.x[i];
    const y = hall.y[i];
    widen(box, x, y);
    sx += x;
    sy += y;
  }
  if (section.count > 0) {
    section.centre = { x: sx / section.count, y: sy / section.count };
    section.box = box;
  }
}

function median(values: number[], fallback: number): number {
  if (values.length === 0) return fallback;
  values.sort((a, b) => a - b);
  return values[values.length >> 1];
}

function distance(hall: Hall, a: number, b: number): number {
  return Math.hypot(hall.x[a] - hall.x[b], hall.y[a] - hall.y[b]);
}

/** Smallest step between neighbours of a row; Infinity for a single seat. */
function stepIn(hall: Hall, row: Row): number {
  let least = Infinity;
  for (let i = row.first + 1; i < row.first + row.count; i++)
    least = Math.min(least, distance(hall, i - 1, i));
  return least;
}

/** From the middle of a row to the next row of its section; Infinity when there is none. */
function stepToNext(hall: Hall, r: number): number {
  const row = hall.rows[r];
  const next = hall.rows[r + 1];
  if (!next || next.section !== row.section || next.count === 0 || row.count === 0) return Infinity;
  const middle = row.first + (row.count >> 1);
  let least = Infinity;
  for (let i = next.first; i < next.first + next.count; i++)
    least = Math.min(least, distance(hall, middle, i));
  return least;
}

function measure(hall: Hall): void {
  const inRow = hall.rows.map((row) => stepIn(hall, row));
  const toNext = hall.rows.map((_, r) => stepToNext(hall, r));
  hall.pitch = Math.max(1, median(inRow.filter(Number.isFinite), 250));
  hall.rowPitch = Math.max(1, median(toNext.filter(Number.isFinite), hall.pitch * 1.2));
  hall.rows.forEach((row, r) => {
    const room = Math.min(inRow[r], toNext[r], r > 0 ? toNext[r - 1] : Infinity);
    row.size = 0.86 * (Number.isFinite(room) ? Math.min(room, hall.pitch * 1.25) : hall.pitch);
  });
}

/** Everything there is to see: seats, and what the plan draws beside them. */
function extent(hall: Hall): Box {
  const box = emptyBox();
  for (const section of hall.sections)
    if (section.count > 0) {
      widen(box, section.box.left - hall.pitch, section.box.top - hall.pitch);
      widen(box, section.box.right + hall.pitch, section.box.bottom + hall.pitch);
    }
  const drawn = [...hall.shapes, ...hall.sections.flatMap((section) => section.shapes)];
  for (const shape of drawn) {
    if (shape.shape === "text" || shape.rotation !== 0) continue;
    if (shape.shape === "polygon")
      for (let i = 0; i + 1 < shape.points.length; i += 2)
        widen(box, shape.x + shape.points[i], shape.y + shape.points[i + 1]);
    else if (shape.shape === "rectangle") {
      widen(box, shape.x, shape.y);
      widen(box, shape.x + shape.w, shape.y + shape.h);
    } else {
      widen(box, shape.x - shape.rx, shape.y - shape.ry);
      widen(box, shape.x + shape.rx, shape.y + shape.ry);
    }
  }
  return box.left < box.right ? box : { left: 0, top: 0, right: hall.width, bottom: hall.height };
}

/** Reads the answer of GET .../plan. Throws GeometryError when it is not one we know. */
export function decodeHall(json: unknown): Hall {
  if (!isObject(json) || json.v !== 1) throw new GeometryError("not a geometry of version 1");
  const sections = objects(json.sections);
  const rowList = sections.map((section) => objects(section.rows));
  const seatCount = rowList.flat().reduce((sum, row) => sum + num(row.n, 0), 0);
  const hall: Hall = {
    hash: str(json.hash),
    name: str(json.name),
    width: num(json.width, 1),
    height: num(json.height, 1),
    categories: objects(json.categories).map((category) => str(category.name)),
    sections: [],
    rows: [],
    shapes: readShapes(json.shapes),
    stage: isObject(json.stage) ? { x: num(json.stage.x, 0), y: num(json.stage.y, 0) } : null,
    seatCount,
    x: new Float32Array(seatCount),
    y: new Float32Array(seatCount),
    category: new Uint8Array(seatCount),
    kind: new Uint8Array(seatCount),
    rowOf: new Uint16Array(seatCount),
    groups: readGroups(json.groups),
    companions: readCompanions(json.companions),
    pitch: 250,
    rowPitch: 300,
    box: { left: 0, top: 0, right: num(json.width, 1), bottom: num(json.height, 1) },
  };
  let at = 0;
  sections.forEach((section, s) => {
    const first = at;
    const firstRow = hall.rows.length;
    for (const row of rowList[s]) {
      const n = num(row.n, 0);
      unroll(nums(row.x), n, hall.x, at);
      unroll(nums(row.y), n, hall.y, at);
      readCategories(row, at, n, hall.category);
      readKinds(row, at, n, hall.kind);
      hall.rowOf.fill(hall.rows.length, at, at + n);
      hall.rows.push(readRow(row, s, at, n));
      at += n;
    }
    hall.sections.push({
      id: str(section.id),
      name: str(section.name, str(section.id)),
      level: str(section.level),
      first,
      count: at - first,
      firstRow,
      rowCount: hall.rows.length - firstRow,
      shapes: readShapes(section.shapes),
      centre: { x: 0, y: 0 },
      box: emptyBox(),
    });
  });
  for (const section of hall.sections) finishSection(hall, section);
  measure(hall);
  hall.box = extent(hall);
  return hall;
}

/** Whether turning the hall by a quarter would fill an upright screen better. */
export function wantsTurn(hall: Hall): boolean {
  const width = hall.box.right - hall.box.left;
  const height = hall.box.bottom - hall.box.top;
  if (width < height * 1.35) return false;
  // A stage above or below the seats stays where people expect it.
  if (!hall.stage) return true;
  return Math.abs(hall.stage.y - (hall.box.top + hall.box.bottom) / 2) < height * 0.25;
}

function turnBox(box: Box): Box {
  return { left: -box.bottom, right: -box.top, top: box.left, bottom: box.right };
}

function turnShape(shape: Shape): Shape {
  const points = shape.points.map((_, i) =>
    i % 2 === 0 ? -shape.points[i + 1] : shape.points[i - 1],
  );
  const turned = { ...shape, x: -shape.y, y: shape.x, points };
  // Words stay upright; a polygon's points have turned already.
  if (shape.shape === "text" || shape.shape === "polygon") return turned;
  return { ...turned, rotation: shape.rotation + 90 };
}

/** The same hall, a quarter turn clockwise: its left is on top. */
export function turnHall(hall: Hall): Hall {
  return {
    ...hall,
    x: hall.y.map((y) => -y),
    y: hall.x.slice(),
    box: turnBox(hall.box),
    stage: hall.stage && { x: -hall.stage.y, y: hall.stage.x },
    shapes: hall.shapes.map(turnShape),
    sections: hall.sections.map((section) => ({
      ...section,
      shapes: section.shapes.map(turnShape),
      centre: { x: -section.centre.y, y: section.centre.x },
      box: turnBox(section.box),
    })),
  };
}

export function seatRow(hall: Hall, seat: number): Row {
  return hall.rows[hall.rowOf[seat] as number];
}
export function seatSection(hall: Hall, seat: number): Section {
  return hall.sections[seatRow(hall, seat).section];
}
export function seatNumber(hall: Hall, seat: number): string {
  const row = seatRow(hall, seat);
  const i = seat - row.first;
  return row.numbers?.[i] ?? String(row.numberFirst + i * row.numberStep);
}
export function seatGuid(hall: Hall, seat: number): string {
  const row = seatRow(hall, seat);
  return row.guids?.[seat - row.first] ?? row.guidPrefix + seatNumber(hall, seat);
}

/** A seat with all that is sold with it: its group, the seat of a companion, and theirs. */
export function soldWith(hall: Hall, seat: number): number[] {
  const all = new Set<number>([seat]);
  for (const each of all) {
    for (const other of hall.groups.get(each) ?? []) all.add(other);
    const of = hall.companions.get(each);
    if (of !== undefined) all.add(of);
  }
  return [...all];
}

/** Seats without one of them, and without those that cannot be sold without it. */
export function without(hall: Hall, seats: readonly number[], seat: number): number[] {
  return seats.filter((each) => !soldWith(hall, each).includes(seat));
}

/** Seat numbers by guid, made when first asked for (conflicts and restored picks need it). */
const indexes = new WeakMap<Hall, Map<string, number>>();

export function seatByGuid(hall: Hall, guid: string): number | undefined {
  let index = indexes.get(hall);
  if (!index) {
    index = new Map();
    for (let i = 0; i < hall.seatCount; i++) index.set(seatGuid(hall, i), i);
    indexes.set(hall, index);
  }
  return index.get(guid);
}
