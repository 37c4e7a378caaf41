import type { Page } from '@playwright/test';
import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import {
  startScriptedRegistry,
  type ScriptedAnswer,
  type ScriptedRequest,
} from '../../main/testing/scripted-registry.ts';
import { percentile, type Benchmark } from './benchmark.ts';
import { openPlace, openWindow } from './window.ts';

const run = promisify(execFile);

const TAGS = 50_000;
const PAGE = 1000;
/** Milliseconds from the first page of tags on the wire to the first rows on the screen. */
const FIRST_ROWS_GOAL = 300;
/** Milliseconds between frames, for 95 of 100 frames while scrolling. */
const FRAME_GOAL = 20;
const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';

/** First rows and scrolling of a repository with 50,000 tags, in the window. */
export const manyTags: Benchmark = {
  name: 'tags',
  async run({ root, work, browser, peer }) {
    let firstPageSent = Number.NaN;
    const registry = await startScriptedRegistry((request) => {
      const answer = answerRepository(request);
      if (request.path.endsWith('/tags/list') && Number.isNaN(firstPageSent)) firstPageSent = Date.now();
      return answer;
    });
    const repository = `${registry.host}/bench/many`;
    try {
      const opened = await openWindow({ root, work, browser });
      try {
        const { page } = opened;
        const rowsShown = page.evaluate(
          () =>
            new Promise<number>((resolve) => {
              const look = (): void => {
                const rows = document.querySelectorAll(
                  '[role="grid"] [role="rowgroup"] [role="row"] [role="gridcell"] bdi',
                );
                if (rows.length >= 10) requestAnimationFrame(() => resolve(Date.now()));
                else requestAnimationFrame(look);
              };
              look();
            }),
        );
        await openPlace(page, repository);
        const firstRows = (await rowsShown) - firstPageSent;
        await page
          .getByText(/50,000 tags|50.000 tags/)
          .first()
          .waitFor({ timeout: 60_000 });
        const gaps = await scroll(page);
        const crane = peer('crane');
        const listed =
          crane === undefined
            ? undefined
            : await time(() => run(crane, ['ls', '--insecure', repository], { maxBuffer: 1 << 26 }));
        return [
          {
            work: `first rows of a repository with ${TAGS.toLocaleString('en')} tags, after its first page`,
            ours: firstRows,
            unit: 'ms',
            ...(listed === undefined ? {} : { peer: { name: 'crane ls (whole list)', figure: listed } }),
            goal: { text: `within ${FIRST_ROWS_GOAL} ms`, met: firstRows <= FIRST_ROWS_GOAL },
          },
          {
            work: '  frame gap while scrolling it, 95 of 100',
            ours: percentile(gaps, 0.95),
            unit: 'ms',
            peer: { name: 'the same page at rest', figure: percentile(await frameGaps(page, 2000), 0.95) },
            goal: { text: `under ${FRAME_GOAL} ms`, met: percentile(gaps, 0.95) < FRAME_GOAL },
            note: `${gaps.length} frames, longest ${Math.max(...gaps).toFixed(0)} ms`,
          },
        ];
      } finally {
        await opened.close();
      }
    } finally {
      await registry.close();
    }
  },
};

/** Turns the wheel for some seconds and answers the milliseconds between frames. */
async function scroll(page: Page): Promise<readonly number[]> {
  const box = await page.getByRole('grid').boundingBox();
  if (box === null) throw new Error('The repository shows no grid.');
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  const gaps = frameGaps(page, 4000);
  const stop = performance.now() + 3900;
  while (performance.now() < stop) {
    await page.mouse.wheel(0, 700);
    await page.waitForTimeout(30);
  }
  return gaps;
}

function frameGaps(page: Page, duration: number): Promise<readonly number[]> {
  return page.evaluate(
    (milliseconds) =>
      new Promise<number[]>((resolve) => {
        const found: number[] = [];
        const start = performance.now();
        let last = start;
        const frame = (now: number): void => {
          found.push(now - last);
          last = now;
          if (now - start < milliseconds) requestAnimationFrame(frame);
          else resolve(found.slice(1));
        };
        requestAnimationFrame(frame);
      }),
    duration,
  );
}

async function time(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** A repository of 50,000 images made up as they are asked for: each a manifest with a config of its own. */
function answerRepository(request: ScriptedRequest): ScriptedAnswer | undefined {
  const { path, query } = request;
  if (path === '/v2/' || path === '/v2')
    return { body: '{}', headers: { 'content-type': 'application/json' } };
  if (path.endsWith('/tags/list')) {
    const last = query.get('last');
    const start = last === null ? 0 : Number(last.slice(2)) + 1;
    const tags = Array.from({ length: Math.max(0, Math.min(PAGE, TAGS - start)) }, (_, index) =>
      tagName(start + index),
    );
    const end = start + tags.length;
    return {
      body: JSON.stringify({ name: 'bench/many', tags }),
      headers: {
        'content-type': 'application/json',
        ...(end < TAGS
          ? { link: `</v2/bench/many/tags/list?n=${PAGE}&last=${tagName(end - 1)}>; rel="next"` }
          : {}),
      },
    };
  }
  const reference = /\/manifests\/(.+)$/.exec(path)?.[1];
  if (reference === undefined) return undefined;
  const number = reference.startsWith('1.') ? Number(reference.slice(2)) : byDigest.get(reference);
  if (number === undefined || Number.isNaN(number)) return undefined;
  const body = manifest(number);
  const digest = `sha256:${createHash('sha256').update(body).digest('hex')}`;
  byDigest.set(digest, number);
  return { body, headers: { 'content-type': MANIFEST_TYPE, 'docker-content-digest': digest } };
}

const byDigest = new Map<string, number>();
const tagName = (number: number): string => `1.${String(number).padStart(5, '0')}`;

function manifest(number: number): string {
  const descriptor = (mediaType: string, text: string): unknown => ({
    mediaType,
    digest: `sha256:${createHash('sha256').update(text).digest('hex')}`,
    size: text.length,
  });
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    artifactType: 'application/vnd.example.note',
    config: descriptor('application/vnd.oci.empty.v1+json', '{}'),
    layers: [descriptor('text/plain', `note ${number}`)],
    annotations: {
      'org.opencontainers.image.created': new Date(1_700_000_000_000 + number * 60_000).toISOString(),
    },
  });
}
