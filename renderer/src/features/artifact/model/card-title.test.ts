import { describe, expect, it } from 'vitest';
import type { GraphNode } from '../../../../../shared/contract/graph.ts';
import { cardTitle } from './card-title.ts';
import { contentTroubles } from './content-trouble.ts';
import type { Link } from './links.ts';

describe('cardTitle', () => {
  it('leaves out of a type string what every other begins with too', () => {
    expect(cardTitle('application/vnd.example.report.v1+json')).toBe('example.report.v1+json');
    expect(cardTitle('application/spdx+json')).toBe('spdx+json');
    expect(cardTitle('text/plain')).toBe('text/plain');
  });

  it('leaves words, and what only looks like a type, as they are', () => {
    expect(cardTitle('SBOM · SPDX')).toBe('SBOM · SPDX');
    expect(cardTitle('linux/arm64/v8')).toBe('linux/arm64/v8');
    expect(cardTitle('application/vnd.\u202Eevil')).toBe('application/vnd.⟨U+202E⟩evil');
  });
});

describe('contentTroubles', () => {
  const node = (digest: string, state: GraphNode['state']): [string, GraphNode] => [
    digest,
    { digest, mediaType: 'a/b', size: 1, kind: 'layer', tags: [], state, title: digest },
  ];
  const content = (left: string, right: string): Link => ({ left, right, form: 'content', vias: ['layer'] });

  it('counts the parts of each manifest that have a problem, and names the first', () => {
    const nodes = new Map([node('whole', 'unchecked'), node('gone', 'missing'), node('bad', 'damaged')]);
    const links = [content('a', 'whole'), content('b', 'whole'), content('b', 'gone'), content('b', 'bad')];
    expect([...contentTroubles(links, nodes)]).toEqual([['b', { count: 2, state: 'missing' }]]);
  });

  it('does not count what is attached', () => {
    const nodes = new Map([node('signature', 'damaged')]);
    expect(contentTroubles([{ left: 'a', right: 'signature', form: 'referrer', vias: [] }], nodes).size).toBe(
      0,
    );
  });
});
