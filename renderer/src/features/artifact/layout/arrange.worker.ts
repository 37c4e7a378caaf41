import { arrange } from './arrange.ts';
import type { ArrangeInput } from './arrangement.ts';

/** Answers each question with the picture of it, in order. */
addEventListener('message', (event: MessageEvent<ArrangeInput>) => {
  postMessage(arrange(event.data));
});
