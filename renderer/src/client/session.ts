import { TallymanError } from '../../../shared/errors/tallyman-error.ts';

/** The parts of the page's surroundings that the exchange needs; tests give their own. */
export interface SessionSurroundings {
  /** The fragment of the address, with its `#`. */
  readonly hash: string;
  /** Takes the secret out of the address bar and the history. */
  replaceHash(hash: string): void;
  readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  readonly fetch: typeof fetch;
}

const STORAGE_KEY = 'tallyman.bearer';
const SECRET = /^#t=([A-Za-z0-9_-]{16,256})$/;

/**
 * The bearer of this tab. The address that the host printed carries a secret in its fragment, good for one exchange;
 * it is swapped for a bearer and leaves the address at once. A reload finds the bearer in the tab's own
 * session storage, which no other tab and no other port can read.
 *
 * @throws TallymanError UNAUTHORIZED when there is neither a secret nor a bearer, or the host refuses the secret.
 */
export async function openSession(surroundings: SessionSurroundings): Promise<string> {
  const secret = SECRET.exec(surroundings.hash)?.[1];
  if (secret === undefined) {
    const kept = surroundings.storage.getItem(STORAGE_KEY);
    if (kept !== null) return kept;
    throw noSession('This address does not carry the secret that opens a session.');
  }
  surroundings.replaceHash('#/');
  surroundings.storage.removeItem(STORAGE_KEY);
  const response = await surroundings
    .fetch('/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ secret }),
      credentials: 'same-origin',
    })
    .catch(() => undefined);
  if (response?.ok !== true) throw noSession('The secret of this address was used already, or is too old.');
  const { bearer } = (await response.json()) as { readonly bearer: string };
  surroundings.storage.setItem(STORAGE_KEY, bearer);
  return bearer;
}

function noSession(message: string): TallymanError {
  return new TallymanError({
    code: 'UNAUTHORIZED',
    message,
    hint: 'Open the address that “npm start” printed in the terminal; every start prints a new one.',
  });
}
