import { signal } from "@preact/signals";

/** Whether the device has a network at all. */
export const online = signal(typeof navigator === "undefined" || navigator.onLine);

if (typeof addEventListener !== "undefined") {
  addEventListener("online", () => {
    online.value = true;
  });
  addEventListener("offline", () => {
    online.value = false;
  });
}
