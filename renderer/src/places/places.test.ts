import { describe, expect, it } from 'vitest';
import { artifactView, placeKey, repositoryView, sourceView } from '../navigation/view.ts';
import { fakeDigest } from '../testing/fake-digest.ts';
import { fakeSources } from '../testing/fake-sources.ts';
import { placeText } from './place-text.ts';
import { placeTitle } from './place-title.ts';
import { sourceName } from './source-name.ts';
import { viewOfPlace } from './view-of-place.ts';

const APP = { source: 'registry:localhost:5000', repository: 'team/app' };
const DIGEST = fakeDigest('x', '9f2c1a7be04d');

describe('the text of a place', () => {
  it('is what one would type to get there', () => {
    expect(placeText(sourceView('registry:localhost:5000'))).toBe('localhost:5000');
    expect(placeText(repositoryView(APP))).toBe('localhost:5000/team/app');
    expect(placeText(artifactView(APP, { tag: '1.2', digest: DIGEST }))).toBe('localhost:5000/team/app:1.2');
    expect(placeText(artifactView(APP, { digest: DIGEST }))).toBe(`localhost:5000/team/app@${DIGEST}`);
    expect(placeText(artifactView({ source: 'layout:/home/ada/layout' }, { tag: '1.2' }))).toBe(
      '/home/ada/layout:1.2',
    );
  });

  it('names the local store by its path, as far as it is known', () => {
    const view = artifactView({ source: 'local' }, { tag: 'sample' });
    expect(placeText(view, fakeSources())).toBe('/home/ada/.local/share/tallyman/store:sample');
    expect(placeText(view)).toBe('Local store:sample');
  });
});

describe('the title of a place', () => {
  it('is short enough for a tab', () => {
    expect(placeTitle(repositoryView(APP))).toBe('team/app');
    expect(placeTitle(artifactView(APP, { tag: '1.2' }))).toBe('app:1.2');
    expect(placeTitle(artifactView(APP, { digest: DIGEST }))).toBe('app@9f2c1a7be04d');
    expect(placeTitle(artifactView({ source: 'layout:/home/ada/layout/' }, {}))).toBe('layout · whole');
  });
});

describe('the name of a source', () => {
  it.each([
    ['registry:[::1]:5000', '[::1]:5000'],
    ['layout:C:\\images\\release', 'release'],
    ['layout:/', '/'],
    ['local', 'Local store'],
  ])('of %j is %j', (id, name) => expect(sourceName(id)).toBe(name));
});

describe('a place that the services named', () => {
  it('opens as the view it is', () => {
    expect(viewOfPlace({ kind: 'source', source: 'registry:a' })).toEqual(sourceView('registry:a'));
    expect(viewOfPlace({ kind: 'source', source: 'layout:/a' })).toEqual(
      repositoryView({ source: 'layout:/a' }),
    );
    expect(viewOfPlace({ kind: 'artifact', source: 'local', tag: '1' })).toEqual(
      artifactView({ source: 'local' }, { tag: '1' }),
    );
    expect(placeKey(viewOfPlace({ kind: 'repository', source: 'registry:a', repository: 'b' }))).toBe(
      placeKey(repositoryView({ source: 'registry:a', repository: 'b' })),
    );
  });
});
