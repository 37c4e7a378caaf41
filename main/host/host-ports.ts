/** What only a host can do; each host brings what it has, and the window offers only that. */
export interface HostPorts {
  /** A native dialog to choose a layout folder or archive; undefined when the person closes it. */
  pickPath?(what: 'folder' | 'archive'): Promise<string | undefined>;
}
