// Builds dist: ES modules with their types, and the same for CommonJS. The package also has the licence.
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import ts from 'typescript';

await rm('dist', { recursive: true, force: true });
try {
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc'], { stdio: 'inherit' });
} catch {
  process.exit(1); // tsc has said why
}
await cp('dist/esm', 'dist/cjs', { recursive: true, filter: (file) => !file.endsWith('.js') });
const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 };
for (const file of await readdir('src')) {
  const { outputText } = ts.transpileModule(await readFile(`src/${file}`, 'utf8'), { compilerOptions });
  await writeFile(`dist/cjs/${file.replace(/ts$/, 'js')}`, outputText);
}
await writeFile('dist/cjs/package.json', '{ "type": "commonjs" }\n');
await cp('../../LICENSE', 'LICENSE');
