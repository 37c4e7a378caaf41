/**
 * True for the browser's note that a ResizeObserver changed a size again while it was being told of one: the change is told with
 * the next frame, nothing is lost. It comes as an `error` event without an error (CSS, Resize Observer, "deliver resize loop error").
 */
export function isResizeNote({ error, message }: Pick<ErrorEvent, 'error' | 'message'>): boolean {
  return !(error instanceof Error) && message.startsWith('ResizeObserver loop');
}
