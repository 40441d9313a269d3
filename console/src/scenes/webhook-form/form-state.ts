import type { UseFormReturnType } from '@mantine/form';
import type { FormValues } from './values.ts';

export type WebhookFormState = UseFormReturnType<FormValues>;
