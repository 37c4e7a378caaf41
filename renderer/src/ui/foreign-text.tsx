import type { JSX } from 'react';
import { displayText } from '../../../shared/display/display-text.ts';

interface ForeignTextProps {
  readonly text: string;
  readonly className?: string | undefined;
  /** Shows the whole text as a tooltip as well: for text that may be cut off. */
  readonly titled?: boolean;
}

/**
 * Text that comes from a registry, a layout or a document. Control and direction characters are made visible, and
 * the text cannot turn the direction of what stands around it.
 */
export function ForeignText({ text, className, titled = false }: ForeignTextProps): JSX.Element {
  const shown = displayText(text);
  return (
    <bdi className={className} title={titled ? shown : undefined}>
      {shown}
    </bdi>
  );
}
