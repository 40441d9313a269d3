import type { Selectable, Transaction } from 'kysely';
import type { Clock } from '../../model/clock.ts';
import type { PersonId, SessionId } from '../../model/ids.ts';
import type { Membership, NewPerson, PasswordLink, Person, PersonChanges } from '../../model/person.ts';
import { Problem } from '../../model/problem.ts';
import type { WorkspaceRole } from '../../model/role.ts';
import { readCursor } from '../cursor.ts';
import type { Page, PageRequest, PeopleStore } from '../port.ts';
import type { Schema } from '../schema.ts';
import { changesBetween, type Facts } from './audit-facts.ts';
import type { Note } from './audit-log.ts';
import type { Database } from './database.ts';

type Stored = Selectable<Schema['people']>;
type Reader = Pick<Database['reader'], 'selectFrom'>;

export class People implements PeopleStore {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #note: Note;

  constructor(database: Database, clock: Clock, note: Note) {
    this.#database = database;
    this.#clock = clock;
    this.#note = note;
  }

  async create(person: NewPerson): Promise<Person> {
    return this.#database.transaction(async (transaction) => {
      await refuseTakenEmail(transaction, person.email, null);
      const created = await transaction
        .insertInto('people')
        .values({
          id: person.id,
          email: person.email,
          name: person.name,
          operator: person.operator ? 1 : 0,
          state: 'active',
          password_hash: null,
          openid_subject: person.openIdSubject,
          created_at: this.#clock.nowMs(),
          created_by: person.createdBy,
          last_sign_in_at: null,
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      const made = toPerson(created, []);
      await this.#noteChange(transaction, 'person.created', made, null, factsOf(made));
      for (const { workspaceNumber, role } of person.memberships) {
        await this.#changeMembership(transaction, made, workspaceNumber, role);
      }
      return { ...made, memberships: await membershipsOf(transaction, made.number) };
    });
  }

  async list(page: PageRequest): Promise<Page<Person>> {
    let query = this.#database.reader
      .selectFrom('people')
      .selectAll()
      .orderBy('number')
      .limit(page.limit + 1);
    if (page.cursor !== null) query = query.where('number', '>', readCursor(page.cursor));
    const found = await query.execute();
    const shown = found.slice(0, page.limit);
    return {
      items: await this.#read(shown),
      nextCursor: found.length > page.limit ? String(shown.at(-1)?.number) : null,
    };
  }

  async ofWorkspace(workspaceNumber: number): Promise<readonly Person[]> {
    const found = await this.#database.reader
      .selectFrom('people')
      .innerJoin('memberships', 'memberships.person_number', 'people.number')
      .selectAll('people')
      .where('memberships.workspace_number', '=', workspaceNumber)
      .orderBy('people.number')
      .execute();
    return this.#read(found);
  }

  find(id: PersonId): Promise<Person | null> {
    return this.#findBy('id', id);
  }

  findByNumber(number: number): Promise<Person | null> {
    return this.#findBy('number', number);
  }

  findByEmail(email: string): Promise<Person | null> {
    return this.#findBy('email', email);
  }

  findByOpenIdSubject(subject: string): Promise<Person | null> {
    return this.#findBy('openid_subject', subject);
  }

