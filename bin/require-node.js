// Loaded before anything else (`node --import`): says in one line what to do when this Node is too old.
// Plain JavaScript that Node 20 runs, because an old Node could not even read the TypeScript files.
const REQUIRED_MAJOR = 24;

if (Number(process.versions.node.split(".")[0]) < REQUIRED_MAJOR) {
  process.stderr.write(
    `countersign needs Node ${REQUIRED_MAJOR} or later and this is ${process.version}: ` +
      "run `npm ci` in the project folder (it brings Node 24 on Linux x64 and arm64) and start by " +
      "`npm start`, or install Node 24 from https://nodejs.org\n",
  );
  process.exit(1);
}
