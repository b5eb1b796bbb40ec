import { describe, expect, test } from "vitest";
import { AVAILABLE, BLOCKED, HELD, SeatStates, SOLD, unpack, unpackBits } from "../src/seatmap/states.ts";
import { blocks } from "./hall.ts";

function pack(states: readonly number[]): string {
  const bytes = new Uint8Array(Math.ceil(states.length / 4));
  states.forEach((state, i) => {
    bytes[i >> 2] |= state << ((i & 3) * 2);
  });
  return btoa(String.fromCharCode(...bytes));
}

const hall = blocks([
  { x: 0, y: 0, rows: 1, seats: 3, category: 0 },
  { x: 0, y: 500, rows: 1, seats: 2, category: 1 },
]);
const whole = (version: number, states: readonly number[]) => ({
  version,
  encoding: "2bit" as const,
  seats: pack(states),
  areas: [{ id: "floor", available: 7 }],
});

describe("the availability vector", () => {
  test("seat i is bits 2i and 2i+1, lowest first", () => {
    expect([...unpack(btoa(String.fromCharCode(0b11100100)), 4)]).toEqual([0, 1, 2, 3]);
    expect([...unpack(btoa(String.fromCharCode(0, 0b01)), 5)]).toEqual([0, 0, 0, 0, 1]);
  });

  test("seats that the vector does not reach are not for sale", () => {
    expect([...unpack("", 2)]).toEqual([BLOCKED, BLOCKED]);
  });

  test("a whole answer sets states and counts", () => {
    const states = new SeatStates(hall);
    states.load(whole(4, [0, 1, 2, 0, 3]));
    expect([...states.states]).toEqual([AVAILABLE, HELD, SOLD, AVAILABLE, BLOCKED]);
    expect(states.freeIn(0)).toBe(1);
    expect(states.freeIn(1)).toBe(1);
    expect(states.freeIn(1, (category) => category === 0)).toBe(0);
    expect(states.areas.get("floor")).toBe(7);
  });

  test("an older answer does not undo a newer one", () => {
    const states = new SeatStates(hall);
    states.load(whole(4, [1, 1, 1, 1, 1]));
    states.load(whole(3, [0, 0, 0, 0, 0]));
    expect(states.version).toBe(4);
    expect(states.freeIn(0)).toBe(0);
  });
});

describe("a message of the stream", () => {
  const fresh = (): SeatStates => {
    const states = new SeatStates(hall);
    states.load(whole(4, [0, 0, 0, 0, 0]));
    return states;
  };

  test("that leads on from our version is applied", () => {
    const states = fresh();
    const change = states.changes[0];
    expect(
      states.apply({
        version: 5,
        since: 4,
        held: [0],
        sold: [4],
        areas: [{ id: "floor", available: 6 }],
      }),
    ).toBe("applied");
    expect([...states.states]).toEqual([HELD, AVAILABLE, AVAILABLE, AVAILABLE, SOLD]);
    expect([states.freeIn(0), states.freeIn(1)]).toEqual([2, 1]);
    expect(states.changes[0]).toBe(change + 1);
    expect(states.areas.get("floor")).toBe(6);
    expect(states.version).toBe(5);
  });

  test("that skips a version asks for everything again and changes nothing", () => {
    const states = fresh();
    expect(states.apply({ version: 7, since: 6, sold: [0] })).toBe("refetch");
    expect(states.states[0]).toBe(AVAILABLE);
    expect(states.version).toBe(4);
  });

  test("that says refetch is not applied", () => {
    expect(fresh().apply({ version: 5, since: 4, refetch: true })).toBe("refetch");
  });

  test("that is not newer is ignored", () => {
    const states = fresh();
    expect(states.apply({ version: 4, since: 4 })).toBe("current");
    expect(states.apply({ version: 3, since: 2, sold: [0] })).toBe("current");
    expect(states.states[0]).toBe(AVAILABLE);
  });

  test("with a seat that does not exist leaves the counts whole", () => {
    const states = fresh();
    expect(states.apply({ version: 5, since: 4, available: [99], sold: [1000000] })).toBe(
      "applied",
    );
    expect([states.freeIn(0), states.freeIn(1)]).toEqual([3, 2]);
  });
});

describe("what an access code opens", () => {
  const seats = Uint8Array.from([1, 1, 0, 0, 1]);
  test("is a bit a seat, lowest first", () => {
    expect([...unpackBits(btoa(String.fromCharCode(0b00010011)), 5)]).toEqual([...seats]);
    expect([...unpackBits("", 2)]).toEqual([0, 0]);
  });

  test("is free where everybody sees it as blocked, and only there", () => {
    const states = new SeatStates(hall);
    states.load(whole(1, [BLOCKED, HELD, AVAILABLE, BLOCKED, BLOCKED]));
    states.open({ seats, only: false });
    expect([...states.states]).toEqual([AVAILABLE, HELD, AVAILABLE, BLOCKED, AVAILABLE]);
    expect(states.freeIn(0)).toBe(2);
    // somebody with the same code took one, and gave it back
    expect(states.apply({ version: 2, since: 1, held: [0] })).toBe("applied");
    expect(states.states[0]).toBe(HELD);
    expect(states.apply({ version: 3, since: 2, blocked: [0] })).toBe("applied");
    expect(states.states[0]).toBe(AVAILABLE);
    expect([0, 1, 2].map((seat) => states.standsOut(seat))).toEqual([true, false, false]);
    states.open(null);
    expect([...states.states]).toEqual([BLOCKED, HELD, AVAILABLE, BLOCKED, BLOCKED]);
    expect(states.freeIn(0)).toBe(1);
  });

  test("is all there is before the public sale", () => {
    const states = new SeatStates(hall);
    states.load(whole(1, [BLOCKED, AVAILABLE, AVAILABLE, HELD, BLOCKED]));
    states.open({ seats, only: true });
    expect([...states.states]).toEqual([AVAILABLE, AVAILABLE, BLOCKED, HELD, AVAILABLE]);
    expect(states.keeps(0)).toBe(true);
    expect(states.standsOut(0)).toBe(false);
  });
});
