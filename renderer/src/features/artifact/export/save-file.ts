import { trimEndWhile } from '../../../../../shared/text/trim-end-while.ts';

/** How long the address of a saved file is kept for the browser to read it, in milliseconds. */
const KEEP_ADDRESS = 60_000;

/** Hands a file to the browser's or the shell's own "save". */
export function saveFile(fileName: string, content: Blob): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = address;
  link.download = fileName;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), KEEP_ADDRESS);
}

/** A name for a file made from a foreign name: letters, digits, dot, dash; never empty, never with a path in it. */
export function fileNameOf(name: string, extension: string): string {
  const dashed = name.replace(/[^\p{L}\p{N}.-]+/gu, '-').replace(/^[.-]+/, '');
  const plain = trimEndWhile(dashed, (character) => character === '.' || character === '-').slice(0, 120);
  return `${plain === '' ? 'graph' : plain}.${extension}`;
}
