/** Where a file of the layout lies in the archive, what it is instead, or why it is not read. */
export type ArchivedFile =
  | { readonly state: 'file'; readonly offset: number; readonly size: number }
  /** Not in the archive in this form: made of what is. */
  | { readonly state: 'made'; readonly bytes: Uint8Array }
  | { readonly state: 'refused'; readonly what: string };

/** The files of the layout in an archive, by their name inside the layout. */
export type ArchiveIndex = ReadonlyMap<string, ArchivedFile>;
