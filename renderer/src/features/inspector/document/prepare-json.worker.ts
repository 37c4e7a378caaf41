import { prepareJson, type DocumentForm } from './prepare-json.ts';

/** Answers a text with its prepared document. */
addEventListener('message', (event: MessageEvent<{ readonly text: string; readonly form: DocumentForm }>) => {
  postMessage(prepareJson(event.data.text, event.data.form));
});
