// Character classes of the grammars of the distribution and image specifications, by UTF-16 code. The grammars are
// checked by hand-written scanners: linear by construction, which a regular expression has to be proved to be (bar, G3).

export function isAsciiDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

export function isAsciiLower(code: number): boolean {
  return code >= 0x61 && code <= 0x7a;
}

export function isAsciiUpper(code: number): boolean {
  return code >= 0x41 && code <= 0x5a;
}

export function isAsciiAlphanumeric(code: number): boolean {
  return isAsciiDigit(code) || isAsciiLower(code) || isAsciiUpper(code);
}

export function isLowerHex(code: number): boolean {
  return isAsciiDigit(code) || (code >= 0x61 && code <= 0x66);
}
