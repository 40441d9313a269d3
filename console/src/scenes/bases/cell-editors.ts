import type { EditorBase, EditorCtr, HyperFunc, VNode } from '@revolist/react-datagrid';
import type { Column } from '../../api/types.ts';
import { cellText } from './cells.ts';

type Save = (value: unknown, preventFocus?: boolean) => void;
type Close = (focusNext?: boolean) => void;
type Draw = (h: HyperFunc<VNode>, value: unknown, hands: Hands) => VNode;

/** What an editor's fields call. */
interface Hands {
  readonly save: Save;
  readonly close: Close;
  /** The element that gets the focus. */
  readonly focus: (element: HTMLElement) => void;
  /** Keeps keys from the grid; Enter saves what `value` reads, Escape gives up. */
  readonly keys: (value: () => unknown) => (event: KeyboardEvent) => void;
}

/** An editor as the grid wants it, out of what it shows. */
function editor(column: Column, draw: Draw): EditorCtr {
  return class {
    element: HTMLElement | null = null;
    editCell: EditorBase['editCell'];
    readonly #save: Save;
    readonly #close: Close;

    constructor(_column: unknown, save: Save, close: Close) {
      this.#save = save;
      this.#close = close;
    }

    componentDidRender(): void {
      this.element?.focus();
    }

    render(h: HyperFunc<VNode>): VNode {
      return draw(h, this.editCell?.model?.[column.key], {
        save: this.#save,
        close: this.#close,
        focus: (element) => {
          this.element = element;
        },
        keys: (value) => (event) => {
          event.stopPropagation();
          if (event.key === 'Escape') this.#close();
          if (event.key !== 'Enter' || event.shiftKey) return;
          event.preventDefault();
          this.#save(value());
        },
      });
    }
  } as unknown as EditorCtr;
}

/** A native list of the options. */
function singleSelect(column: Column): EditorCtr {
  return editor(column, (h, value, { save, focus, keys }) => {
    const current = cellText(column.type, value);
    const names = ['', ...(column.data.options ?? []).map(({ name }) => name)];
    let chosen = current;
    return h(
      'select',
      {
        class: 'cell-editor',
        'aria-label': column.name,
        ref: focus,
        onChange: (event: Event) => save((event.target as HTMLSelectElement).value),
        onInput: (event: Event) => {
          chosen = (event.target as HTMLSelectElement).value;
        },
        onKeyDown: keys(() => chosen),
      },
      names.map((name) => h('option', { value: name, selected: name === current }, name)),
    );
  });
}

/** The options with a box each. */
function multipleSelect(column: Column): EditorCtr {
  return editor(column, (h, value, { focus, keys }) => {
    const chosen = new Set(Array.isArray(value) ? value.map(String) : []);
    const names = (column.data.options ?? []).map(({ name }) => name);
    return h(
      'fieldset',
      {
        class: 'cell-editor cell-options',
        'aria-label': column.name,
        onKeyDown: keys(() => names.filter((name) => chosen.has(name))),
      },
      names.map((name, place) =>
        h('label', {}, [
          h('input', {
            type: 'checkbox',
            checked: chosen.has(name),
            ref: (element: HTMLElement) => {
              if (place === 0) focus(element);
            },
            onChange: (event: Event) => {
              if ((event.target as HTMLInputElement).checked) chosen.add(name);
              else chosen.delete(name);
            },
          }),
          h('span', {}, name),
        ]),
      ),
    );
  });
}

/** The browser's own field for a day, or for a moment, which is shown in local time and kept in UTC. */
function date(column: Column): EditorCtr {
  const hasTime = column.data.time === true;
  return editor(column, (h, value, { focus, keys }) => {
    const text = cellText(column.type, value);
    let typed = hasTime ? localMoment(text) : text;
    return h('input', {
      class: 'cell-editor',
      type: hasTime ? 'datetime-local' : 'date',
      'aria-label': column.name,
      value: typed,
      ref: focus,
      onInput: (event: Event) => {
        typed = (event.target as HTMLInputElement).value;
      },
      onKeyDown: keys(() => (hasTime && typed !== '' ? new Date(typed).toISOString() : typed)),
    });
  });
}

function localMoment(iso: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return '';
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** Several lines: Shift and Enter begin a new one. */
function longText(column: Column): EditorCtr {
  return editor(column, (h, value, { focus, keys }) => {
    let typed = cellText(column.type, value);
    return h('textarea', {
      class: 'cell-editor cell-prose',
      'aria-label': column.name,
      value: typed,
      ref: focus,
      onInput: (event: Event) => {
        typed = (event.target as HTMLTextAreaElement).value;
      },
      onKeyDown: keys(() => typed),
    });
  });
}

/** The editor of a column; undefined: the grid's own field for a line of text. */
export function editorOf(column: Column): EditorCtr | undefined {
  switch (column.type) {
    case 'single-select':
      return singleSelect(column);
    case 'multiple-select':
      return multipleSelect(column);
    case 'date':
      return date(column);
    case 'long-text':
      return longText(column);
    default:
      return undefined;
  }
}
