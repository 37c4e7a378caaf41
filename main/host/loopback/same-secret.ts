import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A fresh secret of 256 bits, in characters that fit an address, a cookie and a subprotocol name. */
export function freshSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** Compares two secrets in a time that says nothing about where they differ, nor about their lengths. */
export function sameSecret(given: string, kept: string): boolean {
  return timingSafeEqual(hash(given), hash(kept));
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
