import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../../../shared/errors/tallyman-error.ts';
import { ACME, PACKAGES, fakeSources } from '../../testing/fake-sources.ts';
import { sourceRows } from './source-rows.ts';
import type { CatalogState, SourceRow } from './source-rows.ts';

const sources = fakeSources();
const words = (row: SourceRow): string =>
  row.kind === 'repository'
    ? row.repository
    : row.kind === 'notice'
      ? row.text
      : row.kind === 'source'
        ? row.source.label
        : row.kind;
const rowsOf = (
  expanded: readonly string[],
  catalogs: Readonly<Record<string, CatalogState>>,
  filter = '',
): readonly SourceRow[] =>
  sourceRows({ sources, expanded: new Set(expanded), catalogs: new Map(Object.entries(catalogs)), filter });
const whole = (...repositories: string[]): CatalogState => ({ repositories, reading: false, complete: true });
const failed = (code: ErrorCode, ...repositories: string[]): CatalogState => ({
  repositories,
  reading: false,
  complete: false,
  error: { code, message: 'What came back.' },
});
const under = (rows: readonly SourceRow[], source: string): readonly string[] =>
  rows.filter((row) => row.level === 3 && row.source.id === source).map(words);

describe('the lines of the sidebar', () => {
  it('are the local places and the registries, each under its heading', () => {
    expect(rowsOf([], {}).map(words)).toEqual([
      'group',
      'Local store',
      'release-layout',
      'group',
      'localhost:5000',
      'registry.acme.example',
      'packages.example.org',
      'offline.example',
    ]);
  });

  it('show pinned repositories first, and each repository once', () => {
    expect(under(rowsOf([ACME], { [ACME]: whole('team/api', 'team/app') }), ACME)).toEqual([
      'team/app',
      'team/api',
    ]);
  });

  it('show what came so far, and that more is coming', () => {
    expect(
      under(rowsOf([ACME], { [ACME]: { repositories: ['a'], reading: true, complete: false } }), ACME),
    ).toEqual(['team/app', 'a', 'reading']);
  });

  it.each([
    ['UNSUPPORTED', 'No catalog: type a name'],
    ['UNAUTHORIZED', 'Sign in to see its catalog'],
    ['DENIED', 'Its catalog is not for this account'],
    ['UNREACHABLE', 'Cannot be reached'],
    ['REGISTRY_ERROR', 'Its catalog cannot be read'],
  ] as const)('tell %s as %j beside the pinned repositories, never as an empty registry', (code, text) => {
    expect(under(rowsOf([PACKAGES], { [PACKAGES]: failed(code) }), PACKAGES)).toEqual(['org/tool', text]);
  });

  it('keep the pages that came before a failure', () => {
    expect(under(rowsOf([PACKAGES], { [PACKAGES]: failed('TIMEOUT', 'a', 'b') }), PACKAGES)).toEqual([
      'org/tool',
      'a',
      'b',
      'The rest could not be read',
    ]);
  });

  it('filter repositories and registries by any part of their name', () => {
    const catalogs = { [ACME]: whole('team/api', 'platform/base') };
    expect(rowsOf([ACME], catalogs, 'plat').map(words)).toEqual([
      'group',
      'group',
      'registry.acme.example',
      'platform/base',
    ]);
    expect(under(rowsOf([ACME], catalogs, 'acme'), ACME)).toEqual(['team/app', 'team/api', 'platform/base']);
  });

  it('have keys of their own, whatever the repositories are called', () => {
    const keys = rowsOf([ACME, PACKAGES], { [ACME]: whole('a', 'org/tool'), [PACKAGES]: whole('a') }).map(
      (row) => row.key,
    );
    expect(new Set(keys).size).toBe(keys.length);
  });
});
