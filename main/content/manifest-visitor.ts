import { isCancellation, TallymanError, type ErrorData } from '../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import type { Digest } from '../../shared/oci/digest.ts';
import { parseManifest, type ParsedManifest } from '../../shared/oci/manifest.ts';
import { isManifestMediaType } from '../../shared/oci/media-types.ts';
import { markContradictions, noteDescriptor } from './naming.ts';
import { nodeFault, type NodeFault } from './node-fault.ts';
import type { Recognise } from './recognition.ts';
import type { FetchedManifest } from './target.ts';
import type { WalkBudget } from './walk-budget.ts';
import type { WalkContext } from './walk-context.ts';
import type { WalkNode } from './walk-node.ts';
import { WorkQueue } from './work-queue.ts';

export interface ManifestVisitorOptions extends WalkContext {
  readonly concurrency: number;
  readonly budget: WalkBudget;
  readonly recognise: Recognise;
  /** A node is going to be read: whatever else depends on its digest alone can begin. */
  readonly onVisit: (node: WalkNode) => void;
  /** A node is what it will be; `node.parsed` is there where its document could be read. */
  readonly onConcluded: (node: WalkNode) => void;
}

interface AnnouncedRead {
  readonly node: WalkNode;
  /** Bytes that were taken from the budget for it. */
  readonly announced: number;
}

/** Reads the manifests of a walk, each once, within its limits. */
export class ManifestVisitor {
  readonly #options: ManifestVisitorOptions;
  /** Nodes that a limit kept from being read; a shorter way to them may still be found. */
  readonly #limited = new Set<WalkNode>();
  readonly #reads: WorkQueue<AnnouncedRead>;

  constructor(options: ManifestVisitorOptions) {
    this.#options = options;
    // Twice as many as there are places for questions, so that no place is ever free while something waits here.
    this.#reads = new WorkQueue(options, 2 * options.concurrency, (read) => this.#read(read));
  }

  /** Manifests that nobody began to read yet. */
  get waiting(): number {
    return this.#reads.waiting;
  }

  get limited(): readonly WalkNode[] {
    return [...this.#limited];
  }

  /** Something names a node as a manifest, at this distance from a root. */
  visit(node: WalkNode, depth: number): void {
    node.isManifest = true;
    node.depth = Math.min(node.depth, depth);
    if (node.reading !== 'not-yet') return;
    const announced = node.descriptor?.size ?? 0;
    if (!this.#take(node, announced)) return;
    node.reading = 'running';
    node.state = 'pending';
    node.error = undefined;
    this.#reads.add({ node, announced });
  }

  /** A manifest came by its tag: it is read already, if that is still of use. */
  admit(node: WalkNode, fetched: FetchedManifest, depth: number): void {
    node.isManifest = true;
    node.depth = Math.min(node.depth, depth);
    this.#options.onVisit(node);
    if (node.reading !== 'not-yet') return;
    if (this.#take(node, fetched.bytes.byteLength)) this.#accept(node, fetched, undefined);
  }

  #take(node: WalkNode, size: number): boolean {
    const error = this.#options.budget.takeManifest(node.depth, size);
    if (error === undefined) {
      this.#limited.delete(node);
      return true;
    }
    node.state = 'limited';
    node.error = error;
    this.#limited.add(node);
    this.#options.changed(node);
    return false;
  }

  async #read({ node, announced }: AnnouncedRead): Promise<void> {
    const { target, signal, run, budget, onVisit } = this.#options;
    onVisit(node);
    const fetch = (reference: Descriptor | string): Promise<FetchedManifest> =>
      run(() => target.fetchManifest(reference, { signal }));
    let fault: NodeFault | undefined;
    try {
      const fetched = await fetch(node.descriptor ?? node.digest).catch((error: unknown) => {
        // The digest decides what the bytes are. With a wrong size beside it, the content is shown, and flagged.
        if (
          node.descriptor === undefined ||
          !(error instanceof TallymanError) ||
          error.code !== 'SIZE_MISMATCH'
        )
          throw error;
        fault = nodeFault(error);
        return fetch(node.digest);
      });
      budget.correctBytes(announced, fetched.bytes.byteLength);
      this.#accept(node, fetched, fault);
    } catch (error) {
      if (isCancellation(error)) throw error;
      budget.correctBytes(announced, 0);
      node.reading = 'done';
      this.#conclude(node, fault ?? nodeFault(error));
    }
  }

  #accept(node: WalkNode, fetched: FetchedManifest, fault: NodeFault | undefined): void {
    node.reading = 'done';
    if (fetched.descriptor.digest !== node.digest) {
      this.#conclude(node, nodeFault(wrongAnswer(node.digest, fetched.descriptor.digest)));
      return;
    }
    node.size = fetched.bytes.byteLength;
    node.isSizeReal = true;
    if (node.descriptor === undefined) node.mediaType = fetched.descriptor.mediaType;
    let outcome = fault;
    // A claimed referrer of an unknown type can still prove its claim by its own `subject`.
    if (isManifestMediaType(node.mediaType) || node.claims !== undefined) {
      try {
        const parsed = parseManifest(fetched.bytes, node.mediaType);
        this.#understand(node, parsed);
        const [problem] = parsed.problems;
        if (problem !== undefined) outcome ??= { state: 'refused', error: problem };
      } catch (error) {
        outcome ??= nodeFault(error);
      }
    }
    this.#conclude(node, outcome);
  }

