/** The performers that the event's name does not already tell. */
export function performersBeyond(name: string, performers: readonly string[]): string[] {
  const said = name.toLowerCase();
  return performers.filter((performer) => !said.includes(performer.toLowerCase()));
}
