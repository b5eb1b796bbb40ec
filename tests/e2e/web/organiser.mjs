// What the organiser does while people choose seats: a presale with a code, and another seating plan.
import { randomBytes } from "node:crypto";
import { check, DESKTOP, hold, noViolation, PHONE, withBuyer } from "./lib.mjs";
import { openRowNamed, picks, seat } from "./rules.mjs";

const MINUTE_MS = 60_000;

/** Asks for something as the organiser. */
export async function organise(world, method, path, body) {
  const response = await fetch(new URL(`/api/v1/organiser/events${path}`, world.base), {
    method,
    headers: {
      Authorization: `Bearer ${world.adminToken}`,
      "Content-Type": "application/json",
      "Idempotency-Key": randomBytes(12).toString("hex"),
    },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  check(response.ok, `${method} ${path}: ${response.status} ${text}`);
  return JSON.parse(text);
}

const guid = (row, number) => `parquet-${row}-${number}`;

/** A hall of one section: rows by their names, each with seats from `first` to 12. */
function plan(rows, first = 1) {
  const numbers = Array.from({ length: 13 - first }, (_, i) => first + i);
  return {
    name: "Small hall",
    size: { width: 700, height: 500 },
    categories: [{ name: "Parquet", color: "#0072b2" }],
    zones: [
      {
        name: "Parquet",
        zone_id: "parquet",
        position: { x: 50, y: 50 },
        areas: [],
        rows: rows.map((row, r) => ({
          row_number: row,
          row_number_position: "both",
          position: { x: 0, y: r * 50 },
          seats: numbers.map((number) => ({
            seat_guid: guid(row, number),
            seat_number: String(number),
            position: { x: number * 40, y: 0 },
            category: "Parquet",
          })),
        })),
      },
    ],
  };
}

/** The new event's id. */
async function newEvent(world, more) {
  const { id } = await organise(world, "POST", "", {
    name: "An evening",
    starts_at: "2031-05-03T19:30:00",
    timezone: "Europe/Vienna",
    venue: { name: "Small Hall", city: "Vienna", country: "AT" },
    currency: "EUR",
    price_categories: [{ name: "Parquet", price: 2500, fee: 250 }],
    plan: plan(["A", "B", "C"]),
    ...more,
  });
  return id;
}

export const soon = (ms) => new Date(Date.now() + ms).toISOString();

function presale(size, name) {
  return async (world) => {
    const id = await newEvent(world, {
      sale: { opens_at: soon(60 * MINUTE_MS) },
      allocations: [
        {
          id: "fans",
          name: "Fan club",
          kind: "presale",
          seats: [1, 2, 3, 4].map((number) => guid("B", number)),
          code: "fans-2031",
          code_limit: 2,
          opens_at: soon(-MINUTE_MS),
        },
        {
          id: "cards",
          name: "Card holders",
          kind: "presale",
          seats: [1, 2].map((number) => guid("C", number)),
          code: "cards-2031",
          opens_at: soon(3000),
        },
      ],
    });
    const enter = async (page, code) => {
      await page.getByText("Have an access code?").click();
      await page.getByLabel("Access code").fill(code);
      await page.getByRole("button", { name: "Use code" }).click();
    };
    await withBuyer(world, size, {}, async ({ page }) => {
      await page.goto(`/events/${id}/seats`);
      await page.locator(".map canvas").waitFor();
      const find = page.getByRole("button", { name: "Find best seats" });
      check(await find.isDisabled(), "nothing can be held without a code");
      await enter(page, "cards-2031");
      await page.getByText(/Card holders: (opens|the seats kept)/).waitFor();
      // A code that was too early opens by itself.
      await page.getByText("Card holders: the seats kept for you can be chosen now.").waitFor();
      await page.getByRole("button", { name: "Remove code" }).click();
      await enter(page, "fans-2031");
      await page.getByText("Good for 2 tickets.").waitFor();
      check(await find.isEnabled(), "the presale is open with the code");
      await openRowNamed(page, "Parquet", "Row B");
      check(await seat(page, 5).isDisabled(), "what is not in the presale is not free");
      for (const number of [1, 2, 3]) await seat(page, number).click();
      await page.locator(".tray-next .primary").click();
      await page.getByText("The code is not good for that many more tickets.").waitFor();
      await noViolation(page, `a presale (${name})`);
      await world.pictures.take(page, `${name}-presale`);
      await seat(page, 3).click();
      // Another plan has other numbers for the seats that the code opens.
      await organise(world, "PUT", `/${id}/plan`, plan(["C", "A", "B"]));
      await page.locator(".list select").nth(1).and(page.locator(":disabled")).waitFor();
      await openRowNamed(page, "Parquet", "Row B");
      check(await seat(page, 4).isEnabled(), "the code opens the same seats as before");
      check(await seat(page, 5).isDisabled(), "and no others");
      check((await picks(page).count()) === 2, "what was picked stays so");
      await hold(page);
    });
  };
}

async function changedPlan(world) {
  const id = await newEvent(world);
  await withBuyer(world, PHONE, {}, async ({ page }) => {
    let loads = 0;
    page.on("load", () => loads++);
    await page.goto(`/events/${id}/seats`);
    await page.locator(".map canvas").waitFor();
    await openRowNamed(page, "Parquet", "Row B");
    for (const number of [1, 7, 8]) await seat(page, number).click();
    check((await picks(page).count()) === 3, "three seats are picked");
    await organise(world, "PUT", `/${id}/plan`, plan(["Box 1", "A", "B"], 3));
    await page.getByText("Not all seats you picked are still in it.").waitFor();
    check((await picks(page).count()) === 2, "those that are still there stay picked");
    await openRowNamed(page, "Parquet", "Box 1");
    await seat(page, 3).click();
    await page.getByText("Parquet, Box 1, seat 3").waitFor();
    await world.pictures.take(page, "phone-replanned");
    check(loads === 1, "the page was not loaded again");
    await hold(page);
    await page.getByText("Parquet, row B, seat 8").waitFor();
    await organise(world, "PUT", `/${id}/plan`, plan(["B", "Box 1"], 2));
    await page.goBack();
    await page.locator('.tray[data-held="yes"]').waitFor();
    await page.getByRole("button", { name: "Change seats" }).click();
    await openRowNamed(page, "Parquet", "Row B");
    check((await seat(page, 8).getAttribute("aria-pressed")) === "true", "seat 8 is still ours");
    await seat(page, 8).click();
    await organise(world, "PUT", `/${id}/plan`, plan(["Box 1", "B", "D"], 2));
    await page.getByRole("button", { name: "Change to 2 tickets" }).click();
    await page.getByText("2 tickets are yours").waitFor();
  });
}

/** Without the organiser's token nothing here can be shown. */
export const withToken = (act) => (world) => {
  check(world.adminToken, "the organiser's token is missing: set ONSALE_ADMIN_TOKEN");
  return act(world);
};

export const organiserCases = [
  ["a presale opens with its code on a phone", withToken(presale(PHONE, "phone"))],
  ["a presale opens with its code on a desktop", withToken(presale(DESKTOP, "desktop"))],
  ["another seating plan keeps what was picked and held", withToken(changedPlan)],
];
