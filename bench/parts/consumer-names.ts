/** The name under which a consumer counts the events of `name` that a replay sends again. */
export function replayed(name: string): string {
  return `${name}, replayed`;
}
