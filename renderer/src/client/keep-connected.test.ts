import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import type { Client } from '../../../shared/contract/client.ts';
import type { Transport } from '../../../shared/contract/message.ts';
import { keepConnected } from './keep-connected.ts';

function scripted(): { readonly transport: Transport; close: () => void } {
  let onClosed = (): void => undefined;
  return {
    transport: {
      send: () => undefined,
      onMessage: () => undefined,
      onClose: (listener) => (onClosed = listener),
    },
    close: () => onClosed(),
  };
}

describe('the connection to the services', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is opened again after it broke, and its calls fail meanwhile', async () => {
    const first = scripted();
    const second = scripted();
    const connect = vi.fn().mockResolvedValueOnce(first.transport).mockResolvedValueOnce(second.transport);
    const onOpen = vi.fn<(client: Client) => void>();
    const onLost = vi.fn();
    keepConnected(connect, { onOpen, onLost });
    await vi.advanceTimersByTimeAsync(0);
    const call = onOpen.mock.calls[0]![0].call('host.info', {});
    call.catch(() => undefined);
    first.close();
    await expect(call).rejects.toMatchObject({ code: 'UNREACHABLE' });
    expect(onLost).toHaveBeenCalledOnce();
    await vi.advanceTimersByTimeAsync(400);
    expect(onOpen).toHaveBeenCalledTimes(2);
  });

  it('waits longer from attempt to attempt, and never longer than five seconds', async () => {
    const connect = vi.fn().mockRejectedValue(new TallymanError({ code: 'UNREACHABLE', message: 'gone' }));
    const kept = keepConnected(connect, { onOpen: vi.fn(), onLost: vi.fn() });
    await vi.advanceTimersByTimeAsync(399);
    expect(connect).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1 + 800 + 1600 + 3000 + 5000);
    expect(connect).toHaveBeenCalledTimes(6);
    await vi.advanceTimersByTimeAsync(5000);
    expect(connect).toHaveBeenCalledTimes(7);
    kept.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(connect).toHaveBeenCalledTimes(7);
  });

  it('does not knock again where the host refuses this window', async () => {
    const connect = vi.fn().mockRejectedValue(new TallymanError({ code: 'UNAUTHORIZED', message: 'no' }));
    const onLost = vi.fn();
    keepConnected(connect, { onOpen: vi.fn(), onLost });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(connect).toHaveBeenCalledOnce();
    expect(onLost).toHaveBeenCalledWith(expect.objectContaining({ code: 'UNAUTHORIZED' }));
  });

  it('is tried at once on request', async () => {
    const { transport } = scripted();
    const connect = vi.fn().mockRejectedValueOnce(new Error('gone')).mockResolvedValueOnce(transport);
    const onOpen = vi.fn();
    const kept = keepConnected(connect, { onOpen, onLost: vi.fn() });
    await vi.advanceTimersByTimeAsync(0);
    kept.retry();
    await vi.advanceTimersByTimeAsync(0);
    expect(onOpen).toHaveBeenCalledOnce();
  });
});
