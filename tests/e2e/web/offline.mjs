// The waiting page without a network: reloaded, opened again, and going on by itself. The server is
// behind a line of its own that a case can cut, or leave hanging.
import net from "node:net";
import { check, noViolation, PHONE, withBuyer } from "./lib.mjs";
import { withToken } from "./organiser.mjs";
import { ahead, fullHouse, newEvent, own, room, titled } from "./waiting.mjs";

const PROVOKES =
  /ERR_(INTERNET_DISCONNECTED|CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE|FAILED)|error occurred when fetching the script/;

/** A line to the server that can be cut, mended, and left hanging. */
class Line {
  #sockets = new Set();
  #server;
  #hangs = false;

  static async open(base) {
    const line = new Line();
    line.target = new URL(base);
    await line.mend();
    return line;
  }

  get base() {
    return `http://127.0.0.1:${this.port}`;
  }

  async mend() {
    this.#hangs = false;
    this.#server = net.createServer((near) => this.#connect(near));
    await new Promise((done) => this.#server.listen(this.port ?? 0, "127.0.0.1", done));
    this.port = this.#server.address().port;
  }

  #connect(near) {
    const far = net.connect(this.target.port, this.target.hostname);
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => this.#sockets.delete(socket));
    }
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
    if (!this.#hangs) near.pipe(far);
    far.pipe(near);
  }

  /** Whatever is sent from now on gets no answer. */
  hang() {
    this.#hangs = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  async cut() {
    const closed = new Promise((done) => this.#server.close(done));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

/** Until the page has left what it knows, and the worker what it needs. */
async function ready(page, event) {
  for (let look = 0; look < 100; look++) {
    const done = await page.evaluate(async (path) => {
      const worker = await navigator.serviceWorker.getRegistration("/");
      return worker?.active?.state === "activated" && !!(await caches.match(path));
    }, room(event));
    if (done) return;
    await page.waitForTimeout(100);
  }
  throw new Error("the browser was not made ready to be offline");
}

async function inLine(world, act) {
  const event = await newEvent(world, { target_active: 1 });
  const { inside, line: others } = await fullHouse(world, event, 1, 2);
  const line = await Line.open(world.base);
  const through = { ...world, base: line.base };
  try {
    await withBuyer(through, PHONE, { provokes: PROVOKES }, async (buyer) => {
      await buyer.page.goto(room(event));
      await titled(buyer.page, "You are in the line");
      check((await own(buyer.page)) === "4", "the fourth to come has number 4");
      await ready(buyer.page, event);
      await act({ ...buyer, event, line, inside, others });
    });
  } finally {
    await line.cut();
  }
}

const reload = async (world) =>
  inLine(world, async ({ context, page, event, others }) => {
    await context.setOffline(true);
    await page.reload();
    await titled(page, "You are in the line");
    await page.getByText(/You are offline\. As of .*\d:\d\d/).waitFor();
    check((await own(page)) === "4" && (await ahead(page)) === 2, "the last known place is shown");
    await noViolation(page, "a reload without a network");
    await world.pictures.take(page, "phone-waiting-offline-reload");
    const again = await context.newPage();
    await again.goto(room(event));
    await titled(again, "You are in the line");
    await again.goto(`/events/${event}`);
    await again.getByRole("heading", { level: 1, name: "No network" }).waitFor();
    await again.close();
    await others[0].leave();
    await context.setOffline(false);
    await page.getByText("You are offline").waitFor({ state: "hidden" });
    check((await own(page)) === "4", "it goes on by itself with the place it had");
    await page.getByText("Leave the line").click();
    await page.getByRole("button", { name: "Give up my place" }).click();
    await titled(page, "You left the line");
    await page.reload();
    await titled(page, "You left the line");
  });

const gone = async (world) =>
  inLine(world, async ({ page, line, inside, others }) => {
    await line.cut();
    await page.reload();
    await titled(page, "You are in the line");
    await page.getByText("No connection. As of").waitFor();
    for (const other of [...others, ...inside]) await other.leave();
    await line.mend();
    await titled(page, "It is your turn");
    await page.getByRole("button", { name: "Come in" }).click();
    await page.waitForURL(/\/seats$/);
  });

const hanging = async (world) =>
  inLine(world, async ({ page, line }) => {
    line.hang();
    await page.reload();
    await titled(page, "You are in the line");
    await page.getByText("No connection. As of").waitFor();
    await line.cut();
    await line.mend();
    await page.getByText("No connection").waitFor({ state: "hidden", timeout: 60_000 });
    // With a network nothing old is shown: what the server says now is in the document.
    await page.evaluate(async () => {
      for (const name of await caches.keys())
        for (const key of await (await caches.open(name)).keys())
          if (/queue$/.test(key.url)) {
            const given = await (await caches.match(key)).json();
            given.event.name = "An old name";
            await (await caches.open(name)).put(key, new Response(JSON.stringify(given)));
          }
    });
    await page.reload();
    await titled(page, "You are in the line");
    check((await page.getByText("An old name").count()) === 0, "the server's document is shown");
  });

/** No answer of the API is kept, and no more events than eight. */
const kept = async (world) =>
  inLine(world, async ({ page }) => {
    for (let n = 0; n < 9; n++) {
      const event = await newEvent(world, {});
      await page.goto(room(event));
      await ready(page, event);
    }
    const keys = await page.evaluate(async () => {
      const all = [];
      for (const name of await caches.keys())
        for (const { url } of await (await caches.open(name)).keys()) all.push(new URL(url).pathname);
      return all;
    });
    const places = keys.filter((path) => /^\/events\/[^/]+\/queue$/.test(path));
    check(places.length === 8, `eight events are kept, not ${places.length}`);
    const others = keys.filter((path) => !places.includes(path));
    const files = /^\/(waiting\.html|assets\/waiting-\w+\.js|offline\.html|assets\/[\w-]+\.css)$/;
    check(
      others.length === 4 && others.every((path) => files.test(path)),
      `and the page's two files, and two for all other addresses: ${others}`,
    );
  });

export const offlineCases = [
  ["reloaded without a network it shows what was known", reload],
  ["it outlives a server that is gone, and is called when that is back", gone],
  ["a network that hangs is not waited for long, and one that does not comes first", hanging],
  ["what a browser keeps of it is bounded", kept],
].map(([name, act]) => [`waiting room offline: ${name}`, withToken(act)]);
