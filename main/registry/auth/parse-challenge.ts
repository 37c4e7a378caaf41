/** Longest `WWW-Authenticate` line that is read, in characters, and most parameters of one challenge. */
const CHALLENGE_LENGTH_LIMIT = 16 * 1024;
const PARAMETER_LIMIT = 32;

/** One way of logging in that a server offers (RFC 9110, 11.3). */
export interface Challenge {
  /** Lower case: `bearer`, `basic`, `negotiate`. */
  readonly scheme: string;
  /** Lower-case names; of a repeated one the first value. */
  readonly parameters: ReadonlyMap<string, string>;
}

/**
 * Every challenge in the `WWW-Authenticate` lines of an answer: several lines, several challenges in one line, quoted
 * strings with escapes, schemes alone or with a token68 (quirk A1). What does not fit the grammar ends that line; the
 * challenges before it stay.
 */
export function parseChallenges(lines: readonly string[]): readonly Challenge[] {
  return lines.filter((line) => line.length <= CHALLENGE_LENGTH_LIMIT).flatMap((line) => parseLine(line));
}

function parseLine(line: string): readonly Challenge[] {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  const scanner = new Scanner(line);
  for (;;) {
    scanner.skip(' \t,');
    if (scanner.atEnd) return challenges;
    const word = scanner.token();
    if (word === '') return challenges;
    scanner.skip(' \t');
    if (!scanner.take('=')) {
      // A word without "=" begins the next challenge.
      challenges.push({ scheme: word.toLowerCase(), parameters: new Map() });
      scanner.skipToken68();
      continue;
    }
    scanner.skip(' \t');
    const value = scanner.value();
    const current = challenges.at(-1);
    if (value === undefined || current === undefined) return challenges;
    const name = word.toLowerCase();
    if (!current.parameters.has(name) && current.parameters.size < PARAMETER_LIMIT)
      current.parameters.set(name, value);
  }
}

const TOKEN_CHARACTER = /[!#$%&'*+\-.^_`|~0-9A-Za-z]/;

/** Reads a header from left to right; every character is looked at a bounded number of times. */
class Scanner {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#position >= this.#text.length;
  }

  skip(characters: string): void {
    while (!this.atEnd && characters.includes(this.#text.charAt(this.#position))) this.#position += 1;
  }

  take(character: string): boolean {
    if (this.#text.charAt(this.#position) !== character) return false;
    this.#position += 1;
    return true;
  }

  token(): string {
    const start = this.#position;
    while (!this.atEnd && TOKEN_CHARACTER.test(this.#text.charAt(this.#position))) this.#position += 1;
    return this.#text.slice(start, this.#position);
  }

  /** A token or quoted string after "="; undefined where neither is. */
  value(): string | undefined {
    if (this.#text.charAt(this.#position) === '"') return this.#quoted();
    // Some servers leave quotes off values with "/" and ":" in them; such a value ends at the next comma or space.
    const start = this.#position;
    while (!this.atEnd && !' \t,"'.includes(this.#text.charAt(this.#position))) this.#position += 1;
    return this.#position === start ? undefined : this.#text.slice(start, this.#position);
  }

  #quoted(): string | undefined {
    let value = '';
    for (let index = this.#position + 1; index < this.#text.length; index += 1) {
      const character = this.#text.charAt(index);
      if (character === '"') {
        this.#position = index + 1;
        return value;
      }
      if (character === '\\') index += 1;
      value += this.#text.charAt(index);
    }
    return undefined;
  }

  /**
   * Passes over credentials of the form that has no name (`Negotiate dG9rZW4=`). A word is such a token68 only when a
   * comma or the end follows it: in `Negotiate, Basic realm="x"` and `Bearer realm="x"` nothing is passed over.
   */
  skipToken68(): void {
    const start = this.#position;
    while (!this.atEnd && /[A-Za-z0-9\-._~+/]/.test(this.#text.charAt(this.#position))) this.#position += 1;
    while (this.#text.charAt(this.#position) === '=') this.#position += 1;
    const end = this.#position;
    this.skip(' \t');
    if (end === start || (!this.atEnd && this.#text.charAt(this.#position) !== ',')) this.#position = start;
  }
}
