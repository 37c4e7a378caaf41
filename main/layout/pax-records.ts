/**
 * The records of a pax extended header: `LENGTH KEY=VALUE\n`, the length in decimal and of the whole record.
 * @returns undefined when a record does not hold together. An empty value deletes what an earlier record said.
 */
export function parsePaxRecords(bytes: Uint8Array): ReadonlyMap<string, string> | undefined {
  const records = new Map<string, string>();
  const decoder = new TextDecoder();
  let position = 0;
  while (position < bytes.byteLength) {
    if (bytes[position] === 0) return records; // padding that some writers count in
    const space = bytes.indexOf(0x20, position);
    if (space < 0 || space === position || space - position > 8) return undefined;
    const digits = decoder.decode(bytes.subarray(position, space));
    if (!/^[0-9]+$/.test(digits)) return undefined;
    const end = position + Number.parseInt(digits, 10);
    if (end <= space + 2 || end > bytes.byteLength || bytes[end - 1] !== 0x0a) return undefined;
    const equals = bytes.indexOf(0x3d, space + 1);
    if (equals < 0 || equals >= end) return undefined;
    const key = decoder.decode(bytes.subarray(space + 1, equals));
    const value = decoder.decode(bytes.subarray(equals + 1, end - 1));
    if (value === '') records.delete(key);
    else records.set(key, value);
    position = end;
  }
  return records;
}
