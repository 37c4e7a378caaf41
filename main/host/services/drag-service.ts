import { TallymanError } from '../../../shared/errors/tallyman-error.ts';
import { parseDigest } from '../../../shared/oci/digest.ts';
import { planBlobPull, planPull, type PullPlan } from '../../artifacts/pull/plan-pull.ts';
import type { DragFolder } from '../files/drag-folder.ts';
import type { HandlersOf } from '../handlers.ts';
import type { HostPorts } from '../host-ports.ts';
import { saveFileName } from '../save-file-name.ts';
import type { OpenTargets } from '../sources/open-targets.ts';

export interface DragServiceOptions {
  readonly targets: OpenTargets;
  readonly dragged: DragFolder;
  readonly ports: HostPorts;
}

/** Files of artifacts that are dragged out of the window, where the host can do that. */
export function createDragService({
  targets,
  dragged,
  ports,
}: DragServiceOptions): HandlersOf<'content.prepareDrag' | 'content.startDrag'> {
  return {
    async 'content.prepareDrag'({ fileName, ...node }, { signal }) {
      if (ports.startDrag === undefined) throw noDrags();
      const descriptor = { digest: parseDigest(node.digest), mediaType: node.mediaType, size: node.size };
      const target = await targets.target(node.target, signal);
      // Of a title that is a path, the file's own name.
      const name = saveFileName(fileName.split(/[/\\]/).at(-1) ?? '', 'content');
      const drag = node.manifest
        ? await dragged.prepare({
            target,
            plan: requirePlainFiles(await planPull(target, descriptor, { signal })),
            folderName: name,
            signal,
          })
        : await dragged.prepare({ target, plan: planBlobPull(descriptor, name), signal });
      return { drag, name };
    },

    async 'content.startDrag'({ drag }) {
      if (ports.startDrag === undefined) throw noDrags();
      if (ports.startDrag(await dragged.take(drag))) return {};
      throw new TallymanError({
        code: 'TIMEOUT',
        message: 'The mouse button was let go before the file was there.',
        hint: 'Drag it once more.',
      });
    },
  };
}

/** Archives that become folders may be far larger than they look, and some names need a person's decision: a pull shows both. */
function requirePlainFiles(plan: PullPlan): PullPlan {
  const { items, refused } = plan;
  const fault =
    items.length === 0
      ? 'It has no files'
      : items.some(({ unpack }) => unpack !== undefined)
        ? 'It has folders that have to be unpacked'
        : refused.length > 0
          ? 'Some of its files have names that cannot be written'
          : undefined;
  if (fault === undefined) return plan;
  throw new TallymanError({
    code: 'UNSUPPORTED',
    message: `${fault}: it cannot be dragged out as a whole.`,
    hint: 'Drag single files of it, or use “Pull to a folder…”.',
  });
}

function noDrags(): TallymanError {
  return new TallymanError({
    code: 'UNSUPPORTED',
    message: 'This host cannot drag files out of its window.',
    hint: 'Use “Save…”, or “Pull to a folder…”.',
  });
}
