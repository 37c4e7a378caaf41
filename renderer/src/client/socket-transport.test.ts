import { describe, expect, it, vi } from 'vitest';
import type { HostMessage } from '../../../shared/contract/message.ts';
import { connectSocket } from './socket-transport.ts';

/** A WebSocket whose other end is the test. */
class ScriptedSocket extends EventTarget {
  readyState: number = WebSocket.OPEN;
  readonly sent: string[] = [];
  send(text: string): void {
    this.sent.push(text);
  }
  tell(message: HostMessage): void {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(message) }));
  }
}

function connect(): {
  readonly socket: ScriptedSocket;
  readonly opened: readonly string[];
  readonly transport: ReturnType<typeof connectSocket>;
} {
  const socket = new ScriptedSocket();
  const opened: string[] = [];
  const transport = connectSocket(
    {
      origin: 'http://127.0.0.1:4321',
      openSocket: (url, protocol) => {
        opened.push(url, protocol);
        return socket as unknown as WebSocket;
      },
    },
    'the-bearer',
  );
  return { socket, opened, transport };
}

const warning: HostMessage = {
  type: 'broadcast',
  name: 'registry.warning',
  payload: { source: 'registry:a', text: 'b' },
};

describe('the transport over a WebSocket', () => {
  it('carries the bearer in the subprotocol, never in the address', () => {
    const { opened } = connect();
    expect(opened).toEqual(['ws://127.0.0.1:4321/socket', 'tallyman.bearer.the-bearer']);
  });

  it('keeps messages that come before anybody listens', async () => {
    const { socket, transport } = connect();
    socket.dispatchEvent(new Event('open'));
    socket.tell(warning);
    const listener = vi.fn();
    (await transport).onMessage(listener);
    socket.tell(warning);
    expect(listener.mock.calls).toEqual([[warning], [warning]]);
  });

  it('fails with UNREACHABLE when it does not open', async () => {
    const { socket, transport } = connect();
    socket.dispatchEvent(new Event('close'));
    await expect(transport).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });

  it('tells its end once, also to who asks later, and sends nothing after it', async () => {
    const { socket, transport } = connect();
    socket.dispatchEvent(new Event('open'));
    const open = await transport;
    const early = vi.fn();
    open.onClose(early);
    socket.readyState = WebSocket.CLOSED;
    socket.dispatchEvent(new Event('close'));
    socket.dispatchEvent(new Event('close'));
    expect(early).toHaveBeenCalledOnce();
    const late = vi.fn();
    open.onClose(late);
    expect(late).toHaveBeenCalledOnce();
    open.send({ type: 'cancel', id: 1 });
    expect(socket.sent).toEqual([]);
  });
});
