import type { TargetAddress } from '../../../shared/contract/common.ts';
import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { quoteText } from '../../../shared/display/display-text.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { isDigest } from '../../../shared/oci/digest.ts';
import { isTag } from '../../../shared/oci/tag.ts';
import type { TargetWriter } from '../../content/target-writer.ts';
import type { HandlersOf } from '../handlers.ts';
import type { OpenTargets } from '../sources/open-targets.ts';
import { openWriter } from '../transfers/open-writer.ts';

/** Names of manifests: given, moved and taken away. */
export function createTagsService({
  targets,
}: {
  readonly targets: OpenTargets;
}): HandlersOf<'tags.set' | 'tags.remove'> {
  const writing = async <Result>(
    address: TargetAddress,
    signal: AbortSignal,
    work: (writer: TargetWriter) => Promise<Result>,
  ): Promise<Result> => {
    const writer = await openWriter(targets, address, signal);
    try {
      const result = await work(writer);
      await writer.finish({ signal });
      return result;
    } finally {
      await writer.close();
    }
  };

  return {
    'tags.set': ({ target, reference, tag }, { signal }) =>
      writing(target, signal, async (writer) => {
        checkTag(tag);
        const named = await resolve(writer, reference, signal);
        const before = await writer.target.resolve(tag, { signal });
        await writer.tag(tag, named, { signal });
        return { digest: named.digest, ...(before === undefined ? {} : { before: before.digest }) };
      }),

    'tags.remove': ({ target, tag }, { signal }) =>
      writing(target, signal, async (writer) => {
        const named = await resolve(writer, tag, signal);
        if (writer.untag === undefined || isDigest(tag)) {
          throw new TallymanError({
            code: 'UNSUPPORTED',
            message: `${writer.target.label} cannot take a single tag away.`,
            hint: 'Delete the whole digest, with every tag that it has, or move the tag.',
          });
        }
        await writer.untag(tag, { signal });
        return { digest: named.digest };
      }),
  };
}

async function resolve(writer: TargetWriter, reference: string, signal: AbortSignal): Promise<Descriptor> {
  const found = await writer.target.resolve(reference, { signal });
  if (found !== undefined) return found;
  throw new TallymanError({
    code: 'NOT_FOUND',
    message: `${writer.target.label} has no ${quoteText(reference)}.`,
    hint: 'Look at the place again: it may have been deleted meanwhile.',
  });
}

function checkTag(tag: string): void {
  if (isTag(tag)) return;
  throw new TallymanError({
    code: 'INVALID_REFERENCE',
    message: `${quoteText(tag)} is no tag.`,
    hint: 'A tag has at most 128 letters, digits, dots, dashes and underlines, and begins with none of the dots and dashes.',
  });
}
