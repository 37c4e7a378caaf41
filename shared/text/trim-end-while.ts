/**
 * A text without the characters at its end that fit. A search for `/x+$/` starts again at every run of x and is quadratic
 * in a hostile text; this looks at each character once.
 */
export function trimEndWhile(text: string, fits: (character: string) => boolean): string {
  let end = text.length;
  while (end > 0 && fits(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}
