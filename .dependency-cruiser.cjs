// The arrows between the rooms (ARCHITECTURE.md). Run: npm run arrows
const rule = (name, from, to) => ({ name, severity: 'error', from, to });
const test = '\\.test\\.tsx?$';

module.exports = {
  forbidden: [
    rule(
      'shared-is-pure',
      { path: '^shared/', pathNot: test },
      { path: '^(app|main|renderer|e2e)/|(^|/)node_modules/(electron|react|ws|hono|undici)(/|$)' },
    ),
    rule('shared-has-no-node', { path: '^shared/', pathNot: test }, { dependencyTypes: ['core'] }),
    rule('main-never-electron', { path: '^main/' }, { path: '(^|/)node_modules/electron(/|$)|^electron$' }),
    rule('main-sees-shared-only', { path: '^main/' }, { path: '^(renderer|app|e2e)/' }),
    rule('renderer-sees-shared-only', { path: '^renderer/' }, { path: '^(app|main|e2e)/' }),
    rule('renderer-has-no-node', { path: '^renderer/', pathNot: test }, { dependencyTypes: ['core'] }),
    rule(
      'renderer-has-no-schemas',
      { path: '^renderer/', pathNot: test },
      { path: '(^|/)node_modules/zod(/|$)' },
    ),
    rule('app-sees-shared-and-main', { path: '^app/' }, { path: '^(renderer|e2e)/' }),
    // Inside main: content imports nobody beside it; registry and layout only content; host imports all.
    rule(
      'content-stands-alone',
      { path: '^main/content/', pathNot: test },
      { path: '^main/', pathNot: '^main/content/' },
    ),
    rule(
      'registry-sees-content',
      { path: '^main/registry/', pathNot: test },
      { path: '^main/', pathNot: '^main/(registry|content)/' },
    ),
    rule(
      'layout-sees-content',
      { path: '^main/layout/', pathNot: test },
      { path: '^main/', pathNot: '^main/(layout|content)/' },
    ),
    // The queue knows neither what its jobs do nor who does it.
    rule(
      'transfers-see-content-and-layout',
      { path: '^main/transfers/', pathNot: test },
      { path: '^main/', pathNot: '^main/(transfers|content|layout)/' },
    ),
    rule(
      'server-sees-layout',
      { path: '^main/server/', pathNot: test },
      { path: '^main/', pathNot: '^main/(server|layout|content)/' },
    ),
    // What answers requests knows stores only by their interface, served-registry.ts.
    rule(
      'server-http-sees-no-store',
      { path: '^main/server/(http|registry-server)', pathNot: test },
      { path: '^main/(layout|server/stores)/' },
    ),
    rule(
      'only-host-sees-host',
      { path: '^main/', pathNot: '^main/(host|testing)/|' + test },
      { path: '^main/host/' },
    ),
    rule(
      'testing-is-for-tests',
      { path: '^(main|app|renderer|shared)/', pathNot: '^main/testing/|' + test },
      { path: '^main/testing/' },
    ),
    rule(
      'features-are-independent',
      { path: '^renderer/src/features/([^/]+)/' },
      { path: '^renderer/src/features/', pathNot: '^renderer/src/features/$1/' },
    ),
    rule('no-circles', {}, { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } }),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.js', '.mjs'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
