import { displayText } from '../../../shared/display/display-text.ts';
import type { Platform } from '../../../shared/oci/platform.ts';
import { UsageError } from './usage-error.ts';

/** OS/ARCHITECTURE[/VARIANT][:OS_VERSION] of a verb, as oras takes it. */
export function readPlatformArgument(text: string): Platform {
  const colon = text.indexOf(':');
  const [os = '', architecture = '', variant, ...more] = (colon < 0 ? text : text.slice(0, colon)).split('/');
  const osVersion = colon < 0 ? '' : text.slice(colon + 1);
  if (os === '' || architecture === '' || variant === '' || more.length > 0)
    throw new UsageError(`--platform is OS/ARCHITECTURE[/VARIANT], not “${displayText(text)}”.`);
  return {
    os,
    architecture,
    ...(variant === undefined ? {} : { variant }),
    ...(osVersion === '' ? {} : { osVersion }),
  };
}
