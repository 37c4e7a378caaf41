import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Client } from '../../../shared/contract/client.ts';
import { trackActivity } from './activity.ts';

describe('the list of calls in flight', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function tracked(): {
    readonly client: Client;
    readonly shown: () => readonly unknown[];
    readonly step: (step: unknown) => void;
    readonly end: () => void;
  } {
    let onStep: ((step: never) => void) | undefined;
    let end = (): void => undefined;
    const inner: Client = {
      call: (_name, _input, options) => {
        onStep = options?.onStep;
        return new Promise((resolve) => (end = () => resolve({} as never)));
      },
      on: () => () => undefined,
    };
    const { client, activity } = trackActivity(inner);
    return { client, shown: activity.snapshot, step: (step) => onStep?.(step as never), end: () => end() };
  }

  it('names a call that takes a moment, and how far it is', async () => {
    const { client, shown, step, end } = tracked();
    const call = client.call('graph.walk', { target: { source: 'local' } });
    step({ nodes: [], edges: [], lookups: [], pending: 12 });
    await vi.advanceTimersByTimeAsync(150);
    expect(shown()).toEqual([expect.objectContaining({ label: 'Walking the graph', detail: '12 to go' })]);
    end();
    await call;
    await vi.advanceTimersByTimeAsync(150);
    expect(shown()).toEqual([]);
  });

  it('says nothing of a call that is over at once', async () => {
    const { client, shown, end } = tracked();
    const call = client.call('repository.entries', { target: { source: 'local' } });
    await vi.advanceTimersByTimeAsync(20);
    end();
    await call;
    await vi.advanceTimersByTimeAsync(500);
    expect(shown()).toEqual([]);
  });

  it('adds up the pages of a listing', async () => {
    const { client, shown, step } = tracked();
    void client.call('repository.entries', { target: { source: 'local' } });
    step({ entries: Array.from({ length: 1000 }, () => ({})) });
    step({ entries: Array.from({ length: 500 }, () => ({})) });
    await vi.advanceTimersByTimeAsync(150);
    expect(shown()).toEqual([expect.objectContaining({ detail: '1,500 so far' })]);
  });
});
