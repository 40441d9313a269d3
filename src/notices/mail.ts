import type { Collection, Entry } from './collection.ts';
import { type NoticeKind, nameCharacters, noticeKinds, plainText, quantity } from './notice.ts';

/** A mail, without sender and recipients. */
export interface Mail {
  readonly subject: string;
  readonly text: string;
}

/** What a mail says besides the notices. */
export interface MailContext {
  /** Without a slash at the end. */
  readonly publicUrl: string;
  /** By number; told only when there is more than one. */
  readonly workspaceNames: ReadonlyMap<number, string>;
}

const headings: Readonly<Record<NoticeKind, string>> = {
  disabled: 'DISABLED. Nothing is sent until someone enables them; their events are held.',
  recovered: 'RECOVERED. They had been failing and take deliveries again.',
  backlog: 'FAR BEHIND. More events wait for them than the bound.',
  certificate:
    'CLIENT CERTIFICATES THAT EXPIRE. Their consumers will refuse requests until someone renews them.',
  exhausted: 'DELIVERIES EXHAUSTED. Their attempts are used up; they can be sent again from the console.',
};

const footer = [
  'These mails are a courtesy, and may be late or get lost. To be told reliably, subscribe a webhook to',
  'webhook.disabled, webhook.recovered, webhook.backlog, webhook.certificateExpiring and delivery.exhausted.',
].join('\n');

/** One readable mail of all that was collected. Pure. */
export function mailOf(collection: Collection, context: MailContext): Mail {
  const sections = noticeKinds.flatMap((kind) => {
    const entries = collection.entries.filter((entry) => entry.kind === kind);
    return entries.length === 0
      ? []
      : [[headings[kind], ...entries.map((one) => lines(one, context))].join('\n\n')];
  });
  const left =
    collection.left === 0 ? [] : [`${quantity(collection.left, 'more notice')} did not fit into this mail.`];
  return {
    subject: `[Rowhook] ${subjectOf(collection.entries)}`,
    text: `${[...sections, ...left, `-- \n${footer}`].join('\n\n')}\n`,
  };
}

function lines(entry: Entry, { publicUrl, workspaceNames }: MailContext): string {
  const { webhook, detail } = entry;
  const workspace = workspaceNames.size > 1 ? workspaceNames.get(webhook.workspaceNumber) : undefined;
  return [
    `  ${webhook.name}${webhook.host === '' ? '' : ` (${webhook.host})`}`,
    ...(workspace === undefined ? [] : [`    Workspace ${plainText(workspace, nameCharacters)}`]),
    `    ${happened(entry)}`,
    ...(detail === '' ? [] : [`    ${detail}`]),
    `    ${publicUrl}/webhooks/${webhook.id}`,
  ].join('\n');
}

/** How often, and when. */
function happened({ kind, count, firstAtMs, lastAtMs }: Entry): string {
  const period =
    count === 1 ? `at ${clockTime(lastAtMs)}` : `from ${clockTime(firstAtMs)} to ${clockTime(lastAtMs)}`;
  return `${kind === 'exhausted' ? deliveries(count) : quantity(count, 'time')}, ${period}`;
}

function clockTime(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

function subjectOf(entries: readonly Entry[]): string {
  const [first] = entries;
  if (first !== undefined && entries.length === 1) return subjectOfOne(first);
  return noticeKinds
    .flatMap((kind) => {
      const ofKind = entries.filter((entry) => entry.kind === kind);
      const total = ofKind.reduce((sum, entry) => sum + entry.count, 0);
      return ofKind.length === 0 ? [] : [summary(kind, ofKind.length, total)];
    })
    .join(', ');
}

function subjectOfOne({ kind, webhook, count }: Entry): string {
  switch (kind) {
    case 'disabled':
      return `Webhook "${webhook.name}" was disabled`;
    case 'recovered':
      return `Webhook "${webhook.name}" recovered`;
    case 'backlog':
      return `Webhook "${webhook.name}" is far behind`;
    case 'certificate':
      return `The client certificate of webhook "${webhook.name}" expires`;
    case 'exhausted':
      return `${deliveries(count)} of webhook "${webhook.name}" exhausted`;
  }
}

function summary(kind: NoticeKind, webhooks: number, total: number): string {
  switch (kind) {
    case 'disabled':
      return `${quantity(webhooks, 'webhook')} disabled`;
    case 'recovered':
      return `${quantity(webhooks, 'webhook')} recovered`;
    case 'backlog':
      return `${quantity(webhooks, 'webhook')} far behind`;
    case 'certificate':
      return `${quantity(webhooks, 'client certificate')} expiring`;
    case 'exhausted':
      return `${deliveries(total)} exhausted`;
  }
}

function deliveries(number: number): string {
  return number === 1 ? '1 delivery' : `${number.toLocaleString('en-US')} deliveries`;
}
