/** Every element of the page has this size: large enough that lists and pictures show something. */
const WIDTH = 900;
const HEIGHT = 700;

/** Tells every element once that it has its size; sizes never change here. */
class OneSizeObserver implements ResizeObserver {
  readonly #tell: ResizeObserverCallback;

  constructor(tell: ResizeObserverCallback) {
    this.#tell = tell;
  }

  observe(target: Element): void {
    const box = [{ inlineSize: WIDTH, blockSize: HEIGHT }];
    const contentRect = target.getBoundingClientRect();
    const entry = {
      target,
      contentRect,
      borderBoxSize: box,
      contentBoxSize: box,
      devicePixelContentBoxSize: box,
    };
    queueMicrotask(() => this.#tell([entry], this));
  }

  unobserve(): void {
    this.disconnect();
  }

  disconnect(): void {
    // Nothing is ever told a second time.
  }
}

/**
 * Gives jsdom, which lays nothing out, sizes and the interfaces that ask for them. For tests of what is only drawn when it
 * has room: virtual lists and the picture of a graph. Call it once at the top of a test file.
 */
export function layOutPage(): void {
  const sizes = { clientWidth: WIDTH, clientHeight: HEIGHT, offsetWidth: WIDTH, offsetHeight: HEIGHT };
  for (const [name, value] of Object.entries(sizes)) {
    Object.defineProperty(HTMLElement.prototype, name, { configurable: true, get: () => value });
  }
  Object.assign(globalThis, {
    ResizeObserver: OneSizeObserver,
    // Nothing is scaled.
    DOMMatrixReadOnly: class {
      readonly m22 = 1;
    },
    // A wide window in which nothing glides: what is asked for is there at once.
    matchMedia: (media: string) => ({
      media,
      matches: media.includes('prefers-reduced-motion') || media.includes('min-width'),
      addEventListener: () => undefined,
      removeEventListener: () => undefined,
    }),
  });
  Element.prototype.scrollTo = () => undefined;
  Element.prototype.scrollIntoView = () => undefined;
}
