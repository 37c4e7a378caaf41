import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { JSX } from 'react';
import { IconButton } from './icon-button.tsx';

/** How long the tick stays, in milliseconds. */
const TICK = 1400;

interface CopyButtonProps {
  readonly text: string;
  /** What is copied: "Copy the digest". */
  readonly label: string;
}

/** Puts a text into the clipboard and says that it did. */
export function CopyButton({ text, label }: CopyButtonProps): JSX.Element {
  const [done, setDone] = useState(false);

  useEffect(() => {
    if (!done) return undefined;
    const timer = setTimeout(() => setDone(false), TICK);
    return () => clearTimeout(timer);
  }, [done]);

  return (
    <IconButton
      size="small"
      label={done ? 'Copied' : label}
      icon={done ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}
      onClick={(event) => {
        event.stopPropagation();
        void navigator.clipboard.writeText(text).then(() => setDone(true));
      }}
    />
  );
}
