// Storage may be off: then the page remembers nothing, and goes on.
export function recall(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function keep(key: string, text: string, store: "localStorage" | "sessionStorage" = "localStorage"): void {
  try {
    window[store].setItem(key, text);
  } catch {
    /* nothing is kept */
  }
}
