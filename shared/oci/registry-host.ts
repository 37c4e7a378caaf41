import { displayText, quoteText } from '../display/display-text.ts';
import { TallymanError } from '../errors/tallyman-error.ts';
import { isAsciiAlphanumeric, isAsciiDigit } from './ascii.ts';

/** Longest host name and longest label in it, in characters (RFC 1035, section 2.3.4). */
const HOST_LENGTH_LIMIT = 253;
const LABEL_LENGTH_LIMIT = 63;
const HIGHEST_PORT = 65_535;

/**
 * The canonical form of a registry's `host[:port]`: ASCII, lower case, IPv6 in brackets and shortest form. Registries are
 * the same exactly when these texts are equal (reliability bar, A9), so nothing that another program would map to a
 * different host gets through: no user name, no trailing dot, no percent signs, no look-alike characters, no numeric host
 * but a plain IPv4 address.
 * @throws TallymanError INVALID_REFERENCE that names the character or part that is wrong.
 */
export function parseRegistryHost(text: string): string {
  const isBracketed = text.startsWith('[');
  const end = isBracketed ? text.indexOf(']') + 1 : hostEnd(text);
  if (isBracketed && end === 0) throw refuse(text, 'its “[” is never closed');
  const host = isBracketed ? canonicalIpv6(text, end) : checkHostName(text, text.slice(0, end));
  const rest = text.slice(end);
  if (rest === '') return host;
  return `${host}:${checkPort(text, rest)}`;
}

function hostEnd(text: string): number {
  const colon = text.indexOf(':');
  return colon === -1 ? text.length : colon;
}

function checkHostName(text: string, host: string): string {
  if (host === '') throw refuse(text, 'it has no host name');
  refuseStrangeCharacter(text, host);
  if (host.length > HOST_LENGTH_LIMIT)
    throw refuse(text, `its host name is longer than ${HOST_LENGTH_LIMIT} characters`);
  if (host.endsWith('.')) throw refuse(text, 'its host name ends with a dot');
  const labels = host.split('.');
  for (const label of labels) {
    if (label === '') throw refuse(text, 'its host name has two dots in a row, or begins with one');
    if (label.length > LABEL_LENGTH_LIMIT)
      throw refuse(text, `a part of its host name is longer than ${LABEL_LENGTH_LIMIT} characters`);
    if (label.startsWith('-') || label.endsWith('-'))
      throw refuse(text, 'a part of its host name begins or ends with “-”');
  }
  if (isNumeric(labels.at(-1) ?? '') && !isIpv4(labels))
    throw refuse(text, 'its host name ends like an IP address but is none');
  const lower = host.toLowerCase();
  // Whatever else URL parsers would change or refuse, such as xn-- labels that decode to nothing.
  if (plainForm(lower) !== lower) throw refuse(text, 'its host name cannot be used in a URL');
  return lower;
}

/** Says which character is no part of a host name, and what the name would be if it were one. */
function refuseStrangeCharacter(text: string, host: string): void {
  for (const character of host) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x80 && (isAsciiAlphanumeric(code) || character === '.' || character === '-')) continue;
    const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
    if (code < 0x80) throw refuse(text, `“${displayText(character)}” (${name}) is no part of a host name`);
    throw refuse(
      text,
      `it holds “${displayText(character)}” (${name}), which is no plain letter, digit, dot or hyphen however it looks`,
      plainFormHint(host),
    );
  }
}

function plainFormHint(host: string): string {
  const plain = plainForm(host);
  return plain === undefined
    ? 'Type the name with plain letters, digits, “.” and “-”.'
    : `Written out this is ${quoteText(plain)}: if that is the registry you mean, type it like that.`;
}

function plainForm(host: string): string | undefined {
  try {
    return new URL(`https://${host}/`).hostname;
  } catch {
    return undefined;
  }
}

/** Programs read `127.1`, `0x7f000001` and `017700000001` as addresses (WHATWG URL, "ends in a number"). */
function isNumeric(label: string): boolean {
  const isHex = label.startsWith('0x') || label.startsWith('0X');
  const digits = isHex ? label.slice(2) : label;
  for (let index = 0; index < digits.length; index++) {
    const code = digits.charCodeAt(index);
    if (!isAsciiDigit(code) && !(isHex && isHexLetter(code))) return false;
  }
  return true;
}

function isHexLetter(code: number): boolean {
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66;
}

function isIpv4(labels: readonly string[]): boolean {
  return labels.length === 4 && labels.every((label) => isPlainNumber(label) && Number(label) <= 255);
}

/** Digits without a leading zero, which would mean octal to some programs. At most five: more is neither octet nor port. */
function isPlainNumber(text: string): boolean {
  if (text.length === 0 || text.length > 5 || (text.length > 1 && text.startsWith('0'))) return false;
  for (let index = 0; index < text.length; index++) if (!isAsciiDigit(text.charCodeAt(index))) return false;
  return true;
}

function canonicalIpv6(text: string, end: number): string {
  const address = text.slice(0, end);
  for (let index = 1; index < end - 1; index++) {
    const code = address.charCodeAt(index);
    const isPart = isAsciiDigit(code) || isHexLetter(code) || code === 0x3a;
    if (!isPart)
      throw refuse(text, 'the part in brackets is no IPv6 address (zones and dotted forms are not taken)');
  }
  const canonical = plainForm(address);
  if (canonical === undefined) throw refuse(text, 'the part in brackets is no IPv6 address');
  return canonical;
}

function checkPort(text: string, rest: string): string {
  const port = rest.slice(1);
  if (!rest.startsWith(':') || !isPlainNumber(port) || Number(port) < 1 || Number(port) > HIGHEST_PORT) {
    throw refuse(text, `its port is no number from 1 to ${HIGHEST_PORT}`);
  }
  return port;
}

function refuse(text: string, reason: string, hint?: string): TallymanError {
  return new TallymanError({
    code: 'INVALID_REFERENCE',
    message: `${quoteText(text)} is no registry: ${reason}.`,
    hint:
      hint ??
      'A registry is a host name or IP address with an optional port, like localhost:5000 or registry.example.com.',
  });
}
