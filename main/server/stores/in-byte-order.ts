/** Names in the order of their bytes ("ASCIIbetical", distribution-spec, Listing Tags). They are ASCII, so that is the order of `<`. */
export function inByteOrder(names: Iterable<string>): readonly string[] {
  return [...names].sort((left, right) => (left < right ? -1 : left > right ? 1 : 0));
}
