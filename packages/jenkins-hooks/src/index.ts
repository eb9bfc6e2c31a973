export { hooksVersion } from './version.js';
