import { describe, expect, it } from 'vitest';
import type { CallOptions, Client } from '../../../../../shared/contract/client.ts';
import type { GraphNode, GraphStep, GraphSummary } from '../../../../../shared/contract/graph.ts';
import { TallymanError } from '../../../../../shared/errors/tallyman-error.ts';
import { GraphWalk, type WalkState } from './graph-walk.ts';

const SUMMARY: GraphSummary = {
  root: 'sha256:1',
  roots: ['sha256:1'],
  complete: true,
  problems: 0,
  limits: [],
};

function step(digest: string, pending: number): GraphStep {
  const node: GraphNode = {
    digest,
    mediaType: 'a/b',
    size: 1,
    kind: 'image',
    tags: [],
    state: 'ok',
    title: digest,
  };
  return { nodes: [node], edges: [], lookups: [], pending };
}

/** A walk whose services and frames the test holds in its hands. */
function scene(earlier?: WalkState): {
  readonly walk: GraphWalk;
  readonly states: WalkState[];
  readonly tell: (step: GraphStep) => void;
  readonly end: () => Promise<void>;
  readonly fail: (error: unknown) => Promise<void>;
  readonly frame: () => void;
  readonly frames: () => number;
  readonly signal: () => AbortSignal | undefined;
} {
  let options: CallOptions<'graph.walk'> | undefined;
  let resolve: (summary: GraphSummary) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  let asked = 0;
  const waiting = new Set<() => void>();
  const client = {
    call: (_: string, __: unknown, given: CallOptions<'graph.walk'>) => {
      options = given;
      return new Promise<GraphSummary>((yes, no) => {
        resolve = yes;
        reject = no;
      });
    },
    on: () => () => undefined,
  } as unknown as Client;
  const walk = new GraphWalk(
    { client, target: { source: 'local' }, reference: '1.0' },
    {
      earlier,
      schedule: (flush) => {
        asked += 1;
        waiting.add(flush);
        return () => waiting.delete(flush);
      },
    },
  );
  const states: WalkState[] = [];
  walk.subscribe(() => states.push(walk.getState()));
  const settle = (): Promise<void> => new Promise((done) => setTimeout(done));
  return {
    walk,
    states,
    tell: (one) => options?.onStep?.(one),
    end: () => {
      resolve(SUMMARY);
      return settle();
    },
    fail: (error) => {
      reject(error);
      return settle();
    },
    frame: () => {
      for (const flush of [...waiting]) {
        waiting.delete(flush);
        flush();
      }
    },
    frames: () => asked,
    signal: () => options?.signal,
  };
}

describe('GraphWalk', () => {
  it('applies the steps of one frame at once', () => {
    const { walk, states, tell, frame, frames } = scene();
    walk.start();
    states.length = 0;
    for (let number = 1; number <= 50; number++) tell(step(`sha256:${number}`, 50 - number));
    expect(states).toHaveLength(0);
    expect(frames()).toBe(1);
    frame();
    expect(states).toHaveLength(1);
    expect(walk.getState()).toMatchObject({ phase: 'walking', pending: 0 });
    expect(walk.getState().model.nodes.size).toBe(50);
  });

  it('is done with its summary and the last steps, without waiting for a frame', async () => {
    const { walk, tell, end } = scene();
    walk.start();
    tell(step('sha256:1', 0));
    await end();
    expect(walk.getState()).toMatchObject({ phase: 'done', summary: SUMMARY, refreshing: false });
    expect(walk.getState().model.nodes.size).toBe(1);
  });

  it('keeps what had come when it breaks off', async () => {
    const { walk, tell, fail } = scene();
    walk.start();
    tell(step('sha256:1', 3));
    await fail(new TallymanError({ code: 'UNREACHABLE', message: 'Gone.' }));
    expect(walk.getState()).toMatchObject({
      phase: 'failed',
      error: { code: 'UNREACHABLE', message: 'Gone.' },
      pending: 0,
    });
    expect(walk.getState().model.nodes.size).toBe(1);
  });

  it('stops the services when nobody looks any more, and says nothing afterwards', async () => {
    const { walk, states, tell, frame, end, signal } = scene();
    walk.start();
    tell(step('sha256:1', 3));
    walk.stop();
    expect(signal()?.aborted).toBe(true);
    states.length = 0;
    frame();
    await end();
    expect(states).toHaveLength(0);
  });

  it('shows the earlier picture until the new walk has ended', async () => {
    const first = scene();
    first.walk.start();
    first.tell(step('sha256:1', 0));
    await first.end();
    const again = scene(first.walk.getState());
    again.walk.start();
    again.tell(step('sha256:2', 4));
    again.frame();
    expect(again.walk.getState()).toMatchObject({ phase: 'walking', refreshing: true, pending: 4 });
    expect([...again.walk.getState().model.nodes.keys()]).toEqual(['sha256:1']);
    await again.end();
    expect([...again.walk.getState().model.nodes.keys()]).toEqual(['sha256:2']);
  });

  it('keeps the earlier picture when looking again fails, and says why', async () => {
    const { walk, tell, end, fail } = scene();
    walk.start();
    tell(step('sha256:1', 0));
    await end();
    walk.start();
    await fail(new TallymanError({ code: 'TIMEOUT', message: 'No answer.' }));
    expect(walk.getState()).toMatchObject({ phase: 'failed', error: { code: 'TIMEOUT' }, summary: SUMMARY });
    expect(walk.getState().model.nodes.size).toBe(1);
  });
});
