import type { SshAdapter } from './adapter.js';
import { greet, waitForBanner } from './banner/wait-for-banner.js';
import { quoteCommand } from './quote/quote-command.js';
import { connect } from './session.js';

export type * from './adapter.js';
export { type AgentConfig, agentSchema } from './schema.js';
export { connect, greet, quoteCommand, waitForBanner };

export const adapter: SshAdapter = { waitForBanner, greet, connect, quoteCommand };
