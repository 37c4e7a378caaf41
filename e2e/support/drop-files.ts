import type { Locator } from '@playwright/test';
import { step } from '../pages/step.ts';

/** Drops files of this machine on a part of the page, as from a file manager: the browser knows where they lie, the page does not. */
export async function dropFiles(target: Locator, paths: readonly string[]): Promise<void> {
  await step(`drop ${paths.length} files`, async () => {
    const page = target.page();
    // Only an input makes files that have a path.
    const input = await page.evaluateHandle(() => {
      const field = document.createElement('input');
      field.type = 'file';
      field.multiple = true;
      document.body.append(field);
      return field;
    });
    await input.asElement().setInputFiles([...paths]);
    const transfer = await input.evaluateHandle((field) => {
      const carried = new DataTransfer();
      for (const file of field.files ?? []) carried.items.add(file);
      field.remove();
      return carried;
    });
    for (const type of ['dragenter', 'dragover', 'drop'])
      await target.dispatchEvent(type, { dataTransfer: transfer });
  });
}