  async save(person: Person, changes: PersonChanges): Promise<Person> {
    return this.#database.transaction(async (transaction) => {
      const before = await this.#current(transaction, person);
      const { email, name, operator, state } = { ...before, ...changes };
      await refuseTakenEmail(transaction, email, person.number);
      const saved = await transaction
        .updateTable('people')
        .set({ email, name, operator: operator ? 1 : 0, state })
        .where('number', '=', person.number)
        .returningAll()
        .executeTakeFirstOrThrow();
      const after = toPerson(saved, before.memberships);
      if (state === 'suspended') await endSessions(transaction, person.number, null);
      await this.#noteChange(transaction, 'person.changed', after, factsOf(before), factsOf(after));
      return after;
    });
  }

  async saveMembership(person: Person, workspaceNumber: number, role: WorkspaceRole | null): Promise<Person> {
    return this.#database.transaction(async (transaction) => {
      const before = await this.#current(transaction, person);
      await this.#changeMembership(transaction, before, workspaceNumber, role);
      return { ...before, memberships: await membershipsOf(transaction, person.number) };
    });
  }

  async saveOpenIdSubject(person: Person, subject: string): Promise<void> {
    await this.#database.transaction((transaction) =>
      transaction
        .updateTable('people')
        .set({ openid_subject: subject })
        .where('number', '=', person.number)
        .execute(),
    );
  }

  async noteSignIn(person: Person, atMs: number): Promise<void> {
    await this.#database.transaction((transaction) =>
      transaction
        .updateTable('people')
        .set({ last_sign_in_at: atMs })
        .where('number', '=', person.number)
        .execute(),
    );
  }

  async delete(person: Person): Promise<void> {
    await this.#database.transaction(async (transaction) => {
      const before = await this.#current(transaction, person);
      for (const { workspaceNumber } of before.memberships) {
        await this.#changeMembership(transaction, before, workspaceNumber, null);
      }
      await endSessions(transaction, person.number, null);
      await endLinks(transaction, person.number);
      await transaction.deleteFrom('people').where('number', '=', person.number).execute();
      await this.#noteChange(transaction, 'person.deleted', before, factsOf(before), null);
    });
  }

  async passwordHash(person: Person): Promise<string | null> {
    const found = await this.#database.reader
      .selectFrom('people')
      .select('password_hash')
      .where('number', '=', person.number)
      .executeTakeFirst();
    return found?.password_hash ?? null;
  }

  async savePasswordHash(person: Person, passwordHash: string, keptSession: SessionId | null): Promise<void> {
    await this.#database.transaction((transaction) =>
      this.#setPassword(transaction, person, passwordHash, keptSession),
    );
  }

  async renewPasswordHash(person: Person, passwordHash: string): Promise<void> {
    await this.#database.transaction((transaction) =>
      transaction
        .updateTable('people')
        .set({ password_hash: passwordHash })
        .where('number', '=', person.number)
        .execute(),
    );
  }

  async addPasswordLink(person: Person, link: PasswordLink, secretHash: string): Promise<void> {
    await this.#database.transaction(async (transaction) => {
      await endLinks(transaction, person.number);
      await transaction
        .insertInto('password_links')
        .values({
          person_number: person.number,
          secret_hash: secretHash,
          purpose: link.purpose,
          created_at: link.createdAtMs,
          expires_at: link.expiresAtMs,
        })
        .execute();
      const shown = { purpose: link.purpose, expiresAt: new Date(link.expiresAtMs).toISOString() };
      await this.#noteChange(transaction, 'person.password-link-created', person, null, { shown });
    });
  }

  async findPasswordLink(secretHash: string): Promise<PasswordLink | null> {
    const found = await this.#database.reader
      .selectFrom('password_links')
      .selectAll()
      .where('secret_hash', '=', secretHash)
      .executeTakeFirst();
    if (!found) return null;
    return {
      personNumber: found.person_number,
      purpose: found.purpose as PasswordLink['purpose'],
      createdAtMs: found.created_at,
      expiresAtMs: found.expires_at,
    };
  }

  async usePasswordLink(secretHash: string, passwordHash: string, nowMs: number): Promise<Person | null> {
    return this.#database.transaction(async (transaction) => {
      const used = await transaction
        .deleteFrom('password_links')
        .where('secret_hash', '=', secretHash)
        .where('expires_at', '>', nowMs)
        .returning('person_number')
        .executeTakeFirst();
      if (!used) return null;
      const person = await findIn(transaction, 'number', used.person_number);
      if (!person || person.state === 'suspended') return null;
      await this.#setPassword(transaction, person, passwordHash, null);
      return { ...person, hasPassword: true };
    });
  }

  async #setPassword(
    transaction: Transaction<Schema>,
    person: Person,
    passwordHash: string,
    keptSession: SessionId | null,
  ): Promise<void> {
    await transaction
      .updateTable('people')
      .set({ password_hash: passwordHash })
      .where('number', '=', person.number)
      .execute();
    await endSessions(transaction, person.number, keptSession);
    await endLinks(transaction, person.number);
    await this.#noteChange(transaction, 'person.password-set', person, null, null);
  }

  async #changeMembership(
    transaction: Transaction<Schema>,
    person: Person,
    workspaceNumber: number,
    role: WorkspaceRole | null,
  ): Promise<void> {
    const [before] = await transaction
      .deleteFrom('memberships')
      .where('person_number', '=', person.number)
      .where('workspace_number', '=', workspaceNumber)
      .returning('role')
      .execute();
    if (role !== null) {
      await transaction
        .insertInto('memberships')
        .values({ person_number: person.number, workspace_number: workspaceNumber, role })
        .execute();
    }
    const was = before?.role ?? null;
    if (was === role) return;
    await this.#note(transaction, {
      action: was === null ? 'member.added' : role === null ? 'member.removed' : 'member.changed',
      workspaceNumber,
      target: targetOf(person),
      changes: [{ field: 'role', before: was, after: role }],
    });
  }

  #noteChange(
    transaction: Transaction<Schema>,
    action: `person.${string}` & Parameters<Note>[1]['action'],
    person: Person,
    before: Facts | null,
    after: Facts | null,
  ): Promise<void> {
    return this.#note(transaction, {
      action,
      workspaceNumber: null,
      target: targetOf(person),
      changes: changesBetween(before, after),
    });
  }

  async #current(transaction: Transaction<Schema>, person: Person): Promise<Person> {
    const current = await findIn(transaction, 'number', person.number);
    if (!current) throw new Problem('not-found', `${person.email} was deleted meanwhile.`);
    return current;
  }

  #findBy(
    column: 'id' | 'number' | 'email' | 'openid_subject',
    value: string | number,
  ): Promise<Person | null> {
    return findIn(this.#database.reader, column, value);
  }

  async #read(found: readonly Stored[]): Promise<Person[]> {
    return Promise.all(
      found.map(async (person) =>
        toPerson(person, await membershipsOf(this.#database.reader, person.number)),
      ),
    );
  }
}

async function findIn(
  reader: Reader,
  column: 'id' | 'number' | 'email' | 'openid_subject',
  value: string | number,
): Promise<Person | null> {
  const found = await reader.selectFrom('people').selectAll().where(column, '=', value).executeTakeFirst();
  return found ? toPerson(found, await membershipsOf(reader, found.number)) : null;
}

async function membershipsOf(reader: Reader, personNumber: number): Promise<readonly Membership[]> {
  const found = await reader
    .selectFrom('memberships')
    .select(['workspace_number', 'role'])
    .where('person_number', '=', personNumber)
    .orderBy('workspace_number')
    .execute();
  return found.map(({ workspace_number, role }) => ({
    workspaceNumber: workspace_number,
    role: role as WorkspaceRole,
  }));
}

async function refuseTakenEmail(reader: Reader, email: string, of: number | null): Promise<void> {
  const taken = await reader
    .selectFrom('people')
    .select('number')
    .where('email', '=', email)
    .executeTakeFirst();
  if (taken && taken.number !== of) {
    throw new Problem('conflict', `There is a person with the e-mail address ${email} already.`);
  }
}

async function endSessions(
  transaction: Transaction<Schema>,
  personNumber: number,
  kept: SessionId | null,
): Promise<void> {
  let query = transaction.deleteFrom('sessions').where('person_number', '=', personNumber);
  if (kept !== null) query = query.where('id', '<>', kept);
  await query.execute();
}

async function endLinks(transaction: Transaction<Schema>, personNumber: number): Promise<void> {
  await transaction.deleteFrom('password_links').where('person_number', '=', personNumber).execute();
}

const targetOf = (person: Person) => ({ kind: 'person', id: person.id, name: person.email });

function factsOf({ email, name, operator, state }: Person): Facts {
  return { shown: { email, name, operator, state } };
}

function toPerson(found: Stored, memberships: readonly Membership[]): Person {
  return {
    id: found.id as PersonId,
    number: found.number,
    email: found.email,
    name: found.name,
    operator: found.operator === 1,
    state: found.state as Person['state'],
    memberships,
    hasPassword: found.password_hash !== null,
    createdAtMs: found.created_at,
    createdBy: found.created_by,
    lastSignInAtMs: found.last_sign_in_at,
  };
}
