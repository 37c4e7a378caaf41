import type { GraphLookup, GraphStep, NodeKind, NodeState } from '../../shared/contract/graph.ts';
import { isCancellation, TallymanError, type ErrorData } from '../../shared/errors/tallyman-error.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import { isDigest, isVerifiable, type Digest } from '../../shared/oci/digest.ts';
import { parseManifest, type ParsedManifest } from '../../shared/oci/manifest.ts';
import { isIndexMediaType, isManifestMediaType, MEDIA_TYPES } from '../../shared/oci/media-types.ts';
import { checkBlob, createHashAllowance, hasInlineContent, type BlobFinding, type CheckBlobOptions } from './check-blob.ts';
import { companionSubject, isFallbackTagOf } from './companion-subject.ts';
import { findReferrers, type FoundReferrers } from './find-referrers.ts';
import { finishGraph, toGraphEdge } from './finish-graph.ts';
import { createGrowingGraph, type ReferrerVia, type WalkEdge } from './growing-graph.ts';
import { WALK_BLOB_CHECK_LIMIT, WALK_TAG_LIMIT, WALK_TAG_PAGE_LIMIT } from './limits.ts';
import { attestedImages, contentOf, isForeignLayer, type NamedContent } from './manifest-content.ts';
import { markContradictions, noteDescriptor } from './naming.ts';
import { nodeFault, type NodeFault } from './node-fault.ts';
import { depths } from './order-graph.ts';
import type { Recognise } from './recognition.ts';
import { StepBatcher } from './step-batcher.ts';
import { startTagLookup, type TagLookup } from './tag-lookup.ts';
import type { FetchedManifest, Target } from './target.ts';
import { cancelled, createTaskPool, type TaskPool } from './task-pool.ts';
import { WalkBudget, type WalkLimits } from './walk-budget.ts';
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

/** What came back about one subject before it was certain that the subject is part of the graph. */
interface WaitingAnswers {
  readonly found: FoundReferrers[];
  readonly lookups: GraphLookup[];
}

/**
 * One walk. Answers arrive in any order; each changes the graph, and `settle` then goes on to what became part of it.
 * Nothing here recurses along the graph, so its shape cannot exhaust the stack.
 */
export class GraphWalk {
  private readonly options: GraphWalkOptions;
  private readonly controller = new AbortController();
  private readonly pool: TaskPool;
  private readonly tags: TagLookup;
  private readonly budget: WalkBudget;
  private readonly steps: StepBatcher<WalkNode, WalkEdge>;
  private readonly hashAllowance = createHashAllowance(WALK_BLOB_CHECK_LIMIT);
  private readonly graph = createGrowingGraph((descriptor) => this.guess(descriptor), {
    anchored: (node) => this.entered.push(node),
    edgeChanged: (edge) => this.steps.addEdge(edge),
  });
  /** Nodes that became part of the graph, or were read as part of it, and are not yet gone on from. */
  private readonly entered: WalkNode[] = [];
  private readonly roots = new Set<WalkNode>();
  /** Nodes that a limit kept from being read; a shorter way to them may still be found. */
  private readonly limited = new Set<WalkNode>();
  private readonly waiting = new Map<WalkNode, WaitingAnswers>();
  private readonly lookups = new Map<WalkNode, GraphLookup[]>();
  private outstanding = 0;
  private settled = false;
  private resolve: (graph: Graph) => void = () => undefined;
  private reject: (error: unknown) => void = () => undefined;

  constructor(options: GraphWalkOptions) {
    this.options = options;
    const { target, concurrency, limits, reference } = options;
    this.budget = new WalkBudget(limits);
    this.pool = createTaskPool(concurrency, this.controller.signal);
    this.steps = new StepBatcher<WalkNode, WalkEdge>({
      toNode: (node) => toGraphNode(node, this.tags.tagsOf(node.digest)),
      toEdge: toGraphEdge,
      pending: () => this.pool.pending,
      onStep: options.onStep,
      onError: (error) => this.fail(error),
    });
    this.tags = startTagLookup({
      target,
      signal: this.controller.signal,
      run: (task) => this.pool.run(task),
      // A whole place is walked from its listing: its entries are descriptors like any others.
      tagLimit: reference === undefined ? limits.descriptors : WALK_TAG_LIMIT,
      pageLimit: reference === undefined ? Number.MAX_SAFE_INTEGER : WALK_TAG_PAGE_LIMIT,
    });
  }

