import type { SshAdapter } from './adapter.js';
import { waitForBanner } from './banner/wait-for-banner.js';
import { quoteCommand } from './quote/quote-command.js';
import { connect } from './session.js';

export type * from './adapter.js';
export { type AgentConfig, agentSchema } from './schema.js';
export { connect, quoteCommand, waitForBanner };

export const adapter: SshAdapter = { waitForBanner, connect, quoteCommand };
