import { useEffect, useMemo, useState } from 'react';
import { startWorker } from '../../../workers/start-worker.ts';
import { prepareJson, type DocumentForm, type PreparedDocument } from './prepare-json.ts';
import workerAddress from './prepare-json.worker.ts?worker&url';

/** Longer texts are read by a worker, in characters: the window's own thread would drop frames. */
const IN_PLACE_LIMIT = 64 * 1024;

interface Prepared {
  readonly received: string;
  readonly form: DocumentForm;
  readonly document: PreparedDocument;
}

/** A document ready to be shown; undefined while a large one is being prepared. */
export function usePreparedJson(received: string, form: DocumentForm): PreparedDocument | undefined {
  const isLarge = received.length > IN_PLACE_LIMIT && typeof Worker !== 'undefined';
  const inPlace = useMemo(
    () => (isLarge ? undefined : prepareJson(received, form)),
    [isLarge, received, form],
  );
  const [prepared, setPrepared] = useState<Prepared>();

  useEffect(() => {
    if (!isLarge) return undefined;
    const worker = startWorker(workerAddress);
    worker.addEventListener('message', (event: MessageEvent<PreparedDocument>) => {
      setPrepared({ received, form, document: event.data });
    });
    worker.addEventListener('error', (event) => {
      // A worker that cannot run: slower in place is better than nothing.
      event.preventDefault();
      setPrepared({ received, form, document: prepareJson(received, form) });
    });
    worker.postMessage({ text: received, form });
    return () => worker.terminate();
  }, [isLarge, received, form]);

  if (inPlace !== undefined) return inPlace;
  return prepared?.received === received && prepared.form === form ? prepared.document : undefined;
}
