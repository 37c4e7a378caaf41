const [MAJOR, MINOR] = [20, 19];

/** Ends the program with one line on a Node that is too old: nothing else here would say so clearly. */
export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > MAJOR || (major === MAJOR && minor >= MINOR)) return;
  process.stderr.write(
    `Tallyman needs Node ${MAJOR}.${MINOR} or newer; this is ${process.version}. Get one from https://nodejs.org and start again.\n`,
  );
  process.exit(1);
}
