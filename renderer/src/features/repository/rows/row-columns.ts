/** Height of a row, in pixels; `--row-list` in the style sheet. */
export const ROW_HEIGHT = 32;

/** The columns of the table, in their order; the style sheet gives widths and drops some where it is narrow. */
export const COLUMNS = [
  { id: 'sign', label: 'Kind' },
  { id: 'tags', label: 'Tags' },
  { id: 'digest', label: 'Digest' },
  { id: 'what', label: 'What' },
  { id: 'size', label: 'Size' },
  { id: 'created', label: 'Created' },
  { id: 'attached', label: 'Attached' },
] as const;
