import { TallymanError, type ErrorData } from '../../../shared/errors/tallyman-error.ts';
import type { WholeAnswer } from '../http/whole-answer.ts';
import type { RegistryClient } from '../registry-client.ts';
import { failedAnswer } from './failed-answer.ts';
import { parseErrorBody } from './parse-error-body.ts';

/** What was tried, for the text of the refusal. */
export interface RefusedChange {
  /** `Pushing the blob sha256:… to localhost:5000/team/app`: the beginning of a sentence. */
  readonly tried: string;
  readonly action: 'push' | 'delete';
}

/**
 * An answer that refuses a change, as an error with the code that fits, the registry's own words and the next step: no right,
 * a quota, a name that must exist first, a place that takes no changes at all, content that is too large or not whole.
 */
export function refusedChange(
  answer: WholeAnswer,
  { tried, action }: RefusedChange,
  client: Pick<RegistryClient, 'host' | 'redactor'>,
): TallymanError {
  const { host, redactor } = client;
  const base = failedAnswer(answer, { wanted: tried, host }, redactor).toData();
  return new TallymanError({ ...base, ...judge(answer, action, host) });
}

function judge(
  answer: WholeAnswer,
  action: RefusedChange['action'],
  host: string,
): Partial<Pick<ErrorData, 'code' | 'hint'>> {
  const { status } = answer;
  const entries = parseErrorBody(answer.bytes);
  const codes = new Set(entries.map(({ code }) => code));
  const words = entries.map(({ message = '' }) => message).join(' ');
  if (status === 507 || /quota|storage limit|insufficient storage/i.test(words)) {
    return {
      code: 'LIMIT',
      hint: `${host} has no room left for this account or project. Ask whoever runs it, or delete something there.`,
    };
  }
  if (status === 413) {
    return {
      code: 'LIMIT',
      hint: `${host}, or a proxy in front of it, takes nothing this large. Ask whoever runs it to raise the limit.`,
    };
  }
  if (codes.has('MANIFEST_BLOB_UNKNOWN') || (action === 'push' && codes.has('BLOB_UNKNOWN'))) {
    return {
      code: 'MISSING',
      hint: 'Something that the manifest names is not in this repository. Push or copy that first.',
    };
  }
  if (codes.has('DIGEST_INVALID') && action === 'delete') {
    // Registries that delete nothing but digests say so of a tag (distribution 2).
    return { code: 'UNSUPPORTED', hint: `${host} deletes by digest only: it cannot take a single tag away.` };
  }
  if (codes.has('DIGEST_INVALID')) {
    return {
      code: 'DIGEST_MISMATCH',
      hint: 'The content changed while it was sent, or the registry does not know this kind of digest. Nothing was stored; try again.',
    };
  }
  if (status === 412 || status === 409 || /immutab|cannot be overwritten|already exists/i.test(words)) {
    return {
      code: 'CONFLICT',
      hint: `${host} protects this from change: a tag that may not move, or content that something else needs.`,
    };
  }
  if (status === 405 || status === 501 || codes.has('UNSUPPORTED')) {
    return {
      code: 'UNSUPPORTED',
      hint:
        action === 'push'
          ? `${host} takes no pushes here: it is read-only, or this name is none that can be written to.`
          : `${host} does not delete: it has no such thing, or whoever runs it has switched it off (distribution: REGISTRY_STORAGE_DELETE_ENABLED).`,
    };
  }
  if (status === 403 || codes.has('DENIED')) {
    return {
      code: 'DENIED',
      hint: `The account may not ${action} there. Sign in to ${host} with one that may, or ask for the right.`,
    };
  }
  if (status === 404 && action === 'push') {
    return {
      hint: `Some registries want a repository or project to be made before anything is pushed to it. Make it at ${host}, and check the spelling.`,
    };
  }
  return {};
}
