import type { NewWebhook } from '../../api/types.ts';
import { fieldErrors } from '../../shared/field-errors.ts';
import { faultsOf } from './faults.ts';
import { type FormValues, newSettings, type Presets } from './values.ts';

/** Stands in where a preview does not depend on it and it need not be typed yet. */
const placeholder = { name: 'Preview', url: 'https://example.com/' };
const rowTypes = ['row.inserted', 'row.updated', 'row.deleted'];

/** What to ask a preview of; null while something that it depends on cannot be read. */
export function previewSettings(presets: Presets, values: FormValues): NewWebhook | null {
  const { name, url, ...others } = faultsOf(values);
  if (Object.keys(others).length > 0) return null;
  return { ...newSettings(presets, values), ...placeholder };
}

/** Types of event with an example that a webhook with these patterns receives. */
export function exampleTypes(
  patterns: readonly string[],
  known: readonly string[] = rowTypes,
): readonly string[] {
  const fits = (type: string): boolean =>
    patterns.some((pattern) =>
      pattern === '*'
        ? true
        : pattern.endsWith('.*')
          ? type.startsWith(pattern.slice(0, -1))
          : pattern === type,
    );
  const exact = patterns.filter((pattern) => !pattern.includes('*'));
  return [...new Set([...exact, ...known.filter(fits)])];
}

/** Errors name the webhook inside the body: `/webhook/url` is the field `url`. */
export function formErrors(error: unknown): Record<string, string> {
  const errors = Object.entries(fieldErrors(error));
  return Object.fromEntries(errors.map(([path, detail]) => [path.replace(/^webhook\./, ''), detail]));
}
