/** `import a, { b as c } from "node:x";`, as rolldown writes it. */
const builtinImport = /^import (?:([\w$]+),? )?(?:(\{[^}]*\}) )?from "(node:[\w/]+)";$/gm;

/**
 * Node's own modules are taken as what they are, not imported: whoever imports one has each of its properties read, and some load
 * more, which is a third of what a start of katavm takes. `node:util` loads a comparison of texts and opens stderr, `node:process` opens
 * stdin, `node:crypto` loads WebCrypto, `node:fs` its streams. A plugin for rolldown.
 */
export const leanBuiltins = {
  name: 'lean-builtins',
  renderChunk: (code) =>
    code.replace(builtinImport, (_, whole, parts, name) => {
      const module = `globalThis.process.getBuiltinModule("${name}")`; // one of them may be called process
      const names = parts?.replaceAll(' as ', ': ');
      if (!whole) return `const ${names} = ${module};`;
      return names ? `const ${whole} = ${module}, ${names} = ${whole};` : `const ${whole} = ${module};`;
    }),
};
