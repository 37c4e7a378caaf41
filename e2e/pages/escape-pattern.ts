/** A text as a regular expression that finds exactly it (`RegExp.escape` is younger than the Node of this project). */
export function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
