import { cleanup, createEvent, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import type { Client } from '../../../shared/contract/client.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { artifactView } from '../navigation/view.ts';
import { NoticeArea, NoticesProvider } from '../notices/notices.tsx';
import { WindowAround } from '../testing/window-around.tsx';
import { draggedFileName } from './dragged-file-name.ts';
import { DragOut } from './drag-out.tsx';

afterEach(cleanup);

const target = { source: 'local' };
const wish = {
  target,
  digest: `sha256:${'a'.repeat(64)}`,
  mediaType: 'text/plain',
  size: 4,
  manifest: false,
  fileName: 'notes.txt',
};

/** @param prepare - how the host makes the file ready. */
function show(
  prepare: () => Promise<unknown>,
  canDragOut = true,
): { readonly asked: readonly string[]; readonly handle: () => Promise<HTMLElement> } {
  const asked: string[] = [];
  const client = {
    call: (name: string, input: { readonly drag?: string }) => {
      if (name === 'host.info') return Promise.resolve({ host: 'electron', canDragOut });
      asked.push([name, input.drag].filter(Boolean).join(' '));
      return name === 'content.prepareDrag' ? prepare() : Promise.resolve({});
    },
    on: () => () => undefined,
  } as unknown as Client;
  render(
    <NoticesProvider>
      <WindowAround client={client} view={artifactView(target, { tag: '1.0' })}>
        {() => (
          <>
            <p>There</p>
            <DragOut wish={wish} />
          </>
        )}
      </WindowAround>
      <NoticeArea />
    </NoticesProvider>,
  );
  return { asked, handle: () => screen.findByTitle(/^Drag notes\.txt out/) };
}

function drag(handle: HTMLElement): void {
  fireEvent.pointerDown(handle, { button: 0 });
  const begin = createEvent.dragStart(handle);
  fireEvent(handle, begin);
  expect(begin.defaultPrevented).toBe(true);
}

const notice = (): string => screen.getByRole('status').textContent;

describe('the handle that drags a file out', () => {
  it('is not there in a host that cannot', async () => {
    show(() => Promise.resolve({}), false);
    await screen.findByText('There');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(screen.queryByTitle(/^Drag/)).toBeNull();
  });

  it('makes the file ready when it is pressed, and each drag has a file of its own', async () => {
    let made = 0;
    const { asked, handle } = show(() => Promise.resolve({ drag: `drag-${++made}`, name: 'notes.txt' }));
    const found = await handle();
    for (const number of [1, 2]) {
      drag(found);
      await waitFor(() => expect(asked).toHaveLength(2 * number));
      fireEvent.pointerUp(window);
      await waitFor(() => expect(found.dataset['busy']).toBeUndefined());
    }
    expect(asked).toEqual([
      'content.prepareDrag',
      'content.startDrag drag-1',
      'content.prepareDrag',
      'content.startDrag drag-2',
    ]);
  });

  it('starts no drag after the button was let go, and takes the same file the next time', async () => {
    let arrive: (ready: unknown) => void = () => undefined;
    const ready = new Promise<unknown>((resolve) => (arrive = resolve));
    const { asked, handle } = show(() => ready);
    const found = await handle();
    drag(found);
    fireEvent.pointerUp(window);
    arrive({ drag: 'drag-1', name: 'notes.txt' });
    await waitFor(() => expect(notice()).toContain('notes.txt is here now'));
    expect(asked).toEqual(['content.prepareDrag']);
    drag(found);
    await waitFor(() => expect(asked).toEqual(['content.prepareDrag', 'content.startDrag drag-1']));
  });

  it('says why it cannot be dragged, and tries again the next time', async () => {
    const { asked, handle } = show(() =>
      Promise.reject(new TallymanError({ code: 'LIMIT', message: 'It is large.', hint: 'Use “Pull”.' })),
    );
    const found = await handle();
    for (const number of [1, 2]) {
      drag(found);
      await waitFor(() => expect(asked).toHaveLength(number));
      await waitFor(() => expect(found.dataset['busy']).toBeUndefined());
    }
    expect(notice()).toContain('It is large. Use “Pull”.');
    expect(asked).toEqual(['content.prepareDrag', 'content.prepareDrag']);
  });
});

describe('the name of a dragged file', () => {
  it.each([
    ['notes.txt', 'text/plain', 'notes.txt'],
    ['LICENSE', 'application/vnd.oci.image.layer.v1.tar', 'LICENSE'],
    ['docs', 'application/vnd.oci.image.layer.v1.tar+gzip', 'docs.tar.gz'],
    ['a.b/docs/', 'application/vnd.oci.image.layer.v1.tar+zstd', 'a.b/docs.tar.zst'],
    ['app.tgz', 'application/vnd.oci.image.layer.v1.tar+gzip', 'app.tgz'],
  ])('of the title %j with the type %s is %s', (title, mediaType, name) => {
    expect(draggedFileName(title, mediaType)).toBe(name);
  });

  it('is never longer than the contract takes', () => {
    expect(draggedFileName('x'.repeat(9000), 'a/b.tar+gzip')).toHaveLength(255);
  });
});
