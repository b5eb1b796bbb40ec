// What the demo's theatre has that the other halls do not: seats kept for those with a code, wheelchair
// spaces with their companions, a box that is sold whole, and no single seat left alone.
import { check, DESKTOP, hold, noViolation, pay, PHONE, tickets, withBuyer } from "./lib.mjs";

const CODE = "larkspur";

async function openHall(page, world) {
  await page.goto(`/events/${world.events.smallest.id}/seats`);
  await page.locator(".map canvas").waitFor();
}

/** Opens a row by what its option begins with, in a section by its name. */
export async function openRowNamed(page, sectionName, rowName) {
  const list = page.getByRole("button", { name: "List", exact: true });
  if (await list.isVisible().catch(() => false)) await list.click();
  const choose = async (select, begins) => {
    const option = select.locator("option").filter({ hasText: begins });
    await option.first().waitFor({ state: "attached" });
    await select.selectOption(await option.first().getAttribute("value"));
  };
  await choose(page.locator(".list select").first(), new RegExp(`^${sectionName}:`));
  await choose(page.locator(".list select").nth(1), new RegExp(`^${rowName}:`));
  await page.locator(".list .seat").first().waitFor();
}

export const seat = (page, number) => page.locator(".list .seat").getByText(String(number), { exact: true });
export const picks = (page) => page.locator(".tray-seat");

function accessCode(size, name) {
  return (world) =>
    withBuyer(world, size, {}, async ({ page }) => {
      await openHall(page, world);
      const enter = async (code) => {
        await page.getByLabel("Access code").fill(code);
        await page.getByRole("button", { name: "Use code" }).click();
      };
      await page.getByText("Have an access code?").click();
      await enter("larkspurt");
      await page.getByText("We know no such code.").waitFor();
      await noViolation(page, `a wrong code (${name})`);
      await enter(CODE);
      await page.getByText("the seats kept for you can be chosen now").waitFor();
      await page.getByText("Kept for you", { exact: true }).waitFor(); // the legend tells it, too
      await openRowNamed(page, "Stalls", "Row F");
      const first = size === PHONE ? 11 : 13; // each case has seats of its own
      await seat(page, first).click();
      await seat(page, first + 1).click();
      check((await picks(page).count()) === 2, "two kept seats are picked");
      await world.pictures.take(page, `${name}-code`);
      await page.reload();
      await picks(page).nth(1).waitFor(); // the code and the picks are still known
      await hold(page);
      await pay(page, "pm_card_visa");
      await tickets(page, 2);
    });
}

async function bestWithNeeds(world) {
  await withBuyer(world, DESKTOP, {}, async ({ page }) => {
    await openHall(page, world);
    await page.getByText("More wishes").click();
    await page.getByRole("button", { name: "One wheelchair space more" }).click();
    const [from, upTo] = [page.getByLabel("Price from"), page.getByLabel("Price up to")];
    await upTo.selectOption({ index: 4 });
    await from.selectOption({ index: 5 });
    check((await upTo.inputValue()) === (await from.inputValue()), "the bounds do not cross");
    await upTo.selectOption({ index: 1 });
    await page.getByLabel("Section").last().selectOption({ label: "Stalls" });
    await page.getByRole("button", { name: "Find best seats" }).click();
    await page.getByText("fit all your wishes").waitFor();
    await page.getByLabel("Section").last().selectOption({ index: 0 });
    await from.selectOption({ index: 0 });
    await upTo.selectOption({ index: 4 });
    await noViolation(page, "wishes");
    await world.pictures.take(page, "desktop-wishes");
    await page.getByRole("button", { name: "Find best seats" }).click();
    await page.locator('.tray[data-held="yes"]').waitFor();
    const held = await page.locator(".tray").innerText();
    check(held.includes("wheelchair space"), `a wheelchair space is held: ${held}`);
    check(held.includes("companion seat"), `so is its companion: ${held}`);
    check(held.includes("side by side"), `the reason is told: ${held}`);
    await page.waitForTimeout(400);
    await world.pictures.take(page, "desktop-needs");
  });
}

async function swap(world) {
  await withBuyer(world, DESKTOP, {}, async ({ page }) => {
    await openHall(page, world);
    await openRowNamed(page, "Dress Circle", "Row C");
    await seat(page, 1).click();
    await seat(page, 2).click();
    await hold(page);
    const address = page.url();
    await page.goBack();
    await page.locator('.tray[data-held="yes"]').waitFor();
    await page.getByRole("button", { name: "Change seats" }).click();
    const change = page.getByRole("button", { name: "Change to 2 tickets" });
    check(await change.isDisabled(), "there is nothing to change yet");
    await openRowNamed(page, "Dress Circle", "Row C");
    await seat(page, 3).click();
    await page.getByRole("button", { name: "Change to 3 tickets" }).click();
    await page.getByText("3 tickets are yours").waitFor();
    await page.getByRole("button", { name: "Change seats" }).click();
    await seat(page, 3).click();
    await page.getByRole("button", { name: "Leave as it was" }).click();
    await page.getByText("3 tickets are yours").waitFor();
    await page.getByRole("button", { name: "Continue to payment" }).click();
    await page.locator(".checkout-summary").waitFor();
    check(page.url() === address, "it is the same hold");
    check((await page.locator(".checkout-summary li").count()) >= 3, "with three seats");
  });
}

async function singleSeat(world) {
  await withBuyer(world, PHONE, {}, async ({ page }) => {
    await openHall(page, world);
    await openRowNamed(page, "Dress Circle", "Row D");
    await seat(page, 2).click();
    await page.locator(".tray-next .primary").click();
    const note = page.getByRole("alert").filter({ hasText: "would stay alone" });
    await note.waitFor();
    await noViolation(page, "a single seat");
    await world.pictures.take(page, "phone-single");
    check((await note.getByRole("button").count()) === 2, "two ways out are offered");
    await note.getByRole("button", { name: "instead of row D seat 2" }).waitFor();
    await note.getByRole("button", { name: "Take row D seat 1 too" }).click();
    check((await picks(page).count()) === 2, "the lonely seat is taken too");
    await hold(page);
  });
}

async function soldTogether(world) {
  await withBuyer(world, DESKTOP, {}, async ({ page }) => {
    await openHall(page, world);
    await openRowNamed(page, "Left Boxes", "Box 3");
    await seat(page, 2).click();
    check((await picks(page).count()) === 5, "the whole box is picked");
    await page.getByText("only sold together").waitFor();
    await world.pictures.take(page, "desktop-box");
    await seat(page, 4).click();
    check((await picks(page).count()) === 0, "and dropped as a whole");
    await openRowNamed(page, "Stalls", "Row V");
    await seat(page, 19).click();
    check((await picks(page).count()) === 2, "a companion's seat comes with the wheelchair space");
    await seat(page, 20).click();
    check((await picks(page).count()) === 0, "and goes with it");
  });
}

export const ruleCases = [
  ["an access code opens seats on a phone", accessCode(PHONE, "phone")],
  ["an access code opens seats on a desktop", accessCode(DESKTOP, "desktop")],
  ["the best seats have a wheelchair space when asked for", bestWithNeeds],
  ["held seats are swapped in one step", swap],
  ["a seat that would stay alone is named, and ways out are offered", singleSeat],
  ["what is sold together is picked together", soldTogether],
];
