const storageKey = 'rowhook-inboxes';
const remembered = 20;

/** Names of inboxes this browser has opened: who may not list all of them finds theirs again. */
export function knownInboxes(): readonly string[] {
  try {
    const names: unknown = JSON.parse(localStorage.getItem(storageKey) ?? '[]');
    return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [];
  } catch {
    return [];
  }
}

export function rememberInbox(name: string): void {
  const names = [name, ...knownInboxes().filter((other) => other !== name)].slice(0, remembered);
  localStorage.setItem(storageKey, JSON.stringify(names));
}

/** A name that nobody guesses, as whoever knows it may look into the inbox. */
export function newInboxName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(5));
  return `inbox-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
