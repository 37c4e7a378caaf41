/** A digest that looks real and is the same in every run: 64 hex digits drawn from a name. Nothing has this digest. */
export function fakeDigest(name: string, beginning = ''): string {
  let state = 0x811c9dc5;
  for (const character of name) state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  let hex = beginning;
  while (hex.length < 64) {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    hex += state.toString(16).padStart(8, '0');
  }
  return `sha256:${hex.slice(0, 64)}`;
}
