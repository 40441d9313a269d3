import type { Locator, Page } from 'playwright-core';

/** The grid of rows on a page, used as a person does: by the names of its columns. */
export interface Grid {
  /** A cell, by the place of its row from the top, and the name of its column. */
  cell(row: number, column: string): Locator;
  /** The header of the n-th column. */
  header(place: number): Locator;
  /** Stands on a cell. */
  focus(row: number, column: string): Promise<void>;
  /** Opens the editor of a cell. */
  edit(row: number, column: string): Promise<void>;
  /** Types over a cell, and saves it. */
  type(row: number, column: string, text: string): Promise<void>;
}

const columnsOf = 'revogr-viewport-scroll.rgCol';

export function gridOf(page: Page): Grid {
  const cell = (row: number, column: string): Locator =>
    page.locator(`${columnsOf} .rgCell[data-rgrow="${row}"]`).and(
      // The place of a column is that of its header.
      page.locator(
        `xpath=//*[@data-rgcol = //*[contains(@class, "rgHeaderCell")][normalize-space() = "${column}"]/@data-rgcol]`,
      ),
    );
  const focus = async (row: number, column: string): Promise<void> => {
    const wanted = cell(row, column);
    await wanted.scrollIntoViewIfNeeded();
    const place = await wanted.getAttribute('data-rgcol');
    await wanted.click({ position: { x: 4, y: 4 } });
    // Keys that come before the grid itself has its focus are lost.
    await page.waitForFunction(
      `document.querySelector('revo-grid').getFocused().then((focused) => focused?.cell.y === ${row} && focused.cell.x === ${place})`,
    );
  };
  return {
    cell,
    header: (place) => page.locator(`${columnsOf} .rgHeaderCell[data-rgcol="${place}"]`),
    focus,
    edit: async (row, column) => {
      await focus(row, column);
      await page.keyboard.press('Enter');
      await page.locator('.edit-input-wrapper').waitFor();
    },
    type: async (row, column, text) => {
      await focus(row, column);
      await page.keyboard.press('Enter');
      await page.locator('.edit-input-wrapper input').fill(text);
      await page.keyboard.press('Enter');
      await page.locator('.edit-input-wrapper').waitFor({ state: 'detached' });
    },
  };
}
