import type { AuditAuthor, AuditEntry, AuditFilter, AuditNote } from '../model/audit.ts';
import type { PersonId, PortalLinkId, SessionId } from '../model/ids.ts';
import type { NewPerson, PasswordLink, Person, PersonChanges } from '../model/person.ts';
import type { NewPortalLink, PortalLink } from '../model/portal-link.ts';
import type { WorkspaceRole } from '../model/role.ts';
import type { NewSession, Session, SessionHolder } from '../model/session.ts';
import type { Page, PageRequest } from './port.ts';

/** People, what they may do, and their passwords. Secrets of links are handed in as SHA-256 hashes. */
export interface PeopleStore {
  /** Throws a Problem when someone has the e-mail address already. */
  create(person: NewPerson): Promise<Person>;
  /** In the order in which they were made. */
  list(page: PageRequest): Promise<Page<Person>>;
  ofWorkspace(workspaceNumber: number): Promise<readonly Person[]>;
  find(id: PersonId): Promise<Person | null>;
  findByNumber(number: number): Promise<Person | null>;
  findByEmail(email: string): Promise<Person | null>;
  findByOpenIdSubject(subject: string): Promise<Person | null>;
  /** Suspending ends their sessions. Throws a Problem when someone else has the e-mail address. */
  save(person: Person, changes: PersonChanges): Promise<Person>;
  /** Null ends the membership. */
  saveMembership(person: Person, workspaceNumber: number, role: WorkspaceRole | null): Promise<Person>;
  saveOpenIdSubject(person: Person, subject: string): Promise<void>;
  noteSignIn(person: Person, atMs: number): Promise<void>;
  /** With their memberships, sessions and links. */
  delete(person: Person): Promise<void>;
  passwordHash(person: Person): Promise<string | null>;
  /** Saves a password, ends every session of the person but `keptSession`, and their links. */
  savePasswordHash(person: Person, passwordHash: string, keptSession: SessionId | null): Promise<void>;
  /** Replaces the hash of the same password. */
  renewPasswordHash(person: Person, passwordHash: string): Promise<void>;
  /** Replaces the person's link that was there before. */
  addPasswordLink(person: Person, link: PasswordLink, secretHash: string): Promise<void>;
  findPasswordLink(secretHash: string): Promise<PasswordLink | null>;
  /** Saves a password through a link, which ends with it; null: there is no such link any more. */
  usePasswordLink(secretHash: string, passwordHash: string, nowMs: number): Promise<Person | null>;
}

export interface SessionStore {
  /** Beyond `keptOfHolder` sessions of the same holder the longest unused ones end. */
  add(session: NewSession, secretHash: string, keptOfHolder: number): Promise<Session>;
  find(secretHash: string): Promise<Session | null>;
  /** The one used last first. */
  listOf(holder: SessionHolder): Promise<readonly Session[]>;
  end(id: SessionId): Promise<void>;
  endAllOf(holder: SessionHolder, kept: SessionId | null): Promise<void>;
  /** Notes when sessions were last used. */
  saveUses(usedAtMs: ReadonlyMap<SessionId, number>): Promise<void>;
  /** Removes sessions that ended before one time or were last used before another; answers how many. */
  removeEnded(endedBeforeMs: number, unusedSinceMs: number, limit: number): Promise<number>;
}

export interface PortalLinkStore {
  create(link: NewPortalLink, secretHash: string): Promise<PortalLink>;
  /** The newest first. */
  list(workspaceNumber: number): Promise<readonly PortalLink[]>;
  find(id: PortalLinkId): Promise<PortalLink | null>;
  findBySecret(secretHash: string): Promise<PortalLink | null>;
  noteOpening(link: PortalLink, atMs: number): Promise<void>;
  /** With the sessions that it opened. */
  delete(link: PortalLink): Promise<void>;
  /** Removes links that ended before a time, with their sessions; answers how many. */
  removeEnded(endedBeforeMs: number, limit: number): Promise<number>;
}

/**
 * The log of who changed what. Nothing edits it, and only retention removes from it; the database itself
 * refuses everything else.
 */
export interface AuditStore {
  /**
   * Runs `work`: what it changes in the store is entered as done by `author`, in the same transaction as the
   * change. Changes outside of any such work are the program's own and are not entered.
   */
  during<Result>(author: AuditAuthor, work: () => Result): Result;
  /** Enters what is no change of the store. */
  append(author: AuditAuthor, note: AuditNote): Promise<void>;
  /** The newest first. */
  list(filter: AuditFilter, page: PageRequest): Promise<Page<AuditEntry>>;
  /** For retention: removes the oldest entries, those from before a time; answers how many. */
  removeBefore(beforeMs: number, limit: number): Promise<number>;
}
