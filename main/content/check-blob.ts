import type { NodeState } from '../../shared/contract/graph-words.ts';
import { isCancellation, TallymanError, type ErrorData } from '../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import { isVerifiable } from '../../shared/oci/digest.ts';
import { decodeInlineData } from '../../shared/oci/inline-data.ts';
import { nodeFault } from './node-fault.ts';
import type { Target } from './target.ts';
import { cancelled } from './task-pool.ts';
import { verifyBytes } from './verify-content.ts';

/** What a look at a blob found. */
export interface BlobFinding {
  readonly state: NodeState;
  readonly error?: ErrorData;
  /** Real size, where the place told it. */
  readonly size?: number;
}

/** Bytes that one walk may still hash. */
export interface HashAllowance {
  take(bytes: number): boolean;
}

export function createHashAllowance(limit: number): HashAllowance {
  let used = 0;
  return {
    take(bytes) {
      if (used + bytes > limit) return false;
      used += bytes;
      return true;
    },
  };
}

/** True when the descriptor carries its content itself, right to the last bit; a `data` field that is wrong counts for nothing. */
export function hasInlineContent(descriptor: Descriptor): boolean {
  const data = decodeInlineData(descriptor);
  if (data === undefined || !isVerifiable(descriptor.digest)) return false;
  try {
    verifyBytes(data, descriptor);
    return true;
  } catch {
    return false;
  }
}

export interface CheckBlobOptions {
  readonly inspectBlob: Required<Target>['inspectBlob'];
  readonly readBlob: Target['readBlob'];
  readonly descriptor: Descriptor;
  /** False for a layer that was named by its digest alone (Docker schema 1). */
  readonly isSizeKnown: boolean;
  readonly hashAllowance: HashAllowance;
  readonly signal: AbortSignal;
}

/**
 * Looks at a blob in a place where looking costs no request: is it there, has it the right size, and, as long as the
 * allowance lasts, are its bytes those of its digest.
 */
export async function checkBlob(options: CheckBlobOptions): Promise<BlobFinding> {
  const { inspectBlob, readBlob, descriptor, isSizeKnown, hashAllowance, signal } = options;
  try {
    const presence = await inspectBlob(descriptor, { signal });
    if (presence.state === 'missing') return missingBlob(descriptor);
    const { size } = presence;
    if (isSizeKnown && size !== descriptor.size) return { ...wrongSize(descriptor, size), size };
    if (!isVerifiable(descriptor.digest) || !hashAllowance.take(size)) return { state: 'unchecked', size };
    await readThrough(readBlob({ ...descriptor, size }, { signal }), signal);
    return { state: 'ok', size };
  } catch (error) {
    if (isCancellation(error)) throw error;
    return nodeFault(error);
  }
}

/** Reads to the end: the place checks size and digest on the way. */
async function readThrough(chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
  const iterator = chunks[Symbol.asyncIterator]();
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
    if (!signal.aborted) continue;
    await iterator.return?.();
    throw cancelled();
  }
}

function missingBlob(descriptor: Descriptor): BlobFinding {
  return nodeFault(new TallymanError({ code: 'MISSING', message: `There is no ${descriptor.digest}.` }));
}

function wrongSize(descriptor: Descriptor, actual: number): BlobFinding {
  return nodeFault(
    new TallymanError({
      code: 'SIZE_MISMATCH',
      message: `${descriptor.digest} should have ${descriptor.size} bytes; it has ${actual}.`,
      hint: 'The content was cut, replaced, or described wrongly: get it from its publisher again.',
      details: { digest: descriptor.digest, expected: descriptor.size, actual },
    }),
  );
}
