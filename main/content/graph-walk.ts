import { setMaxListeners } from 'node:events';
import type { GraphStep } from '../../shared/contract/graph.ts';
import { TallymanError, type ErrorData } from '../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import { isDigest } from '../../shared/oci/digest.ts';
import type { ParsedManifest } from '../../shared/oci/manifest.ts';
import { isManifestMediaType, MEDIA_TYPES } from '../../shared/oci/media-types.ts';
import { BlobInspector } from './blob-inspector.ts';
import { companionSubject } from './companion-subject.ts';
import type { FoundReferrers } from './find-referrers.ts';
import { finishGraph, toGraphEdge } from './finish-graph.ts';
import type { WalkEdge } from './edge-list.ts';
import { guessKind } from './guess-kind.ts';
import { linkOwnSubjects, linkShortenedTags } from './late-links.ts';
import { createGrowingGraph, type ReferrerVia } from './growing-graph.ts';
import { WALK_TAG_LIMIT, WALK_TAG_PAGE_LIMIT } from './limits.ts';
import { attestedImages, contentOf, isForeignLayer, type NamedContent } from './manifest-content.ts';
import { describeNode, ManifestVisitor, wrongAnswer } from './manifest-visitor.ts';
import { markContradictions } from './naming.ts';
import { depths } from './order-graph.ts';
import type { Recognise } from './recognition.ts';
import { ReferrerSearch } from './referrer-search.ts';
import { StepBatcher } from './step-batcher.ts';
import { startTagLookup, type TagLookup } from './tag-lookup.ts';
import type { FetchedManifest, Target } from './target.ts';
import { cancelled, createTaskPool } from './task-pool.ts';
import { WalkBudget, type WalkLimits } from './walk-budget.ts';
import type { WalkContext } from './walk-context.ts';
import type { Graph } from './walk-graph.ts';
import { toGraphNode, type WalkNode } from './walk-node.ts';

export interface GraphWalkOptions {
  readonly target: Target;
  readonly reference: string | undefined;
  readonly recognise: Recognise;
  readonly signal: AbortSignal;
  readonly onStep: (step: GraphStep) => void;
  readonly limits: WalkLimits;
  readonly concurrency: number;
}

/**
 * One walk. Answers arrive in any order; each changes the graph, and `settle` then goes on to what became part of it.
 * Nothing here recurses along the graph, so its shape cannot exhaust the stack.
 */
