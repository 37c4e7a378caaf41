import { createHmac, randomBytes } from 'node:crypto';
import type { Secret } from '../registry/auth/secret.ts';

/** Known to this process only, so that an id says nothing about the secret behind it. */
const KEY = randomBytes(32);

/** An id that is the same for the same credentials and for no others; good for as long as the program runs. */
export function credentialsId(host: string, username: string, secret: Secret): string {
  const text = JSON.stringify([host, username, secret.reveal()]);
  return createHmac('sha256', KEY).update(text).digest('base64url');
}
