import { describe } from 'node:test';
import { activityContract } from './activity.ts';
import { auditContract } from './audit.ts';
import { basesContract } from './bases.ts';
import { changeSetsContract } from './change-sets.ts';
import { closingContract } from './closing.ts';
import { countsContract } from './counts.ts';
import { deliveriesContract } from './deliveries.ts';
import { deliveryListsContract } from './delivery-lists.ts';
import { eventTypesContract } from './event-types.ts';
import { interleavingsContract } from './interleavings.ts';
import { journalContract } from './journal.ts';
import { journalReadingContract } from './journal-reading.ts';
import { peopleContract } from './people.ts';
import { publicationsContract } from './publications.ts';
import { retentionContract } from './retention.ts';
import { rowQueriesContract } from './row-queries.ts';
import { rowsContract } from './rows.ts';
import { sealedSecretsContract } from './sealed-secrets.ts';
import { sessionsContract } from './sessions.ts';
import type { CreatePlace } from './store-place.ts';
import { webhooksContract } from './webhooks.ts';
import { workspacesContract } from './workspaces.ts';

/** Declares the tests that every engine must pass; `createPlace` says where the engine keeps a store. */
export function storeContract(engine: string, createPlace: CreatePlace): void {
  describe(`the store on ${engine}`, () => {
    workspacesContract(createPlace);
    peopleContract(createPlace);
    sessionsContract(createPlace);
    auditContract(createPlace);
    basesContract(createPlace);
    rowsContract(createPlace);
    rowQueriesContract(createPlace);
    changeSetsContract(createPlace);
    journalContract(createPlace);
    journalReadingContract(createPlace);
    eventTypesContract(createPlace);
    publicationsContract(createPlace);
    activityContract(createPlace);
    webhooksContract(createPlace);
    sealedSecretsContract(createPlace);
    deliveriesContract(createPlace);
    deliveryListsContract(createPlace);
    retentionContract(createPlace);
    closingContract(createPlace);
    countsContract(createPlace);
    interleavingsContract(createPlace);
  });
}
