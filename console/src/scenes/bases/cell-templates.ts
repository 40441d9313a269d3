import type { CellTemplateProp, HyperFunc, VNode } from '@revolist/react-datagrid';
import type { Column } from '../../api/types.ts';
import type { Format } from '../../i18n/format.ts';
import { cellText, type GridRow } from './cells.ts';

export type Template = (h: HyperFunc<VNode>, props: CellTemplateProp) => VNode | string;

/** What templates need of the page. */
export interface TemplateContext {
  readonly format: Format;
  /** What a link out of a cell is called. */
  readonly openLink: string;
  readonly onToggle: (row: GridRow, key: string, checked: boolean) => void;
}

/** Up to here empty stars are shown, too. */
const usualRating = 5;

/** Colours of a select option, where it has some. */
function optionStyle(column: Column, name: string): Record<string, string> {
  const option = column.data.options?.find((candidate) => candidate.name === name);
  return {
    ...(option?.color ? { background: option.color } : {}),
    ...(option?.textColor ? { color: option.textColor } : {}),
  };
}

function checkbox(column: Column, { onToggle }: TemplateContext): Template {
  return (h, { model }) => {
    const row = model as GridRow;
    return h('input', {
      type: 'checkbox',
      checked: row[column.key] === true,
      tabindex: -1,
      'aria-label': `${column.name}, ${row.$number}`,
      onChange: (event: Event) => onToggle(row, column.key, (event.target as HTMLInputElement).checked),
    });
  };
}

/** Items side by side: options in their colours, people, files, pictures, linked rows. */
function chips(column: Column): Template {
  return (h, { model }) => {
    const value = (model as GridRow)[column.key];
    const items = Array.isArray(value) ? value : value === null || value === undefined ? [] : [value];
    return h(
      'span',
      {},
      items.map((item: unknown) => {
        const name = itemName(column, item);
        return h('span', { class: 'option', style: optionStyle(column, name), title: itemTitle(item) }, name);
      }),
    );
  };
}

function itemName(column: Column, item: unknown): string {
  if (column.type === 'file') return String((item as { name?: unknown }).name ?? '');
  if (column.type === 'image') return lastPart(String(item));
  return String(item);
}

function itemTitle(item: unknown): string {
  return typeof item === 'object' && item !== null && 'url' in item ? String(item.url) : String(item);
}

function lastPart(url: string): string {
  return url.split('/').findLast((part) => part !== '') ?? url;
}

function stars(column: Column): Template {
  return (h, { model }) => {
    const value = Number((model as GridRow)[column.key] ?? 0);
    if (value === 0) return '';
    return h(
      'span',
      { role: 'img', 'aria-label': String(value), class: 'stars' },
      '★'.repeat(value) + '☆'.repeat(Math.max(0, usualRating - value)),
    );
  };
}

function linked(column: Column, { openLink }: TemplateContext): Template {
  return (h, { model }) => {
    const text = cellText(column.type, (model as GridRow)[column.key]);
    if (text === '') return '';
    const href = column.type === 'email' ? `mailto:${text}` : text;
    return h('span', { class: 'linked' }, [
      h('span', {}, text),
      h(
        'a',
        {
          href,
          target: '_blank',
          rel: 'noopener noreferrer',
          tabindex: -1,
          title: openLink,
          'aria-label': `${openLink}: ${text}`,
          onMouseDown: (event: Event) => event.stopPropagation(),
        },
        '↗',
      ),
    ]);
  };
}

/** How the cells of a column are shown. */
export function templateOf(column: Column, context: TemplateContext): Template {
  const plain = (show: (value: unknown) => string): Template => {
    return (_h, { model }) => show((model as GridRow)[column.key]);
  };
  switch (column.type) {
    case 'checkbox':
      return checkbox(column, context);
    case 'single-select':
    case 'multiple-select':
    case 'collaborator':
    case 'file':
    case 'image':
    case 'link':
      return chips(column);
    case 'rating':
      return stars(column);
    case 'url':
    case 'email':
      return linked(column, context);
    case 'number':
      return plain((value) => (typeof value === 'number' ? context.format.exactNumber(value) : ''));
    case 'created':
    case 'modified':
      return plain((value) => (typeof value === 'string' ? context.format.dateTime(value) : ''));
    case 'date':
      return plain((value) =>
        typeof value !== 'string'
          ? ''
          : column.data.time
            ? context.format.dateTime(value)
            : context.format.day(value),
      );
    default:
      return plain((value) => cellText(column.type, value));
  }
}
