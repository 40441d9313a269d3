import { createLink } from '@tanstack/react-router';
import type { AnchorHTMLAttributes, ReactNode, Ref } from 'react';

type AnchorProps = AnchorHTMLAttributes<HTMLAnchorElement> & { readonly ref?: Ref<HTMLAnchorElement> };

interface LinkToProps extends AnchorProps {
  readonly to: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly search?: Readonly<Record<string, unknown>>;
  readonly activeOptions?: { readonly exact: boolean };
}

function PlainAnchor({ ref, ...others }: AnchorProps) {
  return <a ref={ref} {...others} />;
}

/**
 * A link to a page of the console, to be given to components that take another element as their root. Such
 * components do not pass generic types on, so its addresses are plain texts.
 */
export const LinkTo = createLink(PlainAnchor) as unknown as (props: LinkToProps) => ReactNode;
