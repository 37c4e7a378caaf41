import type { Secret } from './secret.ts';

/** Secrets remembered; tokens come and go. */
const REMEMBERED_LIMIT = 64;

/** Shorter values are no secrets worth the name, and would tear ordinary words apart. */
const SHORTEST_SECRET = 4;

/**
 * Takes this registry's own secrets out of texts that came from outside: a server may repeat in its error what was
 * sent to it.
 */
export interface Redactor {
  remember(secret: Secret): void;
  clean(text: string): string;
}

/** Makes the redactor of one registry. */
export function createRedactor(): Redactor {
  const values = new Set<string>();
  return {
    remember(secret) {
      const value = secret.reveal();
      if (value.length < SHORTEST_SECRET) return;
      // As it is, and as it stands in a form or a URL.
      for (const spelling of [value, encodeURIComponent(value)]) {
        values.add(spelling);
        const [oldest] = values;
        if (values.size > REMEMBERED_LIMIT && oldest !== undefined) values.delete(oldest);
      }
    },
    clean(text) {
      let cleaned = text;
      for (const value of values) cleaned = cleaned.replaceAll(value, '⟨secret⟩');
      return cleaned;
    },
  };
}
