import { describe, expect, it } from 'vitest';
import { NO_TABS, activeView, closeTab, keepTab, openView } from './tabs.ts';
import { START, artifactView, placeKey, repositoryView, sourceView } from './view.ts';

const app = repositoryView({ source: 'registry:a', repository: 'team/app' });
const api = repositoryView({ source: 'registry:a', repository: 'team/api' });
const artifact = artifactView(app.target, { tag: '1' });
const titles = (tabs: typeof NO_TABS): readonly string[] => tabs.tabs.map((tab) => tab.key);

describe('tabs', () => {
  it('replace the start view by the first place', () => {
    expect(titles(openView(NO_TABS, app, false))).toEqual([placeKey(app)]);
  });

  it('show one listing and one artifact while nothing is kept', () => {
    const tabs = [
      app,
      artifact,
      api,
      sourceView('registry:a'),
      artifactView(api.target, { tag: '2' }),
    ].reduce((state, view) => openView(state, view, false), NO_TABS);
    expect(titles(tabs)).toEqual([
      placeKey(sourceView('registry:a')),
      placeKey(artifactView(api.target, { tag: '2' })),
    ]);
  });

  it('leave a kept place where it is and open the next one beside it', () => {
    const tabs = openView(keepTab(openView(NO_TABS, app, false), placeKey(app)), api, false);
    expect(titles(tabs)).toEqual([placeKey(app), placeKey(api)]);
    expect(tabs.active).toBe(placeKey(api));
  });

  it('update the tab of a place instead of opening it twice', () => {
    const tabs = openView(openView(NO_TABS, app, true), { ...app, filter: '1.8' }, false);
    expect(tabs.tabs).toHaveLength(1);
    expect(activeView(tabs)).toMatchObject({ filter: '1.8' });
    expect(tabs.tabs[0]?.kept).toBe(true);
  });

  it('take an artifact by tag as the same place whatever digest it had', () => {
    const pinned = artifactView(app.target, { tag: '1', digest: 'sha256:aa' });
    expect(placeKey(pinned)).toBe(placeKey(artifact));
  });

  it('give the place of a closed tab to its right neighbour, then to its left one, then to the start view', () => {
    let tabs = [app, api, artifact].reduce((state, view) => openView(state, view, true), NO_TABS);
    tabs = closeTab({ ...tabs, active: placeKey(api) }, placeKey(api));
    expect(activeView(tabs)).toEqual(artifact);
    tabs = closeTab(tabs, placeKey(artifact));
    expect(activeView(tabs)).toEqual(app);
    expect(activeView(closeTab(tabs, placeKey(app)))).toEqual(START);
  });

  it('stay as they are when a tab that is not there is closed', () => {
    const tabs = openView(NO_TABS, app, true);
    expect(closeTab(tabs, 'elsewhere')).toBe(tabs);
  });
});