  async run(): Promise<Graph> {
    const { signal, reference } = this.options;
    if (signal.aborted) throw cancelled();
    const onAbort = (): void => this.fail(cancelled());
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await new Promise<Graph>((resolve, reject) => {
        this.resolve = resolve;
        this.reject = reject;
        this.spawn(() => (reference === undefined ? this.beginAtEntries() : this.beginAt(reference)));
        this.spawn(() => this.showTags());
      });
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.settled = true;
      this.steps.stop();
      this.controller.abort();
    }
  }

  // ---- work under way -------------------------------------------------------------------------------------------

  private spawn(work: () => Promise<void>): void {
    this.outstanding += 1;
    work()
      .then(() => {
        if (this.settled) return;
        this.settle();
        this.outstanding -= 1;
        if (this.outstanding === 0) this.drain();
      })
      .catch((error: unknown) => this.fail(error));
  }

  private fail(error: unknown): void {
    if (this.settled) return;
    this.settled = true;
    this.reject(error);
  }

  /** Goes on from every node that became part of the graph, until nothing new did. */
  private settle(): void {
    for (let node = this.entered.pop(); node !== undefined; node = this.entered.pop()) {
      this.steps.addNode(node);
      if (node.parsed !== undefined) this.descend(node, node.parsed);
      const answers = this.waiting.get(node);
      if (answers === undefined) continue;
      this.waiting.delete(node);
      for (const lookup of answers.lookups) this.keepLookup(node, lookup);
      for (const found of answers.found) this.takeFound(node, found);
    }
  }

  /** Nothing runs any more: settles what needed the whole graph, and ends the walk unless that began new work. */
  private drain(): void {
    this.linkShortenedTags();
    this.reopenLimited();
    this.settle();
    if (this.outstanding > 0) return;
    this.linkOwnSubjects();
    this.steps.flush();
    this.resolve(
      finishGraph({ graph: this.graph, roots: [...this.roots], lookups: this.lookups, tags: this.tags, limits: this.budget.reached }),
    );
  }

  // ---- where the walk begins ------------------------------------------------------------------------------------

  private async beginAtEntries(): Promise<void> {
    const entries = await this.tags.entries();
    if (this.tags.cut()) this.budget.descriptorsExhausted();
    for (const { tag, descriptor } of entries) {
      if (descriptor !== undefined) this.addRoot(descriptor.digest, descriptor, tag);
      else if (tag !== undefined) this.spawn(() => this.beginAt(tag));
    }
  }

  private async beginAt(reference: string): Promise<void> {
    // A digest is known before its manifest is: its referrers are asked for at the same time.
    if (isDigest(reference)) this.askForReferrers(this.graph.ensure(reference, undefined));
    const { target } = this.options;
    const { signal } = this.controller;
    let fetched: FetchedManifest;
    try {
      fetched = await this.pool.run(() => target.fetchManifest(reference, { signal }));
    } catch (error) {
      await this.beginAtUnreadable(reference, error);
      return;
    }
    const { descriptor } = fetched;
    if (isDigest(reference) && descriptor.digest !== reference) throw wrongAnswer(reference, descriptor.digest);
    if (!isDigest(reference)) this.tags.learn(reference, descriptor.digest);
    const root = this.graph.ensure(descriptor.digest, descriptor);
    this.noteRoot(root, reference);
    this.admit(root, fetched, 0);
    this.graph.anchor(root);
  }

  /** The name is known and leads to content that cannot be read as a manifest: that is a graph of one node, at least. */
  private async beginAtUnreadable(reference: string, error: unknown): Promise<void> {
    const { target } = this.options;
    const { signal } = this.controller;
    if (!(error instanceof TallymanError) || !CONTENT_FAULTS.has(error.code)) throw error;
    const descriptor = await this.pool.run(() => target.resolve(reference, { signal }));
    if (descriptor === undefined) throw error;
    this.addRoot(descriptor.digest, descriptor, isDigest(reference) ? undefined : reference);
  }

  private addRoot(digest: Digest, descriptor: Descriptor, tag: string | undefined): void {
    const root = this.graph.ensure(digest, descriptor);
    if (tag !== undefined) this.tags.learn(tag, digest);
    this.noteRoot(root, tag);
    this.graph.anchor(root);
    this.nameManifest(root, descriptor, 0);
  }

  private noteRoot(root: WalkNode, reference: string | undefined): void {
    root.depth = 0;
    this.roots.add(root);
    const companion = reference === undefined ? undefined : companionSubject(reference);
    if (reference === undefined || companion === undefined) return;
    // Whether a fallback tag is one depends on what it names; a cosign tag is the link itself.
    if (companion.via === 'fallback-tag') root.fallbackTags = [...root.fallbackTags, reference];
    else if (companion.subject !== undefined) this.linkCompanion(root, companion.subject, companion.via);
  }

  private linkCompanion(from: WalkNode, subject: Digest, via: 'cosign-tag' | 'fallback-tag'): void {
    if (from.digest === subject) return;
    const to = this.graph.ensure(subject, undefined);
    this.graph.refer(from, to, via);
    this.visit(to, from.depth + 1);
  }

  private async showTags(): Promise<void> {
    await this.tags.ready;
    for (const node of this.graph.nodes.values()) {
      if (node.anchored && this.tags.tagsOf(node.digest).length > 0) this.steps.addNode(node);
    }
  }

  // ---- manifests ------------------------------------------------------------------------------------------------

  /** Something names `node` by this descriptor as a manifest, index or artifact of its own. */
  private nameManifest(node: WalkNode, descriptor: Descriptor, depth: number): void {
    this.note(node, descriptor);
    if (isManifestMediaType(descriptor.mediaType) || node.isManifest) {
      this.visit(node, depth);
      return;
    }
    // Nobody can read it, but something may refer to it.
    node.depth = Math.min(node.depth, depth);
    this.askForReferrers(node);
    this.inspect(node, descriptor);
  }

  private note(node: WalkNode, descriptor: Descriptor): void {
    if (node.descriptor === undefined) this.describe(node, descriptor);
    noteDescriptor(node, descriptor);
    if (markContradictions(node)) this.changed(node);
  }

  private describe(node: WalkNode, descriptor: Descriptor): void {
    node.descriptor = descriptor;
    node.platform ??= descriptor.platform;
    if (node.reading === 'done') return;
    node.mediaType = descriptor.mediaType;
    if (!node.isSizeReal) node.size = descriptor.size;
    node.artifactType = descriptor.artifactType;
    node.annotations = descriptor.annotations;
    node.guess = this.guess(descriptor);
  }

  private visit(node: WalkNode, depth: number): void {
    node.isManifest = true;
    node.depth = Math.min(node.depth, depth);
    if (node.reading !== 'not-yet') return;
    const announced = node.descriptor?.size ?? 0;
    const refusal = this.budget.takeManifest(node.depth, announced);
    if (refusal !== undefined) {
      this.limit(node, refusal);
      return;
    }
    this.limited.delete(node);
    node.reading = 'running';
    node.state = 'pending';
    node.error = undefined;
    this.askForReferrers(node);
    this.spawn(() => this.read(node, announced));
  }

  private async read(node: WalkNode, announced: number): Promise<void> {
    const { target } = this.options;
    const { signal } = this.controller;
    const fetch = (reference: Descriptor | string): Promise<FetchedManifest> =>
      this.pool.run(() => target.fetchManifest(reference, { signal }));
    let fault: NodeFault | undefined;
    try {
      const fetched = await fetch(node.descriptor ?? node.digest).catch((error: unknown) => {
        // The digest decides what the bytes are. With a wrong size beside it, the content is shown, and flagged.
        if (node.descriptor === undefined || !(error instanceof TallymanError) || error.code !== 'SIZE_MISMATCH') throw error;
        fault = nodeFault(error);
        return fetch(node.digest);
      });
      this.budget.correctBytes(announced, fetched.bytes.byteLength);
      this.accept(node, fetched, fault);
    } catch (error) {
      if (isCancellation(error)) throw error;
      this.budget.correctBytes(announced, 0);
      fault ??= nodeFault(error);
      if (fault.state === 'limited') this.budget.noteManifest(fault.error);
      node.reading = 'done';
      this.conclude(node, fault);
    }
  }

  /** A manifest came by its tag: it is read already, if that is still of use. */
  private admit(node: WalkNode, fetched: FetchedManifest, depth: number): void {
    this.note(node, fetched.descriptor);
    node.isManifest = true;
    node.depth = Math.min(node.depth, depth);
    this.askForReferrers(node);
    if (node.reading !== 'not-yet') return;
    const size = fetched.bytes.byteLength;
    const refusal = this.budget.takeManifest(node.depth, size);
    if (refusal === undefined) this.accept(node, fetched, undefined);
    else this.limit(node, refusal);
  }

  private limit(node: WalkNode, error: ErrorData): void {
    node.state = 'limited';
    node.error = error;
    this.limited.add(node);
    this.changed(node);
  }

  private accept(node: WalkNode, fetched: FetchedManifest, fault: NodeFault | undefined): void {
    node.reading = 'done';
    node.size = fetched.bytes.byteLength;
    node.isSizeReal = true;
    if (fetched.descriptor.digest !== node.digest) {
      this.conclude(node, nodeFault(wrongAnswer(node.digest, fetched.descriptor.digest)));
      return;
    }
    if (node.descriptor === undefined) node.mediaType = fetched.descriptor.mediaType;
    let outcome: NodeFault | undefined = fault;
    // A claimed referrer of an unknown type can still prove its claim by its own `subject`.
    if (isManifestMediaType(node.mediaType) || node.claims !== undefined) {
      try {
        const parsed = parseManifest(fetched.bytes, node.mediaType);
        this.understand(node, parsed);
        const [problem] = parsed.problems;
        if (problem !== undefined) outcome ??= { state: 'refused', error: problem };
      } catch (error) {
        outcome ??= nodeFault(error);
        if (outcome.state === 'limited') this.budget.noteManifest(outcome.error);
      }
    }
    this.conclude(node, outcome);
  }

  private understand(node: WalkNode, parsed: ParsedManifest): void {
    const { kind, predicateType } = this.options.recognise(parsed);
    node.parsed = parsed;
    node.kind = kind;
    node.predicateType = predicateType;
    node.artifactType = parsed.artifactType;
    node.annotations = Object.keys(parsed.annotations).length === 0 ? undefined : parsed.annotations;
    node.configMediaType = parsed.form === 'manifest' ? parsed.config?.mediaType : undefined;
    node.subject = parsed.subject?.digest;
  }

  /** The node is what it will be; claims that it refers to something hold now, or never. */
  private conclude(node: WalkNode, fault: NodeFault | undefined): void {
    node.state = fault?.state ?? 'ok';
    node.error = fault?.error;
    markContradictions(node);
    this.judgeClaims(node);
    if (node.anchored) this.entered.push(node);
  }

  private judgeClaims(node: WalkNode): void {
    const isRead = node.kind !== undefined;
    for (const [subject, sources] of node.claims ?? []) {
      if (isRead && node.subject !== subject.digest) continue;
      for (const via of sources) this.graph.refer(node, subject, via);
    }
    node.claims = undefined;
  }

  // ---- what a manifest names ------------------------------------------------------------------------------------

  private descend(node: WalkNode, parsed: ParsedManifest): void {
    node.parsed = undefined;
    const depth = node.depth + 1;
    for (const content of contentOf(parsed)) {
      if (!this.takeDescriptor(node)) return;
      this.nameContent(node, content, depth);
    }
    for (const { attestation, image } of attestedImages(parsed)) {
      const to = this.graph.ensure(image, undefined);
      this.graph.refer(this.graph.ensure(attestation, undefined), to, 'buildkit-attestation');
      if (!to.isManifest && to.descriptor === undefined) this.visit(to, depth + 1);
    }
    if (parsed.subject !== undefined && parsed.subject.digest !== node.digest && this.takeDescriptor(node)) {
      const subject = this.graph.ensure(parsed.subject.digest, parsed.subject);
      this.graph.refer(node, subject);
      this.nameManifest(subject, parsed.subject, depth);
    }
    if (parsed.form !== 'index') return;
    for (const tag of node.fallbackTags) {
      const subject = companionSubject(tag)?.subject;
      if (subject !== undefined) this.linkCompanion(node, subject, 'fallback-tag');
    }
  }

  private nameContent(parent: WalkNode, { via, digest, descriptor }: NamedContent, depth: number): void {
    if (digest === parent.digest) return; // only a place that lies can do that
    const node = this.graph.ensure(digest, descriptor);
    this.graph.contain(parent, node, via);
    if (via === 'child') {
      if (descriptor !== undefined) this.nameManifest(node, descriptor, depth);
      return;
    }
    const isNew = !node.isConfig && !node.isLayer;
    if (via === 'config') node.isConfig = true;
    else node.isLayer = true;
    if (descriptor !== undefined) {
      this.note(node, descriptor);
      node.isForeign ||= isForeignLayer(descriptor);
    }
    if (isNew || via === 'config') this.changed(node);
    this.inspect(node, descriptor ?? { digest, mediaType: MEDIA_TYPES.dockerLayerTarGzip, size: 0 });
  }

  private takeDescriptor(node: WalkNode): boolean {
    if (this.budget.takeDescriptor()) return true;
    const error = this.budget.descriptorsExhausted();
    if (node.state === 'ok') {
      node.state = 'limited';
      node.error = error;
    }
    this.changed(node);
    return false;
  }

  // ---- blobs ----------------------------------------------------------------------------------------------------

  private inspect(node: WalkNode, descriptor: Descriptor): void {
    if (node.isManifest) return;
    if (descriptor.data !== undefined) node.inlineDescriptor = descriptor;
    if (node.blobChecked) {
      // This descriptor may have what the first lacked: a place elsewhere, or the content itself.
      if (node.state === 'missing' || node.state === 'unchecked') this.concludeBlob(node, { state: node.state });
      return;
    }
    node.blobChecked = true;
    const { target } = this.options;
    if (target.inspectBlob === undefined || !isVerifiable(node.digest)) {
      this.concludeBlob(node, { state: 'unchecked' });
      return;
    }
    const check: CheckBlobOptions = {
      inspectBlob: target.inspectBlob.bind(target),
      readBlob: target.readBlob.bind(target),
      descriptor,
      isSizeKnown: node.descriptor !== undefined,
      hashAllowance: this.hashAllowance,
      signal: this.controller.signal,
    };
    this.spawn(async () => {
      const finding = await this.pool.run(() => checkBlob(check), 'later');
      if (!node.isManifest) this.concludeBlob(node, finding);
    });
  }

  private concludeBlob(node: WalkNode, { state, error, size }: BlobFinding): void {
    const isAbsent = state === 'missing' || state === 'unchecked';
    if (isAbsent && node.inlineDescriptor !== undefined && hasInlineContent(node.inlineDescriptor)) {
      this.setBlobState(node, 'ok', undefined);
    } else if (state === 'missing' && node.isForeign) {
      this.setBlobState(node, 'unchecked', undefined);
    } else {
      this.setBlobState(node, state, error ?? (node.state === state ? node.error : undefined));
    }
    if (size !== undefined) {
      node.size = size;
      node.isSizeReal = true;
    }
    markContradictions(node);
    this.changed(node);
  }

  private setBlobState(node: WalkNode, state: NodeState, error: ErrorData | undefined): void {
    node.state = state;
    node.error = error;
  }

  // ---- referrers ------------------------------------------------------------------------------------------------

  private askForReferrers(node: WalkNode): void {
    if (node.referrersAsked) return;
    node.referrersAsked = true;
    const { target } = this.options;
    this.spawn(() =>
      findReferrers({
        target,
        subject: node.digest,
        tags: this.tags,
        signal: this.controller.signal,
        run: (task) => this.pool.run(task),
        onFound: (found) => {
          if (node.anchored) this.takeFound(node, found);
          else this.waitingFor(node).found.push(found);
          this.settle();
        },
        onLookup: (lookup) => {
          if (node.anchored) this.keepLookup(node, lookup);
          else this.waitingFor(node).lookups.push(lookup);
        },
      }),
    );
  }

  private waitingFor(node: WalkNode): WaitingAnswers {
    const answers = this.waiting.get(node) ?? { found: [], lookups: [] };
    this.waiting.set(node, answers);
    return answers;
  }

  private keepLookup(node: WalkNode, lookup: GraphLookup): void {
    const kept = this.lookups.get(node);
    if (kept === undefined) this.lookups.set(node, [lookup]);
    else kept.push(lookup);
    this.steps.addLookup(lookup);
  }

  private takeFound(subject: WalkNode, found: FoundReferrers): void {
    const depth = subject.depth + 1;
    if ('fetched' in found) {
      const { descriptor } = found.fetched;
      if (descriptor.digest === subject.digest) return;
      this.tags.learn(found.tag, descriptor.digest);
      const node = this.graph.ensure(descriptor.digest, descriptor);
      this.graph.refer(node, subject, found.via);
      this.admit(node, found.fetched, depth);
      return;
    }
    for (const descriptor of 'named' in found ? found.named : found.claimed) {
      if (descriptor.digest === subject.digest) continue;
      if (!this.takeDescriptor(subject)) return;
      const node = this.graph.ensure(descriptor.digest, descriptor);
      if ('claimed' in found) {
        this.claim(node, subject, descriptor, found.via);
      } else {
        this.graph.refer(node, subject, found.via);
        this.nameManifest(node, descriptor, depth);
      }
    }
  }

  /** A source lists `node` as a referrer of `subject`. That holds once the manifest itself says so. */
  private claim(node: WalkNode, subject: WalkNode, descriptor: Descriptor, via: ReferrerVia): void {
    this.note(node, descriptor);
    node.claims ??= new Map();
    const sources = node.claims.get(subject);
    if (sources === undefined) node.claims.set(subject, new Set([via]));
    else sources.add(via);
    this.visit(node, subject.depth + 1);
    if (node.reading === 'done') this.judgeClaims(node);
  }

  // ---- what needs the whole graph -------------------------------------------------------------------------------

  /** A fallback tag of a sha512 subject holds half of its digest: only the nodes themselves say which it is. */
  private linkShortenedTags(): void {
    for (const root of this.roots) {
      if (root.kind === undefined || !isIndexMediaType(root.mediaType)) continue;
      for (const tag of root.fallbackTags.filter((fallbackTag) => companionSubject(fallbackTag)?.subject === undefined)) {
        for (const node of this.graph.nodes.values()) {
          if (node !== root && node.anchored && isFallbackTagOf(tag, node.digest)) this.graph.refer(root, node, 'fallback-tag');
        }
      }
    }
  }

  /** A layout holds its links itself: a manifest in it that names a subject is one, whether or not the listing has it. */
  private linkOwnSubjects(): void {
    if (this.options.target.referrers?.name !== 'layout-link') return;
    for (const edge of this.graph.edges) {
      if (edge.via.size === 0) this.graph.refer(edge.from, edge.to, 'layout-link');
    }
  }

  /**
   * Answers come in any order, so a node can be met on a long way first: what lies within the depth after all is read now.
   * What a limit keeps from being read cannot prove what others claim of it: the claims stand, and the node says why.
   */
  private reopenLimited(): void {
    if (this.limited.size === 0) return;
    const shortest = depths(this.graph, [...this.roots]);
    this.budget.forgetDepth();
    for (const node of [...this.limited]) {
      const subjects = [...(node.claims?.keys() ?? [])].map((subject) => (shortest.get(subject.digest) ?? subject.depth) + 1);
      this.visit(node, Math.min(shortest.get(node.digest) ?? node.depth, ...subjects));
      if (node.reading === 'not-yet') this.judgeClaims(node);
    }
  }

  private changed(node: WalkNode): void {
    if (node.anchored) this.steps.addNode(node);
  }

  private guess(descriptor: Descriptor): NodeKind {
    const { artifactType, mediaType, platform } = descriptor;
    if (artifactType !== undefined) {
      const content = isIndexMediaType(mediaType) ? ({ form: 'index', manifests: [] } as const) : ({ form: 'manifest', layers: [] } as const);
      return this.options.recognise({ mediaType, artifactType, annotations: {}, problems: [], document: {}, ...content }).kind;
    }
    if (isIndexMediaType(mediaType)) return 'index';
    return platform !== undefined && platform.os !== 'unknown' ? 'image' : 'other';
  }
}

/** Faults of the content itself: the name was resolved, what it leads to cannot be used. */
const CONTENT_FAULTS: ReadonlySet<string> = new Set([
  'MISSING', 'DIGEST_MISMATCH', 'SIZE_MISMATCH', 'MEDIA_TYPE_MISMATCH', 'MALFORMED', 'AMBIGUOUS', 'LIMIT', 'UNSUPPORTED',
]);

function wrongAnswer(asked: Digest, answered: Digest): TallymanError {
  return new TallymanError({
    code: 'DIGEST_MISMATCH',
    message: `The place answered with ${answered} when it was asked for ${asked}.`,
    hint: 'Do not trust what this place says; get the content from its publisher again.',
    details: { expected: asked, actual: answered },
  });
}
