import type { Clock } from '../model/clock.ts';
import { newPortalLinkId, type PortalLinkId } from '../model/ids.ts';
import type { PortalLink } from '../model/portal-link.ts';
import { Problem } from '../model/problem.ts';
import { hashSecretToken, newSecretToken } from '../model/secret-token.ts';
import type { PortalLinkStore } from '../store/port.ts';
import type { OpenedSession, Sessions, Whereabouts } from './sessions.ts';

/** Of one workspace, ended ones included until they are cleared away. */
const mostLinks = 10_000;

export interface PortalLinkInput {
  readonly workspaceNumber: number;
  readonly name: string;
  readonly eventTypes: readonly string[] | null;
  readonly lastsMs: number;
  readonly createdBy: string;
}

/** Links that let a customer into the portal of their workspace, and into nothing else. */
export class Portal {
  readonly #store: PortalLinkStore;
  readonly #clock: Clock;
  readonly #sessions: Sessions;

  constructor(store: PortalLinkStore, clock: Clock, sessions: Sessions) {
    this.#store = store;
    this.#clock = clock;
    this.#sessions = sessions;
  }

  /** The secret is never shown again. */
  async createLink(input: PortalLinkInput): Promise<{ link: PortalLink; secret: string }> {
    const { lastsMs, ...link } = input;
    if ((await this.#store.list(input.workspaceNumber)).length >= mostLinks) {
      throw new Problem('conflict', `A workspace may have ${mostLinks} portal links; delete some.`);
    }
    const secret = newSecretToken('rowhook_link_');
    const expiresAtMs = this.#clock.nowMs() + lastsMs;
    const created = await this.#store.create(
      { ...link, id: newPortalLinkId(), expiresAtMs },
      hashSecretToken(secret),
    );
    return { link: created, secret };
  }

  listLinks(workspaceNumber: number): Promise<readonly PortalLink[]> {
    return this.#store.list(workspaceNumber);
  }

  /** The sessions that it opened end at once. Throws a Problem when the workspace has no such link. */
  async deleteLink(workspaceNumber: number, id: string): Promise<void> {
    const link = await this.#store.find(id as PortalLinkId);
    if (link?.workspaceNumber !== workspaceNumber)
      throw new Problem('not-found', `There is no portal link "${id}".`);
    await this.#store.delete(link);
    this.#sessions.forget((signedIn) => signedIn.kind === 'portal' && signedIn.link.id === link.id);
  }

  /** The link of a secret. Throws a Problem when its time is up. */
  async findLink(secret: string): Promise<PortalLink> {
    const link = await this.#store.findBySecret(hashSecretToken(secret));
    if (!link || link.expiresAtMs <= this.#clock.nowMs()) {
      throw new Problem('gone', 'This link has ended. Ask whoever gave it to you for another one.');
    }
    return link;
  }

  /** Opens a session that ends with the link. */
  async open(link: PortalLink, from: Whereabouts): Promise<OpenedSession> {
    const opened = await this.#sessions.open({ kind: 'portal', linkId: link.id }, from, link.expiresAtMs);
    await this.#store.noteOpening(link, this.#clock.nowMs());
    return opened;
  }
}
