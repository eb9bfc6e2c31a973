/**
 * zod, in which every package writes its schemas. Its code is a part of this package's bundle (docs/decisions/bundles.md): Node takes
 * a third of a start to look up its hundred files.
 */
import { config } from 'zod';

// zod would write and compile a function for each schema that it checks something with. A command checks once.
config({ jitless: true });

export * as z from './zod.js';
