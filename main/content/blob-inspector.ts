import type { NodeState } from '../../shared/contract/graph-words.ts';
import type { ErrorData } from '../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import { isVerifiable } from '../../shared/oci/digest.ts';
import {
  checkBlob,
  createHashAllowance,
  hasInlineContent,
  type BlobFinding,
  type CheckBlobOptions,
} from './check-blob.ts';
import { WALK_BLOB_CHECK_LIMIT, WALK_BLOB_LOOKS } from './limits.ts';
import { markContradictions } from './naming.ts';
import { cannotVerify } from './verify-content.ts';
import type { WalkContext } from './walk-context.ts';
import type { WalkNode } from './walk-node.ts';
import { WorkQueue } from './work-queue.ts';

interface BlobLook {
  readonly node: WalkNode;
  readonly descriptor: Descriptor;
  readonly inspectBlob: CheckBlobOptions['inspectBlob'];
}

/** Says what is known of the blobs of a walk: looked at where that costs no request, else named and left alone. */
export class BlobInspector {
  readonly #context: WalkContext;
  readonly #looks: WorkQueue<BlobLook>;
  readonly #hashAllowance = createHashAllowance(WALK_BLOB_CHECK_LIMIT);

  constructor(context: WalkContext) {
    this.#context = context;
    this.#looks = new WorkQueue(context, WALK_BLOB_LOOKS, (look) => this.#look(look));
  }

  /** Blobs that nobody began to look at yet. */
  get waiting(): number {
    return this.#looks.waiting;
  }

  /** Looks at a blob, once for all descriptors that name it. */
  inspect(node: WalkNode, descriptor: Descriptor): void {
    if (node.isManifest) return;
    if (descriptor.data !== undefined) node.inlineDescriptor = descriptor;
    if (node.blobChecked) {
      // This descriptor may have what the first lacked: a place elsewhere, or the content itself.
      if (node.state === 'missing' || node.state === 'unchecked') this.#conclude(node, { state: node.state });
      return;
    }
    node.blobChecked = true;
    const { target } = this.#context;
    if (!isVerifiable(node.digest)) {
      // Shown, and never looked at (bar, B1).
      this.#conclude(node, { state: 'unchecked', error: cannotVerify(node.digest) });
      return;
    }
    if (target.inspectBlob === undefined) {
      this.#conclude(node, { state: 'unchecked' });
      return;
    }
    this.#looks.add({ node, descriptor, inspectBlob: target.inspectBlob.bind(target) });
  }

  async #look({ node, descriptor, inspectBlob }: BlobLook): Promise<void> {
    const { target, signal, run } = this.#context;
    const isSizeKnown = node.descriptor !== undefined;
    const readBlob = target.readBlob.bind(target);
    const hashAllowance = this.#hashAllowance;
    const finding = await run(
      () => checkBlob({ inspectBlob, readBlob, descriptor, isSizeKnown, hashAllowance, signal }),
      'later',
    );
    if (!node.isManifest) this.#conclude(node, finding);
  }

  #conclude(node: WalkNode, { state, error, size }: BlobFinding): void {
    const isAbsent = state === 'missing' || state === 'unchecked';
    if (isAbsent && node.inlineDescriptor !== undefined && hasInlineContent(node.inlineDescriptor)) {
      setState(node, 'ok', undefined);
    } else if (state === 'missing' && node.isForeign) {
      setState(node, 'unchecked', undefined);
    } else {
      setState(node, state, error ?? (node.state === state ? node.error : undefined));
    }
    if (size !== undefined) {
      node.size = size;
      node.isSizeReal = true;
    }
    markContradictions(node);
    this.#context.changed(node);
  }
}

function setState(node: WalkNode, state: NodeState, error: ErrorData | undefined): void {
  node.state = state;
  node.error = error;
}
