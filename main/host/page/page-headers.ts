/**
 * The Content Security Policy of the window, in both hosts. Scripts come from the window's own files only and foreign text can
 * never become markup (trusted types: the one policy that may be made, once, names the window's own workers). Style elements are allowed because dialogs and the
 * code view of the libraries in use insert them; attributes of foreign text never become style.
 *
 * @param socketOrigin - `ws://127.0.0.1:PORT` of the loopback host; browsers differ in whether 'self' covers it
 */
export function contentSecurityPolicy(socketOrigin?: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    `connect-src 'self'${socketOrigin === undefined ? '' : ` ${socketOrigin}`}`,
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types tallyman-worker',
  ].join('; ');
}

/**
 * The headers of every answer of a window's host (reliability bar, F3 and W7): nothing is sniffed, framed, embedded or
 * read by another origin, and no address leaves in a Referer.
 */
export function pageHeaders(socketOrigin?: string): Readonly<Record<string, string>> {
  return {
    'Content-Security-Policy': contentSecurityPolicy(socketOrigin),
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
    'X-Frame-Options': 'DENY',
  };
}
