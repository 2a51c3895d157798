'use strict';
// The WebAssembly compiler of the npm package `solc`, speaking the native compiler's standard-JSON protocol.
const fs = require('fs');
const path = require('path');

// Node walks up to the workspace root's node_modules from here.
const solc = require(require.resolve('solc', { paths: [path.join(__dirname, '..')] }));
const args = process.argv.slice(2);

if (args.includes('--version')) {
  const version = solc.version().replace('Emscripten.clang', 'Linux.gcc');
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${version}`);
} else {
  const values = (name) => args.flatMap((arg, i) => (arg === name ? [args[i + 1]] : []));
  const roots = ['', ...values('--base-path'), ...values('--include-path'), process.cwd()];
  const findImport = (file) => {
    for (const root of roots) {
      const candidate = path.join(root, file);
      if (fs.existsSync(candidate)) return { contents: fs.readFileSync(candidate, 'utf8') };
    }
    return { error: `File not found: ${file}` };
  };
  process.stdout.write(solc.compile(fs.readFileSync(0, 'utf8'), { import: findImport }));
}
