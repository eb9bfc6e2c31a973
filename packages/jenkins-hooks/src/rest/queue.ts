import { z } from '@katavm/core/schema';

/** What waits. `buildable`: for nothing but an executor. */
export const queueSchema = z.object({ items: z.array(z.object({ buildable: z.boolean().default(false) })).default([]) });
