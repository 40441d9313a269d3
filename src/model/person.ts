import type { PersonId } from './ids.ts';
import type { WorkspaceRole } from './role.ts';

/** What a person may do in one workspace. */
export interface Membership {
  readonly workspaceNumber: number;
  readonly role: WorkspaceRole;
}

/** Someone who signs in to the console. */
export interface Person {
  readonly id: PersonId;
  /** Small number that stands for the person inside the store. */
  readonly number: number;
  /** In lower case; unique. */
  readonly email: string;
  readonly name: string;
  /** May do everything, in every workspace. */
  readonly operator: boolean;
  /** A suspended person cannot sign in, and has no sessions. */
  readonly state: 'active' | 'suspended';
  readonly memberships: readonly Membership[];
  /** Whether they can sign in with a password of Rowhook's own. */
  readonly hasPassword: boolean;
  readonly createdAtMs: number;
  /** Name of who made the account. */
  readonly createdBy: string;
  readonly lastSignInAtMs: number | null;
}

/** A person as they are handed to the store, which adds the rest. */
export type NewPerson = Pick<Person, 'id' | 'email' | 'name' | 'operator' | 'memberships' | 'createdBy'> & {
  /** Who they are at the OpenID provider: its issuer, a space, and their subject there. */
  readonly openIdSubject: string | null;
};

/** What can be changed of a person; their password and memberships have ways of their own. */
export type PersonChanges = Partial<Pick<Person, 'email' | 'name' | 'operator' | 'state'>>;

/** A secret link with which a person sets their password, once. */
export interface PasswordLink {
  readonly personNumber: number;
  /** `invitation`: the first password; `reset`: another one. */
  readonly purpose: 'invitation' | 'reset';
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}
