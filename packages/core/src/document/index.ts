export type { LineOf, Path } from './locate-lines.js';
export { suggest } from './suggest.js';
export { type Validation, validate } from './validate.js';
export { readYaml, type YamlDocument, type YamlReading } from './yaml-document.js';