export class GraphWalk {
  readonly #options: GraphWalkOptions;
  readonly #context: WalkContext;
  readonly #controller = new AbortController();
  readonly #budget: WalkBudget;
  readonly #tags: TagLookup;
  readonly #steps: StepBatcher<WalkNode, WalkEdge>;
  readonly #visitor: ManifestVisitor;
  readonly #search: ReferrerSearch;
  readonly #blobs: BlobInspector;
  readonly #graph = createGrowingGraph((descriptor) => guessKind(descriptor, this.#options.recognise), {
    anchored: (node) => this.#entered.push(node),
    edgeChanged: (edge) => this.#steps.addEdge(edge),
  });
  /** Nodes that became part of the graph, or were read as part of it, and are not yet gone on from. */
  readonly #entered: WalkNode[] = [];
  readonly #roots = new Set<WalkNode>();
  readonly #errors: ErrorData[] = [];
  #outstanding = 0;
  #settled = false;
  #resolve: (graph: Graph) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  constructor(options: GraphWalkOptions) {
    this.#options = options;
    const { target, concurrency, limits, reference, recognise } = options;
    const { signal } = this.#controller;
    setMaxListeners(0, signal); // every question listens to it while it runs
    const pool = createTaskPool(concurrency, signal);
    this.#context = {
      target,
      signal,
      run: (task, priority) => pool.run(task, priority),
      spawn: (work) => this.#spawn(work),
      changed: (node) => {
        if (node.anchored) this.#steps.addNode(node);
      },
    };
    this.#budget = new WalkBudget(limits);
    this.#tags = startTagLookup({
      target,
      signal,
      run: (task) => pool.run(task),
      // A whole place is walked from its listing: its entries are descriptors like any others.
      tagLimit: reference === undefined ? limits.descriptors : WALK_TAG_LIMIT,
      pageLimit: reference === undefined ? Number.MAX_SAFE_INTEGER : WALK_TAG_PAGE_LIMIT,
    });
    this.#steps = new StepBatcher<WalkNode, WalkEdge>({
      toNode: (node) => toGraphNode(node, this.#tags.tagsOf(node.digest)),
      toEdge: toGraphEdge,
      pending: () => pool.pending + this.#visitor.waiting + this.#blobs.waiting,
      onStep: options.onStep,
      onError: (error) => this.#fail(error),
    });
    this.#blobs = new BlobInspector(this.#context);
    this.#search = new ReferrerSearch({
      ...this.#context,
      tags: this.#tags,
      onFound: (subject, found) => this.#takeFound(subject, found),
      onLookup: (lookup) => this.#steps.addLookup(lookup),
    });
    this.#visitor = new ManifestVisitor({
      ...this.#context,
      concurrency,
      budget: this.#budget,
      recognise,
      onVisit: (node) => this.#search.ask(node),
      onConcluded: (node) => {
        this.#judgeClaims(node);
        if (node.anchored) this.#entered.push(node);
      },
    });
  }

  async run(): Promise<Graph> {
    const { signal, reference } = this.#options;
    const onAbort = (): void => this.#fail(cancelled());
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await new Promise<Graph>((resolve, reject) => {
        this.#resolve = resolve;
        this.#reject = reject;
        this.#spawn(() => (reference === undefined ? this.#beginAtEntries() : this.#beginAt(reference)));
        this.#spawn(() => this.#showTags());
      });
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#settled = true;
      this.#steps.stop();
      this.#controller.abort();
    }
  }

  // ---- work under way -------------------------------------------------------------------------------------------

  #spawn(work: () => Promise<void>): void {
    this.#outstanding += 1;
    work()
      .then(() => {
        if (this.#settled) return;
        this.#settle();
        this.#outstanding -= 1;
        if (this.#outstanding === 0) this.#drain();
      })
      .catch((error: unknown) => this.#fail(error));
  }

  #fail(error: unknown): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#reject(error);
  }

  /** Goes on from every node that became part of the graph, until nothing new did. */
  #settle(): void {
    for (let node = this.#entered.pop(); node !== undefined; node = this.#entered.pop()) {
      this.#steps.addNode(node);
      if (node.parsed !== undefined) this.#descend(node, node.parsed);
      this.#linkCompanionTags(node);
      this.#search.release(node);
    }
  }

  /** Nothing runs any more: settles what needed the whole graph, and ends the walk unless that began new work. */
  #drain(): void {
    linkShortenedTags(this.#graph, this.#tags);
    this.#reopenLimited();
    this.#settle();
    if (this.#outstanding > 0) return;
    if (this.#context.target.referrers?.name === 'layout-link') linkOwnSubjects(this.#graph);
    this.#steps.flush();
    this.#resolve(
      finishGraph({
        graph: this.#graph,
        roots: [...this.#roots],
        lookups: this.#search.lookups,
        tags: this.#tags,
        limits: this.#budget.reached,
        errors: this.#errors,
      }),
    );
  }

  // ---- where the walk begins ------------------------------------------------------------------------------------

  async #beginAtEntries(): Promise<void> {
    const entries = await this.#tags.entries();
    if (this.#tags.cut()) this.#budget.descriptorsExhausted();
    for (const { tag, descriptor, problems = [] } of entries) {
      this.#errors.push(...problems);
      if (descriptor !== undefined) this.#addRoot(descriptor, tag);
      else if (tag !== undefined && problems.length === 0) this.#spawn(() => this.#beginAt(tag));
    }
  }

  async #beginAt(reference: string): Promise<void> {
    // A digest is known before its manifest is: its referrers are asked for at the same time.
    if (isDigest(reference)) this.#search.ask(this.#graph.ensure(reference, undefined));
    const { target, signal, run } = this.#context;
    let fetched: FetchedManifest;
    try {
      fetched = await run(() => target.fetchManifest(reference, { signal }));
    } catch (error) {
      await this.#beginAtUnreadable(reference, error);
      return;
    }
    const { descriptor } = fetched;
    if (isDigest(reference) && descriptor.digest !== reference)
      throw wrongAnswer(reference, descriptor.digest);
    const root = this.#graph.ensure(descriptor.digest, descriptor);
    this.#noteRoot(root, isDigest(reference) ? undefined : reference);
    this.#describe(root, descriptor);
    this.#visitor.admit(root, fetched, 0);
    this.#graph.anchor(root);
  }

  /** The name is known and leads to content that cannot be read as a manifest: that is a graph of one node, at least. */
  async #beginAtUnreadable(reference: string, error: unknown): Promise<void> {
    const { target, signal, run } = this.#context;
    if (!(error instanceof TallymanError) || !CONTENT_FAULTS.has(error.code)) throw error;
    // What went wrong with the content is the better answer than that it also cannot be looked up.
    const descriptor = await run(() => target.resolve(reference, { signal })).catch(() => undefined);
    if (descriptor === undefined) throw error;
    this.#addRoot(descriptor, isDigest(reference) ? undefined : reference);
  }

  #addRoot(descriptor: Descriptor, tag: string | undefined): void {
    const root = this.#graph.ensure(descriptor.digest, descriptor);
    this.#noteRoot(root, tag);
    this.#graph.anchor(root);
    this.#nameManifest(root, descriptor, 0);
  }

  #noteRoot(root: WalkNode, tag: string | undefined): void {
    root.depth = 0;
    this.#roots.add(root);
    if (tag !== undefined) this.#tags.learn(tag, root.digest);
  }

  /** Tags of nodes that were there before the listing. */
  async #showTags(): Promise<void> {
    await this.#tags.ready;
    for (const node of this.#graph.nodes.values()) {
      if (node.anchored && this.#tags.tagsOf(node.digest).length > 0) this.#entered.push(node);
    }
  }

  /** Leads from what lies under a companion tag to what the tag says it is about. */
  #linkCompanionTags(node: WalkNode): void {
    for (const tag of this.#tags.tagsOf(node.digest)) {
      const companion = companionSubject(tag);
      if (companion?.subject === undefined || companion.subject === node.digest) continue;
      // A cosign tag is the link itself; a fallback tag is one only if it names an index.
      if (companion.via === 'fallback-tag' && !node.isIndex) continue;
      const subject = this.#graph.ensure(companion.subject, undefined);
      this.#graph.refer(node, subject, companion.via);
      this.#visitor.visit(subject, node.depth + 1);
    }
  }

  // ---- what a manifest names ------------------------------------------------------------------------------------

  #descend(node: WalkNode, parsed: ParsedManifest): void {
    node.parsed = undefined;
    const depth = node.depth + 1;
    for (const content of contentOf(parsed)) {
      if (!this.#takeDescriptor(node)) return;
      this.#nameContent(node, content, depth);
    }
    for (const { attestation, image } of attestedImages(parsed)) {
      const to = this.#graph.ensure(image, undefined);
      this.#graph.refer(this.#graph.ensure(attestation, undefined), to, 'buildkit-attestation');
      if (!to.isManifest && to.descriptor === undefined) this.#visitor.visit(to, depth + 1);
    }
    if (parsed.subject !== undefined && parsed.subject.digest !== node.digest && this.#takeDescriptor(node)) {
      const subject = this.#graph.ensure(parsed.subject.digest, parsed.subject);
      this.#graph.refer(node, subject);
      this.#nameManifest(subject, parsed.subject, depth);
    }
  }

  #nameContent(parent: WalkNode, { via, digest, descriptor }: NamedContent, depth: number): void {
    if (digest === parent.digest) return; // only a place that lies can do that
    const node = this.#graph.ensure(digest, descriptor);
    this.#graph.contain(parent, node, via);
    if (via === 'child') {
      if (descriptor !== undefined) this.#nameManifest(node, descriptor, depth);
      return;
    }
    const isNewRole = via === 'config' ? !node.isConfig : !node.isLayer;
    if (via === 'config') node.isConfig = true;
    else node.isLayer = true;
    if (descriptor !== undefined) {
      node.isForeign ||= isForeignLayer(descriptor);
      this.#describe(node, descriptor);
    }
    if (isNewRole) this.#context.changed(node);
    this.#blobs.inspect(node, descriptor ?? { digest, mediaType: MEDIA_TYPES.dockerLayerTarGzip, size: 0 });
  }

  /** Something names `node` by this descriptor as a manifest, an index, or content that stands for itself. */
  #nameManifest(node: WalkNode, descriptor: Descriptor, depth: number): void {
    this.#describe(node, descriptor);
    if (isManifestMediaType(descriptor.mediaType) || node.isManifest) {
      this.#visitor.visit(node, depth);
      return;
    }
    // Nobody can read it, but something may refer to it.
    node.depth = Math.min(node.depth, depth);
    this.#search.ask(node);
    this.#blobs.inspect(node, descriptor);
  }

  #describe(node: WalkNode, descriptor: Descriptor): void {
    const learned = describeNode(node, descriptor, (described) =>
      guessKind(described, this.#options.recognise),
    );
    if (markContradictions(node) || learned) this.#context.changed(node);
  }

  #takeDescriptor(node: WalkNode): boolean {
    if (this.#budget.takeDescriptor()) return true;
    const error = this.#budget.descriptorsExhausted();
    if (node.state !== 'ok') return false;
    node.state = 'limited';
    node.error = error;
    this.#context.changed(node);
    return false;
  }

  // ---- referrers ------------------------------------------------------------------------------------------------

  #takeFound(subject: WalkNode, found: FoundReferrers): void {
    const depth = subject.depth + 1;
    if ('fetched' in found) {
      const { descriptor } = found.fetched;
      if (descriptor.digest === subject.digest) return;
      this.#tags.learn(found.tag, descriptor.digest);
      const node = this.#graph.ensure(descriptor.digest, descriptor);
      this.#graph.refer(node, subject, found.via);
      this.#describe(node, descriptor);
      this.#visitor.admit(node, found.fetched, depth);
    } else {
      for (const descriptor of 'named' in found ? found.named : found.claimed) {
        if (descriptor.digest === subject.digest) continue;
        if (!this.#takeDescriptor(subject)) break;
        const node = this.#graph.ensure(descriptor.digest, descriptor);
        if ('claimed' in found) {
          this.#claim(node, subject, descriptor, found.via);
        } else {
          this.#graph.refer(node, subject, found.via);
          this.#nameManifest(node, descriptor, depth);
        }
      }
    }
    this.#context.spawn(() => Promise.resolve()); // goes on from what this made part of the graph
  }

  /** A source lists `node` as a referrer of `subject`. That holds once the manifest itself says so. */
  #claim(node: WalkNode, subject: WalkNode, descriptor: Descriptor, via: ReferrerVia): void {
    this.#describe(node, descriptor);
    node.claims ??= [];
    node.claims.push({ subject, via });
    this.#visitor.visit(node, subject.depth + 1);
    if (node.reading === 'done') this.#judgeClaims(node);
  }

  #judgeClaims(node: WalkNode): void {
    const isRead = node.kind !== undefined;
    for (const { subject, via } of node.claims ?? []) {
      if (!isRead || node.subject === subject.digest) this.#graph.refer(node, subject, via);
    }
    node.claims = undefined;
  }

  // ---- what needs the whole graph -------------------------------------------------------------------------------

  /**
   * Answers come in any order, so a node can be met on a long way first: what lies within the depth after all is read now.
   * What a limit keeps from being read cannot prove what others claim of it: the claims stand, and the node says why.
   */
  #reopenLimited(): void {
    this.#budget.forgetDepth();
    const { limited } = this.#visitor;
    if (limited.length === 0) return;
    const shortest = depths(this.#graph, [...this.#roots]);
    for (const node of limited) {
      const subjects = (node.claims ?? []).map(
        ({ subject }) => (shortest.get(subject.digest) ?? subject.depth) + 1,
      );
      this.#visitor.visit(node, Math.min(shortest.get(node.digest) ?? node.depth, ...subjects));
      if (node.reading === 'not-yet') this.#judgeClaims(node);
    }
  }
}

/** Faults of the content itself: the name was resolved, what it leads to cannot be used. */
const CONTENT_FAULTS: ReadonlySet<string> = new Set([
  'MISSING',
  'DIGEST_MISMATCH',
  'SIZE_MISMATCH',
  'MEDIA_TYPE_MISMATCH',
  'MALFORMED',
  'AMBIGUOUS',
  'LIMIT',
  'UNSUPPORTED',
]);
