import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAddress, parseAddress } from './address.ts';
import {
  ARTIFACT_MODES,
  INSPECTOR_TABS,
  REPOSITORY_SORTS,
  START,
  artifactView,
  repositoryView,
  sourceView,
} from './view.ts';
import type { View } from './view.ts';

const text = fc.string({ unit: 'binary', maxLength: 40 }).map((each) => each.toWellFormed());
const source = fc.oneof(
  fc.constant('local'),
  text.filter((each) => each !== '').map((host) => `registry:${host}`),
  text.map((path) => `layout:/${path}`),
);
const repository = fc
  .array(text, { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join('/'))
  .filter((each) => each !== '');
const target = fc.oneof(
  source.map((each) => ({ source: each })),
  fc.record({ source, repository }),
);
const optional = fc.option(
  text.filter((each) => each !== ''),
  { nil: undefined },
);

const view: fc.Arbitrary<View> = fc.oneof(
  fc.constant(START),
  fc.record({ source, filter: text }).map((each) => ({ ...sourceView(each.source), filter: each.filter })),
  fc
    .record({
      target,
      filter: text,
      sort: fc.constantFrom(...REPOSITORY_SORTS),
      companions: fc.boolean(),
      selected: optional,
      tab: fc.constantFrom(...INSPECTOR_TABS),
    })
    .map(({ selected, ...each }) => ({
      ...repositoryView(each.target),
      ...each,
      ...(selected === undefined ? {} : { selected }),
    })),
  fc
    .record({
      target,
      tag: optional,
      digest: optional,
      mode: fc.constantFrom(...ARTIFACT_MODES),
      selected: optional,
      tab: fc.constantFrom(...INSPECTOR_TABS),
    })
    .map(({ tag, digest, selected, ...each }) => ({
      ...artifactView(each.target, { tag, digest }),
      mode: each.mode,
      tab: each.tab,
      ...(selected === undefined ? {} : { selected }),
    })),
);

describe('addresses', () => {
  it('reopen exactly the view they were made of', () => {
    fc.assert(
      fc.property(view, (each) => {
        expect(parseAddress(formatAddress(each))).toEqual(each);
      }),
    );
  });

  it('hold nothing that a URL would change on its way through the address bar', () => {
    fc.assert(
      fc.property(view, (each) => {
        const hash = formatAddress(each);
        expect(new URL(`http://127.0.0.1/${hash}`).hash).toBe(hash === '#' ? '' : hash);
      }),
    );
  });

  it('of any other text are the start view or some view, never an exception', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (each) => {
        expect(() => parseAddress(each)).not.toThrow();
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (each) => {
        expect(() => parseAddress(`#/artifact/${each}`)).not.toThrow();
      }),
    );
  });

  it('are readable: host, repository and tag as one types them', () => {
    const address = formatAddress({
      ...artifactView({ source: 'registry:localhost:5000', repository: 'team/app' }, { tag: '1.8.2' }),
      mode: 'tree',
    });
    expect(address).toBe('#/artifact/registry:localhost:5000/team/app?tag=1.8.2&mode=tree');
  });

  it('with values that do not exist take the usual ones', () => {
    expect(parseAddress('#/repository/local?sort=colour&tab=hex')).toEqual(
      repositoryView({ source: 'local' }),
    );
  });

  it.each([
    '#/',
    '',
    '#/artifact',
    '#/artifact/',
    '#/source/registry:a/b',
    '#/unknown/local',
    '#/artifact/%E0%A4%A',
    `#/source/${'a'.repeat(20_000)}`,
  ])('such as %j open the start view', (each) => {
    expect(parseAddress(each)).toEqual(START);
  });
});
