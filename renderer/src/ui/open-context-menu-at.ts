/**
 * Opens the context menu of an element at its lower left, as the menu key asks for it. False when there is no such
 * element on screen.
 */
export function openContextMenuAt(element: HTMLElement | null): boolean {
  if (element === null) return false;
  const box = element.getBoundingClientRect();
  element.dispatchEvent(
    new MouseEvent('contextmenu', {
      bubbles: true,
      cancelable: true,
      clientX: box.left + 24,
      clientY: box.bottom - 4,
    }),
  );
  return true;
}
