// Makes dist/: the window, and the bundles of Electron, web host and command line. Does nothing when dist/ is current.
import { prepare } from './setup/prepare.mjs';

await prepare();
