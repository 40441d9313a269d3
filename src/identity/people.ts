import type { Clock } from '../model/clock.ts';
import { newPersonId, type PersonId, type SessionId } from '../model/ids.ts';
import type { Membership, PasswordLink, Person, PersonChanges } from '../model/person.ts';
import { invalidField, Problem } from '../model/problem.ts';
import type { WorkspaceRole } from '../model/role.ts';
import { hashSecretToken, newSecretToken } from '../model/secret-token.ts';
import type { Page, PageRequest, PeopleStore } from '../store/port.ts';
import { faultOfPassword, type Passwords } from './passwords.ts';
import { emailAddress, personName } from './person-texts.ts';
import type { Sessions } from './sessions.ts';

export interface PersonInput {
  readonly email: string;
  readonly name: string;
  readonly operator?: boolean;
  readonly memberships?: readonly Membership[];
  /** Who they are at the OpenID provider. */
  readonly openIdSubject?: string;
}

/** A link with which a person sets their password; the secret is never shown again. */
export interface MadePasswordLink {
  readonly secret: string;
  readonly purpose: PasswordLink['purpose'];
  readonly expiresAtMs: number;
}

/** People who sign in, what they may do, and their passwords. What changes counts at once. */
export class People {
  readonly #store: PeopleStore;
  readonly #clock: Clock;
  readonly #passwords: Passwords;
  readonly #sessions: Sessions;
  readonly #linkMs: number;

  /** `linkMs`: how long a link to set a password can be used. */
  constructor(store: PeopleStore, clock: Clock, passwords: Passwords, sessions: Sessions, linkMs: number) {
    this.#store = store;
    this.#clock = clock;
    this.#passwords = passwords;
    this.#sessions = sessions;
    this.#linkMs = linkMs;
  }

  list(page: PageRequest): Promise<Page<Person>> {
    return this.#store.list(page);
  }

  ofWorkspace(workspaceNumber: number): Promise<readonly Person[]> {
    return this.#store.ofWorkspace(workspaceNumber);
  }

  /** Throws a Problem when there is no such person. */
  async get(id: string): Promise<Person> {
    const person = await this.#store.find(id as PersonId);
    if (!person) throw new Problem('not-found', `There is no person "${id}".`);
    return person;
  }

  findByEmail(email: string): Promise<Person | null> {
    return this.#store.findByEmail(emailAddress(email, '/email'));
  }

  findByOpenIdSubject(subject: string): Promise<Person | null> {
    return this.#store.findByOpenIdSubject(subject);
  }

  create(input: PersonInput, createdBy: string): Promise<Person> {
    return this.#store.create({
      id: newPersonId(),
      email: emailAddress(input.email, '/email'),
      name: personName(input.name, '/name'),
      operator: input.operator ?? false,
      memberships: input.memberships ?? [],
      createdBy,
      openIdSubject: input.openIdSubject ?? null,
    });
  }

  async change(person: Person, changes: PersonChanges): Promise<Person> {
    const saved = await this.#store.save(person, {
      ...changes,
      ...(changes.email === undefined ? {} : { email: emailAddress(changes.email, '/email') }),
      ...(changes.name === undefined ? {} : { name: personName(changes.name, '/name') }),
    });
    this.#forget(person);
    return saved;
  }

  /** Null ends the membership. */
  async changeRole(person: Person, workspaceNumber: number, role: WorkspaceRole | null): Promise<Person> {
    const saved = await this.#store.saveMembership(person, workspaceNumber, role);
    this.#forget(person);
    return saved;
  }

  /** From now on the person at the OpenID provider signs in as this one. */
  linkOpenId(person: Person, subject: string): Promise<void> {
    return this.#store.saveOpenIdSubject(person, subject);
  }

  async delete(person: Person): Promise<void> {
    await this.#store.delete(person);
    this.#forget(person);
  }

  /** Throws a Problem when a password is too weak; `pointer` says where it came from. */
  requireGoodPassword(password: string, email: string, pointer: string): void {
    const fault = faultOfPassword(password, email);
    if (fault !== null) throw invalidField(pointer, fault);
  }

  /** The person's sessions end. `pointer` says where the password came from, should it be too weak. */
  async setPassword(person: Person, password: string, pointer: string): Promise<void> {
    this.requireGoodPassword(password, person.email, pointer);
    await this.#store.savePasswordHash(person, await this.#passwords.hash(password), null);
    this.#forget(person);
  }

  /** The person's other sessions end. Throws a Problem when the password of so far is wrong, or the new one weak. */
  async changePassword(
    person: Person,
    current: string | null,
    password: string,
    keptSession: SessionId,
  ): Promise<void> {
    this.requireGoodPassword(password, person.email, '/password');
    const stored = await this.#store.passwordHash(person);
    if (stored !== null && !(await this.#passwords.verify(current ?? '', stored))) {
      throw invalidField('/currentPassword', 'is not your password');
    }
    await this.#store.savePasswordHash(person, await this.#passwords.hash(password), keptSession);
    this.#forget(person);
  }

  /** Whether the password is the person's; without a person it takes as long to say no. */
  async hasPassword(person: Person | null, password: string): Promise<boolean> {
    const stored = person && (await this.#store.passwordHash(person));
    if (!(await this.#passwords.verify(password, stored)) || person === null || stored === null) return false;
    if (this.#passwords.isOutdated(stored)) {
      await this.#store.renewPasswordHash(person, await this.#passwords.hash(password));
    }
    return true;
  }

  noteSignIn(person: Person): Promise<void> {
    return this.#store.noteSignIn(person, this.#clock.nowMs());
  }

  /** The link made before for the same person works no more. */
  async makePasswordLink(person: Person): Promise<MadePasswordLink> {
    const purpose = person.hasPassword ? 'reset' : 'invitation';
    const secret = newSecretToken('rowhook_password_');
    const createdAtMs = this.#clock.nowMs();
    const expiresAtMs = createdAtMs + this.#linkMs;
    const link = { personNumber: person.number, purpose, createdAtMs, expiresAtMs } as const;
    await this.#store.addPasswordLink(person, link, hashSecretToken(secret));
    return { secret, purpose, expiresAtMs };
  }

  /** For whom a link is. Throws a Problem when it can be used no more. */
  async readPasswordLink(secret: string): Promise<{ person: Person; link: PasswordLink }> {
    const link = await this.#store.findPasswordLink(hashSecretToken(secret));
    const person = link && (await this.#store.findByNumber(link.personNumber));
    if (!person || person.state === 'suspended' || link.expiresAtMs <= this.#clock.nowMs()) throw usedUp();
    return { person, link };
  }

  /** Sets the password, once. */
  async usePasswordLink(secret: string, password: string): Promise<Person> {
    const { person } = await this.readPasswordLink(secret);
    this.requireGoodPassword(password, person.email, '/password');
    const hash = await this.#passwords.hash(password);
    const used = await this.#store.usePasswordLink(hashSecretToken(secret), hash, this.#clock.nowMs());
    if (!used) throw usedUp();
    this.#forget(person);
    return used;
  }

  #forget({ id }: Person): void {
    this.#sessions.forget((signedIn) => signedIn.kind === 'person' && signedIn.person.id === id);
  }
}

function usedUp(): Problem {
  return new Problem('gone', 'This link was used already, or its time is up. Ask for another one.');
}
