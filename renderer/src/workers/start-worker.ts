/** The part of the browser's trusted types that is used here; older type libraries do not know it. */
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(address: string): string }): WorkerPolicy;
}

interface WorkerPolicy {
  createScriptURL(address: string): string;
}

/** The one name that the Content Security Policy allows. */
const POLICY_NAME = 'tallyman-worker';

let policy: WorkerPolicy | undefined;

/**
 * Starts a worker from one of the window's own files (`import address from './x.worker.ts?worker&url'`). The address of a
 * worker is a place where script enters the page: the policy made here lets the window's own files pass and nothing else.
 */
export function startWorker(address: string): Worker {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  policy ??= trustedTypes?.createPolicy(POLICY_NAME, { createScriptURL: ownAddress }) ?? {
    createScriptURL: ownAddress,
  };
  return new Worker(policy.createScriptURL(address), { type: 'module' });
}

function ownAddress(address: string): string {
  const { protocol, host } = new URL(address, location.href);
  if (protocol !== location.protocol || host !== location.host)
    throw new TypeError('A worker is always a file of the window.');
  return address;
}