  #understand(node: WalkNode, parsed: ParsedManifest): void {
    const { kind, predicateType } = this.#options.recognise(parsed);
    node.parsed = parsed;
    node.kind = kind;
    node.predicateType = predicateType;
    node.artifactType = parsed.artifactType;
    node.annotations = Object.keys(parsed.annotations).length === 0 ? undefined : parsed.annotations;
    node.configMediaType = parsed.form === 'manifest' ? parsed.config?.mediaType : undefined;
    node.isIndex = parsed.form === 'index';
    node.subject = parsed.subject?.digest;
  }

  #conclude(node: WalkNode, fault: NodeFault | undefined): void {
    node.state = fault?.state ?? 'ok';
    node.error = fault?.error;
    if (fault?.state === 'limited') this.#options.budget.noteManifest(fault.error);
    markContradictions(node);
    this.#options.onConcluded(node);
  }
}

/**
 * One more descriptor names a node: the first one also describes it until it is read, and the first that knows the platform
 * gives it – the entries of a layout that was opened whole do not, the indexes in it do.
 * @returns true when that changed what the node shows beyond its first description.
 */
export function describeNode(
  node: WalkNode,
  descriptor: Descriptor,
  guess: (descriptor: Descriptor) => WalkNode['guess'],
): boolean {
  noteDescriptor(node, descriptor);
  const learnsPlatform = node.platform === undefined && descriptor.platform !== undefined;
  if (learnsPlatform) node.platform = descriptor.platform;
  if (node.descriptor !== undefined) return learnsPlatform;
  node.descriptor = descriptor;
  if (node.reading === 'done') return learnsPlatform;
  node.mediaType = descriptor.mediaType;
  if (!node.isSizeReal) node.size = descriptor.size;
  node.artifactType = descriptor.artifactType;
  node.annotations = descriptor.annotations;
  node.guess = guess(descriptor);
  return false;
}

/** A place that answers with other content than it was asked for. */
export function wrongAnswer(asked: Digest, answered: Digest): TallymanError {
  const error: ErrorData = {
    code: 'DIGEST_MISMATCH',
    message: `The place answered with ${answered} when it was asked for ${asked}.`,
    hint: 'Do not trust what this place says; get the content from its publisher again.',
    details: { expected: asked, actual: answered },
  };
  return new TallymanError(error);
}
