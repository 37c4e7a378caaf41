import type { JSX } from 'react';
import { displayText } from '../../../shared/display/display-text.ts';
import { shortDigest } from '../../../shared/oci/digest.ts';
import { CopyButton } from './copy-button.tsx';
import styles from './digest.module.css';

interface DigestProps {
  readonly digest: string;
  /** Whole, for the inspector; otherwise its first twelve digits. */
  readonly whole?: boolean;
  /** Goes there; without it the digest is plain text. */
  readonly onOpen?: (() => void) | undefined;
  readonly copy?: boolean;
}

/** A digest in monospace. The whole one is in its tooltip when it is cut. */
export function Digest({ digest, whole = false, onOpen, copy = false }: DigestProps): JSX.Element {
  const all = displayText(digest);
  const text = whole ? all : displayText(shortDigest(digest));
  return (
    <span className={styles['digest']} data-whole={whole}>
      {onOpen === undefined ? (
        <bdi title={whole ? undefined : all}>{text}</bdi>
      ) : (
        <button type="button" className={styles['link']} title={whole ? undefined : all} onClick={onOpen}>
          <bdi>{text}</bdi>
        </button>
      )}
      {copy && <CopyButton text={digest} label="Copy the digest" />}
    </span>
  );
}
