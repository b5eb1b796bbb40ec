/** How long the network may take before what is known is shown. */
const PATIENCE_MS = 4000;

/** The network's answer; undefined when none came in time. */
export function lateAnswer(network: Promise<Response>): Promise<Response | undefined> {
  const late = new Promise<undefined>((done) => setTimeout(done, PATIENCE_MS));
  return Promise.race([network, late]).catch(() => undefined);
}
