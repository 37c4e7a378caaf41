import { BEARER_LIMIT, FAILED_TRIES_LIMIT, LAUNCH_SECRET_LIFE } from './limits.ts';
import { freshSecret, sameSecret } from './same-secret.ts';

/** What one exchange of a launch secret gives. */
export interface OpenedSession {
  /** Of the one tab that asked; it authorises together with the cookie. */
  readonly bearer: string;
  /** Value of the Set-Cookie header. */
  readonly cookie: string;
}

/**
 * Who may use this host (reliability bar, W4 and W5): a launch secret, good once and for a minute, is exchanged for a cookie
 * and the bearer of one tab. Browsers send the cookie to every port of 127.0.0.1, so it never authorises alone; the bearer
 * lives in the tab's session storage, which belongs to this port, so that a reload still works.
 */
export interface Session {
  /** A new launch secret; an older one stops working. */
  launch(): string;
  /** @returns undefined when the secret is wrong, used or too old. */
  exchange(secret: string): OpenedSession | undefined;
  /** True when the request carries this run's cookie. */
  hasCookie(cookieHeader: string | undefined): boolean;
  /** True when a tab of this run speaks. */
  holds(cookieHeader: string | undefined, bearer: string): boolean;
}

/**
 * @param port - names the cookie, so that hosts on other ports do not overwrite it
 * @param onExhausted - called once, when somebody has tried too many wrong secrets: the host must end
 * @param now - the clock in milliseconds; tests bring their own
 */
export function createSession(port: number, onExhausted: () => void, now: () => number = Date.now): Session {
  const cookieName = `tallyman_${port}_${freshSecret()
    .slice(0, 8)
    .replace(/[^A-Za-z0-9]/g, 'x')}`;
  const cookie = freshSecret();
  const bearers: string[] = [];
  let launch: { readonly secret: string; readonly expires: number } | undefined;
  let failures = 0;

  const fail = (): void => {
    failures += 1;
    if (failures === FAILED_TRIES_LIMIT) onExhausted();
  };

  const hasCookie = (header: string | undefined): boolean =>
    (header ?? '').split(';').some((part) => {
      const equals = part.indexOf('=');
      return part.slice(0, equals).trim() === cookieName && sameSecret(part.slice(equals + 1).trim(), cookie);
    });

  return {
    launch() {
      launch = { secret: freshSecret(), expires: now() + LAUNCH_SECRET_LIFE };
      return launch.secret;
    },
    exchange(secret) {
      const current = launch;
      if (
        failures >= FAILED_TRIES_LIMIT ||
        current === undefined ||
        current.expires <= now() ||
        !sameSecret(secret, current.secret)
      ) {
        fail();
        return undefined;
      }
      launch = undefined;
      const bearer = freshSecret();
      bearers.push(bearer);
      if (bearers.length > BEARER_LIMIT) bearers.shift();
      return { bearer, cookie: `${cookieName}=${cookie}; HttpOnly; SameSite=Strict; Path=/` };
    },
    hasCookie,
    holds(header, bearer) {
      // Every bearer is compared, so that the time does not say which one was near.
      const known = bearers.map((each) => sameSecret(bearer, each)).includes(true);
      return hasCookie(header) && known;
    },
  };
}
