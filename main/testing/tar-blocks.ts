/** A header block by hand, for archives that no tool would write. */
export interface TarBlockFields {
  readonly name?: string;
  readonly type?: string;
  /** A number, or the raw text of the field. */
  readonly size?: number | string | Uint8Array;
  readonly linkName?: string;
  readonly magic?: string;
  readonly prefix?: string;
  /** False leaves the checksum wrong. */
  readonly checksum?: boolean;
  /** Bytes put in at a position last, before the checksum. */
  readonly patch?: readonly { readonly at: number; readonly bytes: Uint8Array }[];
}

/** One header of 512 bytes. */
export function tarHeader(fields: TarBlockFields = {}): Uint8Array {
  const block = Buffer.alloc(512);
  block.write(fields.name ?? 'file', 0, 100, 'utf8');
  block.write('0000644\0', 100);
  block.write('0000000\0', 108);
  block.write('0000000\0', 116);
  const size = fields.size ?? 0;
  if (typeof size === 'number') block.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  else if (typeof size === 'string') block.write(size, 124, 12, 'latin1');
  else block.set(size.subarray(0, 12), 124);
  block.write('00000000000\0', 136);
  block.write(fields.type ?? '0', 156, 1, 'latin1');
  block.write(fields.linkName ?? '', 157, 100, 'utf8');
  block.write(fields.magic ?? 'ustar\u000000', 257, 8, 'latin1');
  block.write(fields.prefix ?? '', 345, 155, 'utf8');
  for (const { at, bytes } of fields.patch ?? []) block.set(bytes, at);
  block.fill(0x20, 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0) + (fields.checksum === false ? 1 : 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

/** Header and content, padded. */
export function tarEntry(fields: TarBlockFields, content: Uint8Array | string = ''): Uint8Array {
  const bytes = Buffer.from(content as string);
  return Buffer.concat([
    tarHeader({ size: bytes.byteLength, ...fields }),
    bytes,
    Buffer.alloc((512 - (bytes.byteLength % 512)) % 512),
  ]);
}

/** A pax header (type `x`) with these records. */
export function paxEntry(records: Readonly<Record<string, string>>, type = 'x'): Uint8Array {
  return tarEntry(
    { name: 'PaxHeaders/file', type },
    Object.entries(records)
      .map(([key, value]) => paxRecord(key, value))
      .join(''),
  );
}

/** The two empty blocks that end an archive. */
export const TAR_END: Uint8Array = Buffer.alloc(1024);

function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = Buffer.byteLength(rest) + 1;
  while (String(length).length + Buffer.byteLength(rest) !== length)
    length = String(length).length + Buffer.byteLength(rest);
  return `${length}${rest}`;
}
