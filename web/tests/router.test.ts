import { describe, expect, test } from "vitest";
import { match, paths } from "../src/app/router.ts";

const routes = [
  { pattern: "/", page: "home" },
  { pattern: "/events/:id", page: "event" },
  { pattern: "/events/:id/seats", page: "seats" },
  { pattern: "/events/:id/orders/:order", page: "order" },
];

describe("the router", () => {
  test("finds the page and its parameters", () => {
    expect(match(routes, "/")).toEqual({ page: "home", params: {} });
    expect(match(routes, "/events/e1")).toEqual({ page: "event", params: { id: "e1" } });
    expect(match(routes, "/events/e1/orders/o2")).toEqual({
      page: "order",
      params: { id: "e1", order: "o2" },
    });
  });
  test("does not mind a slash at the end", () => {
    expect(match(routes, "/events/e1/")?.page).toBe("event");
  });
  test("decodes parameters and refuses what cannot be decoded", () => {
    expect(match(routes, "/events/a%2Fb%20c")?.params.id).toBe("a/b c");
    expect(match(routes, "/events/%E0%A4%A")).toBeNull();
  });
  test("knows nothing else", () => {
    for (const path of ["/event/e1", "/events", "/events/e1/seat", "/events/e1/seats/x"])
      expect(match(routes, path)).toBeNull();
  });
  test("finds every path that pages link to", () => {
    expect(match(routes, paths.order("e/1", "o 2"))?.params).toEqual({ id: "e/1", order: "o 2" });
    expect(match(routes, paths.seats("x"))?.page).toBe("seats");
  });
});
