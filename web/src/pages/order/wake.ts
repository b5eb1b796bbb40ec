/** Keeps the screen on until the returned function is called. Browsers let go of it when the page is
 * hidden, so it is asked for again; where there is no such thing the screen does as it is set. */
export function keepAwake(): () => void {
  let lock: WakeLockSentinel | null = null;
  let over = false;
  const ask = async (): Promise<void> => {
    if (document.hidden || !("wakeLock" in navigator)) return;
    const fresh = await navigator.wakeLock.request("screen");
    if (over) await fresh.release();
    else lock = fresh;
  };
  const again = (): void => void ask().catch(() => undefined); // a low battery refuses
  again();
  document.addEventListener("visibilitychange", again);
  return () => {
    over = true;
    document.removeEventListener("visibilitychange", again);
    void lock?.release();
  };
}
